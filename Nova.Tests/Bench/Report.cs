using System.Globalization;
using System.Text.Json.Nodes;

namespace Nova.Tests.Bench;

/// <summary>What a benchmark found, as a table and as one line of JSON.</summary>
internal sealed class Report(string bench)
{
    private readonly JsonObject _values = new() { ["bench"] = bench };

    /// <summary>Adds a figure, rounded to what can be told from noise; nothing is added for null.</summary>
    public Report Add(string key, double? value, int digits = 2)
    {
        if (value is { } figure && double.IsFinite(figure))
            _values[key] = Math.Round(figure, digits);
        return this;
    }

    /// <summary>A figure that was added, or null.</summary>
    public double? Of(string key) => (double?)_values[key];

    /// <summary>Adds a word.</summary>
    public Report Add(string key, string value)
    {
        _values[key] = value;
        return this;
    }

    /// <summary>Prints the table, and the JSON object as the last line.</summary>
    public void Print(TextWriter output)
    {
        var width = _values.Max(pair => pair.Key.Length);
        foreach (var (key, value) in _values)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{key.PadRight(width)}  {value,14}"));
        output.WriteLine(_values.ToJsonString());
    }
}
