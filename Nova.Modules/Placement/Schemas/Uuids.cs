using System.Buffers;

namespace Nova.Modules.Placement.Schemas;

/// <summary>UUIDs as the original takes them: with or without dashes, in any case, in braces, or as a URN.</summary>
public static class Uuids
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>False when the text is no UUID in any of the accepted spellings.</summary>
    public static bool TryParse(string text, out Guid uuid)
    {
        var digits = text.Replace("urn:", "", StringComparison.Ordinal).Replace("uuid:", "", StringComparison.Ordinal).Trim('{', '}').Replace("-", "", StringComparison.Ordinal);
        uuid = default;
        return digits.Length == 32 && digits.AsSpan().IndexOfAnyExcept(Digits) < 0 && Guid.TryParseExact(digits, "N", out uuid);
    }

    /// <summary>The UUID of a text that was checked before.</summary>
    /// <exception cref="FormatException">It was not.</exception>
    public static Guid Parse(string text) =>
        TryParse(text, out var uuid) ? uuid : throw new FormatException($"{text} is no UUID.");
}
