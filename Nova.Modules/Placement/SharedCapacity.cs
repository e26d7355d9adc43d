using Nova.Modules.Placement.Allocations;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>What one consumer takes of one provider, or (below 0) gives back, for the feeds.</summary>
internal sealed record CapacityChange(Tx Unit, PlacementStore Store, Guid ProviderId, Guid ConsumerId, IReadOnlyList<ResourceAmount> Resources)
{
    public bool? Holds { get; init; }

    public IReadOnlyDictionary<string, string>? ImageProperties { get; init; }
}

/// <summary>What shared claims and releases have in common.</summary>
internal static class SharedCapacity
{
    public static readonly IReadOnlyList<string> Tables = ["inventories", "consumers", "allocations", "resource_providers"];

    private static readonly RowsStatement RaiseBy = new(
        """
        UPDATE resource_providers SET generation = resource_providers.generation + v.column2, updated_at = v.column3 FROM {rows}
        WHERE resource_providers.id = v.column1
        RETURNING id, generation
        """, 3);

    /// <summary>The amounts by provider and class, in the order in which rows are locked.</summary>
    public static IEnumerable<ClassSum> PerClass(IEnumerable<Allocation> amounts)
    {
        var sums = new SortedDictionary<(Guid, string), ClassSum>(Order);
        foreach (var (_, provider, name, amount) in amounts)
            sums[(provider, name)] = sums.TryGetValue((provider, name), out var sum)
                ? sum with { Sum = sum.Sum + amount, Least = Math.Min(sum.Least, amount), Most = Math.Max(sum.Most, amount), Divisor = Gcd(sum.Divisor, amount) }
                : new(provider, name, amount, amount, amount, amount);
        return sums.Values;
    }

    /// <summary>
    /// Raises the generations of the providers, by one for each change, and tells the feeds as if the changes had come one after another.
    /// </summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="used">What is used after all changes.</param>
    /// <param name="changes">In the order of the units.</param>
    public static void Raise(Tx tx, Dictionary<(Guid Provider, string Class), long> used, IReadOnlyList<CapacityChange> changes)
    {
        var ofProvider = changes.GroupBy(c => c.ProviderId).ToDictionary(g => g.Key, g => g.ToList());
        var generations = RaiseBy.Many(
            tx, [.. ofProvider.OrderBy(p => p.Key).Select(p => (SqlValue[])[p.Key, p.Value.Count, changes[0].Store.Now])], row => (Provider: row.Uuid(0), Generation: row.Long(1)));
        foreach (var (provider, last) in generations)
        {
            // Backwards from the end, which is known.
            var generation = last;
            foreach (var change in Enumerable.Reverse(ofProvider[provider]))
            {
                var usage = new ProviderUsage(provider, generation--, change.ConsumerId, [.. change.Resources.Select(r => new ResourceAmount(r.Class, used[(provider, r.Class)]))])
                {
                    Holds = change.Holds, ImageProperties = change.ImageProperties,
                };
                change.Store.Tell(change.Unit, usage);
                foreach (var part in change.Resources)
                    used[(provider, part.Class)] -= part.Amount;
            }
        }
    }

    private static readonly Comparer<(Guid Provider, string Class)> Order = Comparer<(Guid Provider, string Class)>.Create(
        (a, b) => a.Provider.CompareTo(b.Provider) is not 0 and var order ? order : string.CompareOrdinal(a.Class, b.Class));

    private static long Gcd(long a, long b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }
}

/// <summary>What is taken of a class of a provider: the sum, the least and the most at once, and what divides all amounts.</summary>
internal readonly record struct ClassSum(Guid ProviderId, string Class, long Sum, long Least, long Most, long Divisor);
