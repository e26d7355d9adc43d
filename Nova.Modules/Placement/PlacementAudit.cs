using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>Counts again what the store keeps as sums.</summary>
public static class PlacementAudit
{
    /// <summary>Everything in which sums and allocations disagree; empty when all is well.</summary>
    public static async Task<IReadOnlyList<PlacementMismatch>> Recount(Rows rows) =>
    [
        .. await rows.Query<PlacementMismatch>(
            """
            SELECT i.provider_id AS provider_id, i.class AS class, i.used AS recorded, COALESCE(a.used, 0) AS counted
            FROM inventories i
            LEFT JOIN (SELECT provider_id, class, CAST(SUM(used) AS BIGINT) AS used FROM allocations GROUP BY provider_id, class) a
                ON a.provider_id = i.provider_id AND a.class = i.class
            WHERE i.used <> COALESCE(a.used, 0)
            """),
        .. await rows.Query<PlacementMismatch>(
            """
            SELECT a.provider_id AS provider_id, a.class AS class, CAST(0 AS BIGINT) AS recorded, CAST(SUM(a.used) AS BIGINT) AS counted
            FROM allocations a
            WHERE NOT EXISTS (SELECT 1 FROM inventories i WHERE i.provider_id = a.provider_id AND i.class = a.class)
            GROUP BY a.provider_id, a.class
            """),
    ];

    /// <summary>Consumers without an allocation, and those of allocations without a consumer; empty when all is well.</summary>
    public static Task<IReadOnlyList<Guid>> Strays(Rows rows) => rows.Query<Guid>(
        """
        SELECT c.id FROM consumers c
        WHERE NOT EXISTS (SELECT 1 FROM allocations a WHERE a.cell = c.cell AND a.consumer_id = c.id)
        UNION
        SELECT a.consumer_id FROM allocations a
        WHERE NOT EXISTS (SELECT 1 FROM consumers c WHERE c.cell = a.cell AND c.id = a.consumer_id)
        """);
}

/// <summary>A sum that does not equal its parts.</summary>
public sealed record PlacementMismatch
{
    /// <summary>The provider.</summary>
    public Guid ProviderId { get; init; }

    /// <summary>The resource class.</summary>
    public string Class { get; init; } = "";

    /// <summary>What the inventory says is used; 0 when there is no inventory.</summary>
    public long Recorded { get; init; }

    /// <summary>What the allocations add up to.</summary>
    public long Counted { get; init; }
}
