using Nova.Modules.Shared;

namespace Nova.Modules.Servers.List;

/// <summary>The words for true and false in filters, which are more than those in bodies.</summary>
internal static class Words
{
    private static readonly string[] True = ["1", "t", "true", "on", "y", "yes"];
    private static readonly string[] False = ["0", "f", "false", "off", "n", "no"];

    public static bool? Boolean(string text) => True.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) ? true
        : False.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase) ? false : null;

    public static Fault NotBoolean(string text)
    {
        var accepted = string.Join(", ", True.Concat(False).Order(StringComparer.Ordinal).Select(w => $"'{w}'"));
        return Fault.BadRequest($"Unrecognized value '{text}', acceptable values are: {accepted}");
    }
}
