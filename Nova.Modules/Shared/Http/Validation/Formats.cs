using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Nova.Modules.Shared.Http.Validation;

/// <summary>The named rules of the Compute API's schemas. Each looks at a string only.</summary>
public static partial class Formats
{
    private const string Printable = "printable characters. Can not start or end with whitespace.";
    private const string PrintableSomewhere = "printable characters with at least one non space character";
    private const string ZoneName = "printable characters except :.Can not start or end with whitespace.";
    private const string ZoneNameSomewhere = "printable characters except :, with at least one non space character";

    private static readonly Dictionary<string, Func<string, bool>> Tests = new(StringComparer.Ordinal)
    {
        ["ipv4"] = IsIpv4,
        ["ipv6"] = text => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !text.Contains('[', StringComparison.Ordinal),
        ["uuid"] = IsUuid,
        ["regex"] = IsRegex,
        ["date-time"] = IsTime,
        ["base64"] = IsBase64,
        ["cidr"] = IsCidr,
        ["uri"] = text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && !text.Contains(' ', StringComparison.Ordinal),
        ["name"] = text => IsPrintable(text, "") && IsTrimmed(text),
        ["name_with_leading_trailing_spaces"] = text => IsPrintable(text, "") && text.AsSpan().Trim().Length > 0,
        // The original's expression ends before a line break at the end.
        ["description"] = text => IsPrintable(text.EndsWith('\n') ? text[..^1] : text, ""),
        ["az_name"] = text => IsPrintable(text, ":") && IsTrimmed(text),
        ["az_name_with_leading_trailing_spaces"] = text => IsPrintable(text, ":") && text.AsSpan().Trim().Length > 0,
    };

    /// <summary>True when the text fits; an unknown format is a bug.</summary>
    public static bool Fits(string format, string text) => Tests[format](text);

    /// <summary>The sentence of a format that has its own, or null.</summary>
    public static string? SentenceOf(string format) => format switch
    {
        "name" => NameSentence(Printable),
        "name_with_leading_trailing_spaces" => NameSentence(PrintableSomewhere),
        "az_name" => NameSentence(ZoneName),
        "az_name_with_leading_trailing_spaces" => NameSentence(ZoneNameSomewhere),
        _ => null,
    };

    /// <summary>True for 32 hexadecimal digits, whatever dashes, braces and <c>urn:uuid:</c> stand around them.</summary>
    public static bool IsUuid(string text)
    {
        var digits = text.Replace("urn:", "", StringComparison.Ordinal).Replace("uuid:", "", StringComparison.Ordinal)
            .Trim('{', '}').Replace("-", "", StringComparison.Ordinal);
        return digits.Length == 32 && digits.All(char.IsAsciiHexDigit);
    }

    private static string NameSentence(string reason) => $"An invalid 'name' value was provided. The name must be: {reason}";

    // Only the basic plane counts as printable in the original's tables, so a surrogate is refused by its category.
    private static bool IsPrintable(string text, string except)
    {
        foreach (var c in text)
            if (except.Contains(c, StringComparison.Ordinal) || char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
                    or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                return false;

        return true;
    }

    private static bool IsTrimmed(string text) =>
        text.Length == 0 || (char.GetUnicodeCategory(text[0]) != UnicodeCategory.SpaceSeparator && char.GetUnicodeCategory(text[^1]) != UnicodeCategory.SpaceSeparator);

    private static bool IsIpv4(string text) =>
        text.Split('.') is { Length: 4 } parts && parts.All(p => p.Length is > 0 and <= 3 && p.All(char.IsAsciiDigit) && (p.Length == 1 || p[0] != '0') && byte.TryParse(p, out _));

    private static bool IsRegex(string text)
    {
        try
        {
            return text.Length > 0 && Regex.Match("", text, RegexOptions.None, TimeSpan.FromSeconds(1)) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsTime(string text) => IsoTime().IsMatch(text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static bool IsBase64(string text)
    {
        var packed = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        return Convert.TryFromBase64String(packed, new byte[packed.Length], out _);
    }

    private static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && !text.Any(char.IsWhiteSpace) && IPAddress.TryParse(text[..slash], out var address)
            && int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    [GeneratedRegex(@"^\d{4}(-\d{1,2}(-\d{1,2}([T ]\d{1,2}:?\d{2}(:?\d{2}([.,]\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?)?)?$")]
    private static partial Regex IsoTime();
}
