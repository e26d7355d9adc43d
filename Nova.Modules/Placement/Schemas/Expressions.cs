using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Nova.Modules.Placement.Schemas;

/// <summary>The regular expressions of schemas, each compiled once; they run in time linear to the text.</summary>
internal static class Expressions
{
    private static readonly ConcurrentDictionary<string, Regex> All = new(StringComparer.Ordinal);

    public static Regex Of(string expression) =>
        All.GetOrAdd(expression, e => new(e, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));

    public static int CountLowSurrogates(this ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var c in text)
            if (char.IsLowSurrogate(c))
                count++;
        return count;
    }
}
