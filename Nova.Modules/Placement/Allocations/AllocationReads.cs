using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Allocations;

/// <summary>An allocation with what answers show of its consumer and provider.</summary>
internal sealed record HeldAllocation(Allocation Allocation, long ProviderGeneration, Consumer Consumer, long UpdatedAt);

/// <summary>The rows of allocations, for answers.</summary>
internal static class AllocationReads
{
    private const string Columns =
        """
        SELECT a.consumer_id, a.provider_id, a.class, a.used, p.generation, c.generation, c.project_id, c.user_id, c.type, c.updated_at
        FROM allocations a
        JOIN consumers c ON c.cell = a.cell AND c.id = a.consumer_id
        JOIN resource_providers p ON p.id = a.provider_id
        """;

    /// <summary>What a consumer holds.</summary>
    public static Task<List<HeldAllocation>> OfConsumer(Rows rows, Guid consumerId) =>
        rows.Many($"{Columns} WHERE a.cell = 0 AND a.consumer_id = $1 ORDER BY a.provider_id, a.class", Read, consumerId);

    /// <summary>What is held of a provider.</summary>
    public static Task<List<HeldAllocation>> OfProvider(Rows rows, Guid providerId) =>
        rows.Many($"{Columns} WHERE a.provider_id = $1 ORDER BY a.consumer_id, a.class", Read, providerId);

    private static HeldAllocation Read(SqlRow row) => new(
        new(row.Uuid(0), row.Uuid(1), row.Text(2), row.Long(3)),
        row.Long(4),
        new(row.Uuid(0), row.Long(5), row.Text(6), row.Text(7), row.TextOrNull(8)),
        row.Long(9));
}
