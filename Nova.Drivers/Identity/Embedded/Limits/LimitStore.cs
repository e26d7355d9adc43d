using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Limits;

/// <summary>The tables <c>identity_registered_limits</c> and <c>identity_limits</c>.</summary>
internal static class LimitStore
{
    private const string RegisteredColumns = "id, service_id, region_id, resource_name, default_limit, description";
    private const string Columns = "id, project_id, domain_id, service_id, region_id, resource_name, resource_limit, description";

    public static Task<IReadOnlyList<RegisteredLimit>> Registered(Rows rows) =>
        rows.Query<RegisteredLimit>($"SELECT {RegisteredColumns} FROM identity_registered_limits ORDER BY service_id, region_id, resource_name");

    public static Task<IReadOnlyList<Limit>> All(Rows rows) =>
        rows.Query<Limit>($"SELECT {Columns} FROM identity_limits ORDER BY project_id, domain_id, service_id, region_id, resource_name");

    public static Task<IReadOnlyList<Limit>> OfProject(Rows rows, string projectId) =>
        rows.Query<Limit>($"SELECT {Columns} FROM identity_limits WHERE project_id = @projectId ORDER BY service_id, region_id, resource_name", new { projectId });

    public static Task<Limit?> Find(Rows rows, string id) => rows.Find<Limit>($"SELECT {Columns} FROM identity_limits WHERE id = @id", new { id });

    /// <summary>False when there is one for the same.</summary>
    public static bool TryInsert(Tx tx, RegisteredLimit limit) => tx.Execute(
        $"""
        INSERT INTO identity_registered_limits ({RegisteredColumns})
        VALUES (@Id, @ServiceId, @RegionId, @ResourceName, @DefaultLimit, @Description) ON CONFLICT DO NOTHING
        """,
        limit) == 1;

    public static void Update(Tx tx, RegisteredLimit limit) => tx.Execute(
        """
        UPDATE identity_registered_limits
        SET service_id = @ServiceId, region_id = @RegionId, resource_name = @ResourceName, default_limit = @DefaultLimit, description = @Description WHERE id = @Id
        """,
        limit);

    public static void DeleteRegistered(Tx tx, string id) => tx.Execute("DELETE FROM identity_registered_limits WHERE id = @id", new { id });

    /// <summary>True when a project or domain has a limit for the same.</summary>
    public static bool IsUsed(Tx tx, RegisteredLimit limit) => tx.Find<long>(
        "SELECT COUNT(*) FROM identity_limits WHERE service_id = @ServiceId AND region_id = @RegionId AND resource_name = @ResourceName", limit) > 0;

    /// <summary>True when the resource is registered.</summary>
    public static bool IsRegistered(Tx tx, Limit limit) => tx.Find<long>(
        "SELECT COUNT(*) FROM identity_registered_limits WHERE service_id = @ServiceId AND region_id = @RegionId AND resource_name = @ResourceName", limit) > 0;

    /// <summary>False when there is one for the same.</summary>
    public static bool TryInsert(Tx tx, Limit limit) => tx.Execute(
        $"""
        INSERT INTO identity_limits ({Columns})
        VALUES (@Id, @ProjectId, @DomainId, @ServiceId, @RegionId, @ResourceName, @ResourceLimit, @Description) ON CONFLICT DO NOTHING
        """,
        limit) == 1;

    public static void Update(Tx tx, Limit limit) =>
        tx.Execute("UPDATE identity_limits SET resource_limit = @ResourceLimit, description = @Description WHERE id = @Id", limit);

    public static bool Delete(Tx tx, string id) => tx.Execute("DELETE FROM identity_limits WHERE id = @id", new { id }) == 1;
}
