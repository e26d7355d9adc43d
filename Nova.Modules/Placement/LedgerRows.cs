using Nova.Modules.Placement.Providers;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>How a <see cref="Ledger"/> is read and written.</summary>
internal static class LedgerRows
{
    private const string InventoryColumns = "provider_id, class, total, reserved, min_unit, max_unit, step_size, allocation_ratio, used";

    private static readonly SizedStatement Inventories = new(count =>
        $"SELECT {InventoryColumns} FROM inventories WHERE provider_id IN {Bulk.List(1, count)} ORDER BY provider_id, class");

    private static readonly SizedStatement InventoriesForUpdate = new(count => $"{Inventories[count]} FOR UPDATE");

    private static readonly SizedStatement Providers = new(count =>
        $"SELECT {ProviderRows.Columns} FROM resource_providers p WHERE p.id IN {Bulk.List(1, count)} ORDER BY p.id");

    private static readonly SizedStatement ProvidersForUpdate = new(count => $"{Providers[count]} FOR UPDATE");

    private static readonly SizedStatement Traits = new(count =>
        $"SELECT provider_id, trait FROM provider_traits WHERE provider_id IN {Bulk.List(1, count)} ORDER BY provider_id, trait");

    private static readonly SizedStatement Aggregates = new(count =>
        $"SELECT provider_id, aggregate_id FROM provider_aggregates WHERE provider_id IN {Bulk.List(1, count)}");

    private static readonly SizedStatement Remove = new(count => $"DELETE FROM inventories WHERE (provider_id, class) IN (VALUES {Bulk.Rows(1, 2, count)})");

    private static readonly SizedStatement Add = new(count => $"INSERT INTO inventories ({InventoryColumns}) VALUES {Bulk.Rows(1, 9, count)}");

    private static readonly SizedStatement Change = new(count =>
        $"""
        UPDATE inventories SET
            total = v.column3, reserved = v.column4, min_unit = v.column5, max_unit = v.column6, step_size = v.column7, allocation_ratio = v.column8, used = v.column9
        FROM (VALUES {Bulk.Rows(1, 9, count)}) AS v
        WHERE inventories.provider_id = v.column1 AND inventories.class = v.column2
        """);

    private static readonly SizedStatement Use = new(count =>
        $"""
        UPDATE inventories SET used = v.column3 FROM (VALUES {Bulk.Rows(1, 3, count)}) AS v
        WHERE inventories.provider_id = v.column1 AND inventories.class = v.column2
        """);

    private static readonly SizedStatement Raise = new(count =>
        $"""
        UPDATE resource_providers SET generation = v.column2, updated_at = $1 FROM (VALUES {Bulk.Rows(2, 2, count)}) AS v
        WHERE resource_providers.id = v.column1
        """);

    public static List<(Guid ProviderId, Inventory Inventory)> LockInventories(Tx tx, SqlValue[] providerIds) => Bulk.Many(
        tx, tx.Dialect.ForUpdate.Length > 0 ? InventoriesForUpdate : Inventories, providerIds, row => (row.Uuid(0), ReadInventory(row, 1)));

    public static Task<List<Inventory>> InventoriesOf(Rows rows, Guid providerId) => rows.Many(Inventories[1], row => ReadInventory(row, 1), providerId);

    public static List<Provider> LockProviders(Tx tx, SqlValue[] ids) => Bulk.Many(
        tx, tx.Dialect.ForUpdate.Length > 0 ? ProvidersForUpdate : Providers, ids, ProviderRows.Read);

    public static ILookup<Guid, string> TraitsOf(Tx tx, IEnumerable<Guid> providerIds) =>
        Bulk.Many(tx, Traits, [.. providerIds.Select(id => (SqlValue)id)], row => (Id: row.Uuid(0), Trait: row.Text(1))).ToLookup(r => r.Id, r => r.Trait);

    public static ILookup<Guid, Guid> AggregatesOf(Tx tx, IEnumerable<Guid> providerIds) =>
        Bulk.Many(tx, Aggregates, [.. providerIds.Select(id => (SqlValue)id)], row => (Id: row.Uuid(0), Aggregate: row.Uuid(1))).ToLookup(r => r.Id, r => r.Aggregate);

    /// <summary>Reads class, total, reserved, min_unit, max_unit, step_size, allocation_ratio, used from a column on.</summary>
    public static Inventory ReadInventory(SqlRow row, int from) => new()
    {
        Class = row.Text(from),
        Total = row.Long(from + 1),
        Reserved = row.Long(from + 2),
        MinUnit = row.Long(from + 3),
        MaxUnit = row.Long(from + 4),
        StepSize = row.Long(from + 5),
        AllocationRatio = row.Double(from + 6),
        Used = row.Long(from + 7),
    };

    public static void Save(Tx tx, IReadOnlyList<Ledger.Account> accounts, long now)
    {
        Bulk.RunRows(tx, Remove, [.. Each(accounts, a => a.Removed, (id, name) => [id, name])]);
        Bulk.RunRows(tx, Add, [.. Each(accounts, a => a.Added, Values)]);
        Bulk.RunRows(tx, Change, [.. Each(accounts, a => a.Changed, Values)]);
        Bulk.RunRows(tx, Use, [.. Each(accounts, a => a.UsedOnly, (id, i) => [id, i.Class, i.Used])]);
        Bulk.RunRows(tx, Raise, [.. accounts.Where(a => a.IsRaised).Select(a => new SqlValue[] { a.Provider.Id, a.Provider.Generation })], now);
    }

    private static IEnumerable<SqlValue[]> Each<T>(IEnumerable<Ledger.Account> accounts, Func<Ledger.Account, IEnumerable<T>> part, Func<Guid, T, SqlValue[]> values) =>
        accounts.SelectMany(a => part(a).Select(item => values(a.Provider.Id, item)));

    private static SqlValue[] Values(Guid id, Inventory i) => [id, i.Class, i.Total, i.Reserved, i.MinUnit, i.MaxUnit, i.StepSize, i.AllocationRatio, i.Used];
}
