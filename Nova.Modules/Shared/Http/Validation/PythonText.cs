using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Nova.Modules.Shared.Http.Validation;

/// <summary>Writes JSON values as Python prints them, because the API's error sentences quote values so.</summary>
public static class PythonText
{
    /// <summary>As <c>str()</c>: a string is itself.</summary>
    public static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : Quoted(value);

    /// <summary>As <c>repr()</c>.</summary>
    public static string Quoted(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Quoted(value.GetString()!),
        JsonValueKind.Number => Number(value),
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Quoted))}]",
        JsonValueKind.Object => $"{{{string.Join(", ", Members(value).Select(m => $"{Quoted(m.Name)}: {Quoted(m.Value)}"))}}}",
        _ => "None",
    };

    /// <summary>A string as <c>repr()</c>: single quotes unless it holds one and no double quote.</summary>
    public static string Quoted(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var quoted = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var rune in text.EnumerateRunes())
            Append(quoted, rune, quote);
        return quoted.Append(quote).ToString();
    }

    /// <summary>A number that a rule names: integers without a fraction.</summary>
    public static string Number(double value) =>
        double.IsInteger(value) && Math.Abs(value) < 1e16 ? ((long)value).ToString(CultureInfo.InvariantCulture) : Float(value);

    /// <summary>The members of an object; of those with the same name the last, in the place of the first.</summary>
    public static IEnumerable<JsonProperty> Members(JsonElement value)
    {
        var last = new Dictionary<string, JsonProperty>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
            last[member.Name] = member;
        return last.Values;
    }

    private static string Number(JsonElement value)
    {
        var text = value.GetRawText();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? text : Float(value.GetDouble());
    }

    private static string Float(double value)
    {
        if (double.IsInteger(value) && Math.Abs(value) < 1e16)
            return value.ToString("F1", CultureInfo.InvariantCulture);

        return value.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
    }

    private static void Append(StringBuilder text, Rune rune, char quote)
    {
        if (rune.Value is '\\' || rune.Value == quote)
            text.Append('\\').Append(rune);
        else if (rune.Value is '\n' or '\r' or '\t')
            text.Append('\\').Append(rune.Value switch { '\n' => 'n', '\r' => 'r', _ => 't' });
        else if (rune.Value < 0x20 || rune.Value is >= 0x7f and < 0xa0 or 0xad)
            text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
        else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.SpaceSeparator && rune.Value != ' ')
            text.Append(CultureInfo.InvariantCulture, $"{(rune.Value < 0x100 ? $"\\x{rune.Value:x2}" : $"\\u{rune.Value:x4}")}");
        else
            text.Append(rune);
    }
}
