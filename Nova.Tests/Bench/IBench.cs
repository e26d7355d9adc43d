namespace Nova.Tests.Bench;

/// <summary>One benchmark of bench.sh.</summary>
public interface IBench
{
    /// <summary>What is typed after <c>./bench.sh</c>.</summary>
    string Name { get; }

    /// <summary>Its options with defaults and meaning, one a line.</summary>
    string Options { get; }

    /// <summary>Runs it; prints a table for people and, as its last line, one JSON object.</summary>
    Task Run(BenchOptions options, TextWriter output);
}

/// <summary>The options of a run: <c>--name value</c>, or <c>--name</c> alone for what is on or off.</summary>
public sealed class BenchOptions(IReadOnlyDictionary<string, string> values)
{
    private const string On = "true";

    /// <summary>Reads the options.</summary>
    /// <exception cref="FormatException">Something else was given.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!IsName(arguments[i]))
                throw new FormatException($"'{arguments[i]}' is not an option.");
            values[arguments[i][2..]] = i + 1 < arguments.Count && !IsName(arguments[i + 1]) ? arguments[++i] : On;
        }

        return new(values);
    }

    /// <summary>Refuses options that a benchmark's own list does not begin a line with.</summary>
    /// <exception cref="FormatException">There is one.</exception>
    public void RefuseUnknown(string known)
    {
        var names = known.Split('\n').Select(line => line.Trim().Split(' ')[0]).ToHashSet();
        if (values.Keys.FirstOrDefault(name => !names.Contains($"--{name}")) is { } unknown)
            throw new FormatException($"--{unknown} is not an option of this benchmark; it has {string.Join(", ", names.Where(name => name.Length > 0))}.");
    }

    /// <summary>A number, or its default.</summary>
    public int Number(string name, int otherwise) =>
        values.TryGetValue(name, out var text) ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : otherwise;

    /// <summary>A word, or its default.</summary>
    public string Text(string name, string otherwise) => values.GetValueOrDefault(name, otherwise);

    /// <summary>A word, or null.</summary>
    public string? Text(string name) => values.GetValueOrDefault(name);

    /// <summary>True when the option was given.</summary>
    public bool IsOn(string name) => values.GetValueOrDefault(name) == On;

    private static bool IsName(string argument) => argument.StartsWith("--", StringComparison.Ordinal);
}
