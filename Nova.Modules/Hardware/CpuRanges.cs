using System.Globalization;
using System.Text;

namespace Nova.Modules.Hardware;

/// <summary>Sets of processors as people write them: <c>0-3,8,^2</c>.</summary>
public static class CpuRanges
{
    /// <summary>No processor has a higher number.</summary>
    public const int Highest = 8191;

    /// <summary>The numbers of a text in order, without those behind <c>^</c>; null when it is no such text.</summary>
    public static IReadOnlyList<int>? TryParse(string text)
    {
        var (numbers, excluded) = (new SortedSet<int>(), new HashSet<int>());
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var isExcluded = part.StartsWith('^');
            var ends = part[(isExcluded ? 1 : 0)..].Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out var from) || !TryNumber(ends[^1], out var to) || from > to)
                return null;

            for (var number = from; number <= to; number++)
                _ = isExcluded ? excluded.Add(number) : numbers.Add(number);
        }

        numbers.ExceptWith(excluded);
        return [.. numbers];
    }

    /// <summary>As <see cref="TryParse"/>, where a text that only excludes means all others of so many processors.</summary>
    public static IReadOnlyList<int>? TryParseMask(string text, int count)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 0 && count > 0 && Array.TrueForAll(parts, part => part.StartsWith('^'))
            ? TryParse(string.Create(CultureInfo.InvariantCulture, $"0-{Math.Min(count - 1, Highest)},{text}"))
            : TryParse(text);
    }

    /// <summary>The shortest text of the numbers.</summary>
    public static string Format(IEnumerable<int> numbers)
    {
        var text = new StringBuilder();
        var sorted = numbers.Order().ToList();
        for (var i = 0; i < sorted.Count;)
        {
            var last = i;
            while (last + 1 < sorted.Count && sorted[last + 1] == sorted[last] + 1)
                last++;
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{sorted[i]}");
            if (last > i)
                text.Append(CultureInfo.InvariantCulture, $"-{sorted[last]}");
            i = last + 1;
        }

        return text.ToString();
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= Highest;
}
