using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Aggregates;

/// <summary>Which providers are in which aggregates. An aggregate of Placement is nothing but its id.</summary>
internal static class AggregateRows
{
    private static readonly SizedStatement Add = new(count => $"INSERT INTO provider_aggregates (provider_id, aggregate_id) VALUES {Bulk.Rows(1, 2, count)}");

    private static readonly SizedStatement Remove = new(count => $"DELETE FROM provider_aggregates WHERE (provider_id, aggregate_id) IN (VALUES {Bulk.Rows(1, 2, count)})");

    /// <summary>The aggregates of a provider.</summary>
    public static Task<List<Guid>> Of(Rows rows, Guid providerId) =>
        rows.Many("SELECT aggregate_id FROM provider_aggregates WHERE provider_id = $1 ORDER BY aggregate_id", row => row.Uuid(0), providerId);

    /// <summary>The provider is in these aggregates and no others; true when that is a change.</summary>
    public static bool Replace(Tx tx, Guid providerId, IReadOnlyCollection<Guid> aggregates)
    {
        var present = tx.Many("SELECT aggregate_id FROM provider_aggregates WHERE provider_id = $1", row => row.Uuid(0), providerId);
        Guid[] added = [.. aggregates.Except(present)];
        Guid[] removed = [.. present.Except(aggregates)];
        Bulk.RunRows(tx, Remove, [.. removed.Select(id => new SqlValue[] { providerId, id })]);
        Bulk.RunRows(tx, Add, [.. added.Select(id => new SqlValue[] { providerId, id })]);
        return added.Length + removed.Length > 0;
    }
}
