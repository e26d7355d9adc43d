using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Nova.Tests.Support;

/// <summary>The named formats of the published schemas, written from their descriptions alone: an oracle must not share code with what it judges.</summary>
internal static partial class SchemaFormats
{
    /// <summary>True when the text fits, or when the format asserts nothing.</summary>
    public static bool Fits(string format, string text) => format switch
    {
        "uuid" => Uuid().IsMatch(text.Replace("urn:", "", StringComparison.Ordinal).Replace("uuid:", "", StringComparison.Ordinal).Trim('{', '}').Replace("-", "", StringComparison.Ordinal)),
        "ipv4" => IsAddress(text, AddressFamily.InterNetwork) && text.Count(c => c == '.') == 3 && !LeadingZero().IsMatch(text),
        "ipv6" => IsAddress(text, AddressFamily.InterNetworkV6),
        "cidr" => text.Split('/') is [var address, var bits] && (IsAddress(address, AddressFamily.InterNetwork) || IsAddress(address, AddressFamily.InterNetworkV6))
            && byte.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= (address.Contains(':', StringComparison.Ordinal) ? 128 : 32),
        "regex" => IsRegex(text),
        "date-time" => DateTime().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        "base64" => Base64().IsMatch(WhiteSpace().Replace(text, "")) && WhiteSpace().Replace(text, "").Length % 4 == 0,
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0,
        "name" => Name(text, "", isTrimmed: true),
        "name_with_leading_trailing_spaces" => Name(text, "", isTrimmed: false),
        "az_name" => Name(text, ":", isTrimmed: true),
        "az_name_with_leading_trailing_spaces" => Name(text, ":", isTrimmed: false),
        "description" => (text.EndsWith('\n') ? text[..^1] : text).EnumerateRunes().All(IsPrintable),
        _ => true,
    };

    private static bool IsAddress(string text, AddressFamily family) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == family && text.All(c => char.IsAsciiHexDigit(c) || c is '.' or ':');

    private static bool Name(string text, string except, bool isTrimmed) =>
        text.EnumerateRunes().All(r => IsPrintable(r) && !except.Contains(r.ToString(), StringComparison.Ordinal))
        && (isTrimmed ? text.Length > 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) : text.Any(c => !char.IsWhiteSpace(c)));

    // The published expression lists the basic plane alone.
    private static bool IsPrintable(System.Text.Rune rune) => rune.IsBmp && System.Text.Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static bool IsRegex(string text)
    {
        try
        {
            return text.Length > 0 && new Regex(text, RegexOptions.None, TimeSpan.FromSeconds(1)) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex("^[0-9a-fA-F]{32}$")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"(^|\.)0[0-9]")]
    private static partial Regex LeadingZero();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$")]
    private static partial Regex DateTime();

    [GeneratedRegex("^[A-Za-z0-9+/]*={0,2}$")]
    private static partial Regex Base64();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
