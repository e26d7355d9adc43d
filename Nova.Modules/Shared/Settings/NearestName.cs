namespace Nova.Modules.Shared.Settings;

/// <summary>Finds what was probably meant.</summary>
public static class NearestName
{
    /// <summary>The known name with the fewest changes, or null when none is near.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        var best = known.Select(candidate => (candidate, distance: Distance(name, candidate))).OrderBy(pair => pair.distance).FirstOrDefault();
        return best.candidate is not null && best.distance <= Math.Max(2, best.candidate.Length / 3) ? best.candidate : null;
    }

    /// <summary>Levenshtein's distance: how many characters are inserted, removed or replaced.</summary>
    private static int Distance(string from, string to)
    {
        var previous = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var current = new int[to.Length + 1];
            current[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = previous[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[^1];
    }
}
