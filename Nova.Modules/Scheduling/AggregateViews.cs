using System.Globalization;
using System.Numerics;

namespace Nova.Modules.Scheduling;

/// <summary>Sets of hosts and columns that follow from the metadata of aggregates; values are lists separated by commas.</summary>
internal static class AggregateViews
{
    /// <summary>Adds the hosts of every aggregate that a condition names.</summary>
    public static BitSet HostsOf(this Picture picture, Func<AggregateState, bool> condition)
    {
        var hosts = new BitSet();
        foreach (var aggregate in picture.Aggregates.Values)
            if (condition(aggregate))
                hosts.Or(picture.InAggregate(aggregate.Id));
        return hosts;
    }

    /// <summary>The values of a key; empty when the aggregate has not the key.</summary>
    public static string[] Values(this AggregateState aggregate, string key) =>
        aggregate.Metadata.TryGetValue(key, out var text) ? Split(text) : [];

    /// <summary>The values of all keys that begin so (<c>filter_tenant_id</c>, <c>filter_tenant_id2</c> …).</summary>
    public static IEnumerable<string> ValuesOfAll(this AggregateState aggregate, string prefix) =>
        aggregate.Metadata.Where(m => m.Key.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(m => Split(m.Value));

    /// <summary>
    /// Fills a column with the smallest number that the aggregates of each host say for a key, and a default for the others;
    /// false when no aggregate has the key, and then nothing was filled.
    /// </summary>
    public static bool Fill<T>(this Picture picture, string key, T otherwise, Span<T> column) where T : struct, INumber<T>
    {
        var isAny = false;
        var seen = new BitSet();
        foreach (var aggregate in picture.Aggregates.Values)
        {
            if (!aggregate.Metadata.TryGetValue(key, out var text) || !T.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                continue;

            if (!isAny)
                column.Fill(otherwise);
            isAny = true;
            var hosts = picture.InAggregate(aggregate.Id);
            for (var slot = hosts.Next(0); slot >= 0; slot = hosts.Next(slot + 1))
            {
                column[slot] = seen[slot] ? T.Min(column[slot], value) : value;
                seen[slot] = true;
            }
        }

        return isAny;
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
