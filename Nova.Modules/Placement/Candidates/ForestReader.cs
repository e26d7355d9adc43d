using Nova.Modules.Placement.Traits;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Candidates;

/// <summary>
/// Reads trees from the database with one statement, which is consistent by itself: providers, inventories, traits and
/// aggregates are rows of the same shape, told apart by their first column.
/// </summary>
internal static class ForestReader
{
    private const int ProviderPart = 0;
    private const int InventoryPart = 1;
    private const int TraitPart = 2;
    private const int AggregatePart = 3;

    private static readonly string Everything = Statement("", "");

    private static readonly SizedStatement Some = new(count => Statement(
        $"WHERE root_id IN (SELECT root_id FROM resource_providers WHERE id IN {Bulk.List(1, count)})",
        $"WHERE provider_id IN (SELECT id FROM resource_providers WHERE root_id IN (SELECT root_id FROM resource_providers WHERE id IN {Bulk.List(1, count)}))"));

    /// <summary>All trees.</summary>
    public static async Task<List<Tree>> All(Rows rows, Names names)
    {
        var parts = new Parts(names);
        await rows.Many(Everything, parts.Add);
        return parts.Trees();
    }

    /// <summary>The trees that the providers are in now; a provider that is gone is in none.</summary>
    /// <param name="rows">A read.</param>
    /// <param name="names">Where names get their numbers.</param>
    /// <param name="providers">At most <see cref="Bulk.MostKeys"/>.</param>
    public static async Task<List<Tree>> Of(Rows rows, Names names, IReadOnlyCollection<Guid> providers)
    {
        var parts = new Parts(names);
        await Bulk.Many(rows, Some, [.. providers.Select(id => (SqlValue)id)], parts.Add);
        return parts.Trees();
    }

    private static string Statement(string whereProvider, string wherePart) =>
        $"""
        SELECT {ProviderPart}, id, parent_id, root_id, '', 0, 0, 0, 0, 0, 0, CAST(0 AS DOUBLE PRECISION) FROM resource_providers {whereProvider}
        UNION ALL
        SELECT {InventoryPart}, provider_id, NULL, NULL, class, total, reserved, min_unit, max_unit, step_size, used, allocation_ratio FROM inventories {wherePart}
        UNION ALL
        SELECT {TraitPart}, provider_id, NULL, NULL, trait, 0, 0, 0, 0, 0, 0, 0 FROM provider_traits {wherePart}
        UNION ALL
        SELECT {AggregatePart}, provider_id, aggregate_id, NULL, '', 0, 0, 0, 0, 0, 0, 0 FROM provider_aggregates {wherePart}
        """;

    /// <summary>Rows on their way to trees.</summary>
    private sealed class Parts(Names names)
    {
        private readonly List<ProviderRow> _providers = [];
        private readonly Dictionary<Guid, List<Stock>> _stocks = [];
        private readonly Dictionary<Guid, List<string>> _traits = [];
        private readonly Dictionary<Guid, List<int>> _aggregates = [];

        /// <summary>Takes a row in.</summary>
        public bool Add(SqlRow row) => row.Int(0) switch
        {
            ProviderPart => Add(new ProviderRow(row.Uuid(1), row.UuidOrNull(2), row.Uuid(3))),
            InventoryPart => Add(_stocks, row.Uuid(1), StockOf(row)),
            TraitPart => Add(_traits, row.Uuid(1), row.Text(4)),
            _ => Add(_aggregates, row.Uuid(1), names.AddAggregate(row.Uuid(2))),
        };

        /// <summary>The trees of the providers that were read, in the order of their roots' ids.</summary>
        public List<Tree> Trees() => [.. _providers.GroupBy(p => p.Root).OrderBy(tree => tree.Key).Select(TreeOf)];

        // By parents, then by id: the same everywhere, whatever order the rows came in.
        private Tree TreeOf(IGrouping<Guid, ProviderRow> rows)
        {
            var children = rows.Where(p => p.Parent is not null).OrderBy(p => p.Id).ToLookup(p => p.Parent);
            var (providers, parents) = (new List<Provider>(), new List<int>());
            var waiting = new Queue<(ProviderRow Row, int Parent)>([(rows.Single(p => p.Parent is null), -1)]);
            while (waiting.TryDequeue(out var next))
            {
                foreach (var child in children[next.Row.Id])
                    waiting.Enqueue((child, providers.Count));
                providers.Add(ProviderOf(next.Row));
                parents.Add(next.Parent);
            }

            return new([.. providers], [.. parents]);
        }

        private Provider ProviderOf(ProviderRow row) => new(
            row.Id,
            row.Parent,
            _stocks.TryGetValue(row.Id, out var stocks) ? [.. stocks.OrderBy(s => s.Class)] : [],
            names.AddTraits(_traits.TryGetValue(row.Id, out var traits) ? [.. traits.OrderBy(IsCustom).ThenBy(name => name, StringComparer.Ordinal)] : []),
            _aggregates.TryGetValue(row.Id, out var aggregates) ? [.. aggregates.Order()] : []);

        // Standard traits are older than all others, and the original lists them first.
        private static bool IsCustom(string trait) => trait.StartsWith(StandardTraits.CustomPrefix, StringComparison.Ordinal);

        private Stock StockOf(SqlRow row)
        {
            var inventory = new Inventory { Class = row.Text(4), Total = row.Long(5), Reserved = row.Long(6), MaxUnit = row.Long(8), AllocationRatio = row.Double(11) };
            return new(names.AddClass(inventory.Class), inventory.Capacity, row.Long(10), row.Long(7), inventory.MaxUnit, row.Long(9));
        }

        private bool Add(ProviderRow provider)
        {
            _providers.Add(provider);
            return true;
        }

        private static bool Add<T>(Dictionary<Guid, List<T>> all, Guid provider, T part)
        {
            if (!all.TryGetValue(provider, out var parts))
                all.Add(provider, parts = []);
            parts.Add(part);
            return true;
        }
    }

    private readonly record struct ProviderRow(Guid Id, Guid? Parent, Guid Root);
}
