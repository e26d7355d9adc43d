using System.Globalization;
using System.Text.Json;

namespace Nova.Modules.Scheduling;

/// <summary>
/// The comparisons that extra specs and metadata may ask for: a word in front of the value (<c>&gt;= 4</c>,
/// <c>s== x</c>, <c>&lt;in&gt; avx</c>, <c>&lt;all-in&gt; aes mmx</c>, <c>&lt;or&gt; a &lt;or&gt; b</c>), or none for equality of texts.
/// </summary>
internal sealed class Operators
{
    private readonly string _whole;
    private readonly string[] _words;
    private readonly string _operator;

    private Operators(string wanted)
    {
        (_whole, _words) = (wanted, wanted.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        _operator = _words.Length > 0 && IsOperator(_words[0]) ? _words[0] : "";
    }

    /// <summary>The condition that a text says.</summary>
    public static Operators Of(string wanted) => new(wanted);

    /// <summary>Whether a value meets it; a value that is a JSON list has elements for <c>&lt;in&gt;</c> and <c>&lt;all-in&gt;</c>.</summary>
    public bool Matches(string value)
    {
        if (_operator.Length == 0)
            return value == _whole;
        if (_operator == "<or>")
            return _words.Where((_, i) => i % 2 == 1).Contains(value);
        if (_words.Length < 2)
            return false;

        var operand = _words[1];
        return _operator switch
        {
            "<in>" => ElementsOf(value)?.Contains(operand) ?? value.Contains(operand, StringComparison.Ordinal),
            "<all-in>" => ElementsOf(value) is { } elements
                ? Array.TrueForAll(_words[1..], elements.Contains)
                : Array.TrueForAll(_words[1..], word => value.Contains(word, StringComparison.Ordinal)),
            ['s', ..] => Compare(_operator[1..], string.CompareOrdinal(value, operand)),
            _ => Number(value) is { } left && Number(operand) is { } right && Compare(_operator == "=" ? ">=" : _operator, left.CompareTo(right)),
        };
    }

    private static bool IsOperator(string word) => word is
        "=" or "==" or "!=" or ">=" or "<=" or "s==" or "s!=" or "s<" or "s<=" or "s>" or "s>=" or "<in>" or "<all-in>" or "<or>";

    private static bool Compare(string how, int order) => how switch
    {
        "==" => order == 0,
        "!=" => order != 0,
        ">=" => order >= 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order < 0,
    };

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static HashSet<string>? ElementsOf(string value)
    {
        if (!value.StartsWith('['))
            return null;

        try
        {
            using var list = JsonDocument.Parse(value);
            return [.. list.RootElement.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : e.GetRawText())];
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
