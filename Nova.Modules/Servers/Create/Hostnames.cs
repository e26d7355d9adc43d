using System.Globalization;
using System.Text;

namespace Nova.Modules.Servers.Create;

/// <summary>The host name of a guest, as the original derives it from the display name.</summary>
public static class Hostnames
{
    private const int MaxLength = 63;

    /// <summary>The requested host name (with a suffix for one of several), or one made of the name, or <c>Server-UUID</c>.</summary>
    public static string For(string? requested, string name, Guid serverId, string suffix)
    {
        if (requested is not null)
            return requested + suffix;

        var clean = Sanitize(name);
        return clean.Length > 0 ? clean : string.Create(CultureInfo.InvariantCulture, $"Server-{serverId}");
    }

    // Blanks and underscores become hyphens, everything else outside [a-z0-9.-] goes, as do edges of dots and hyphens.
    private static string Sanitize(string name)
    {
        var clean = new StringBuilder(name.Length);
        foreach (var c in name)
            if (c is ' ' or '_')
                clean.Append('-');
            else if (char.IsAsciiLetterOrDigit(c) || c is '.' or '-')
                clean.Append(char.ToLowerInvariant(c));

        var text = clean.ToString().Trim('.', '-');
        return text.Length > MaxLength ? text[..MaxLength].TrimEnd('.', '-') : text;
    }
}
