using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Usages;

/// <summary>What consumers of one type use of a class; the type of clients before 1.38 is null.</summary>
internal sealed record TypeUsage(string? Type, string Class, long Amount);

/// <summary>How many consumers of one type there are.</summary>
internal sealed record TypeCount(string? Type, long Count);

/// <summary>Sums over allocations.</summary>
internal static class UsageRows
{
    /// <summary>What is used of each inventory of a provider.</summary>
    public static Task<List<ResourceAmount>> OfProvider(Rows rows, Guid providerId) =>
        rows.Many("SELECT class, used FROM inventories WHERE provider_id = $1 ORDER BY class", row => new ResourceAmount(row.Text(0), row.Long(1)), providerId);

    /// <summary>What a project uses, by class, as a unit of work sees it.</summary>
    public static List<ResourceAmount> ByClass(Tx tx, string projectId) => tx.Many(
        """
        SELECT a.class, CAST(SUM(a.used) AS BIGINT)
        FROM consumers c JOIN allocations a ON a.cell = c.cell AND a.consumer_id = c.id
        WHERE c.project_id = $1
        GROUP BY a.class
        """,
        row => new ResourceAmount(row.Text(0), row.Long(1)), projectId);

    /// <summary>What a project (and user) uses, by type and class, and how many consumers there are by type.</summary>
    public static async Task<(List<TypeUsage> Used, List<TypeCount> Consumers)> OfProject(Rows rows, string projectId, string? userId)
    {
        var user = userId is null ? "" : "AND c.user_id = $2";
        SqlValue[] values = userId is null ? [projectId] : [projectId, userId];
        var used = await rows.Many(
            $"""
            SELECT c.type, a.class, CAST(SUM(a.used) AS BIGINT)
            FROM consumers c JOIN allocations a ON a.cell = c.cell AND a.consumer_id = c.id
            WHERE c.project_id = $1 {user}
            GROUP BY c.type, a.class
            """,
            row => new TypeUsage(row.TextOrNull(0), row.Text(1), row.Long(2)), values);
        var consumers = await rows.Many(
            $"SELECT c.type, COUNT(*) FROM consumers c WHERE c.project_id = $1 {user} GROUP BY c.type",
            row => new TypeCount(row.TextOrNull(0), row.Long(1)), values);
        return (used, consumers);
    }
}
