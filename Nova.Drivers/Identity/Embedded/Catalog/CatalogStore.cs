using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Catalog;

/// <summary>The tables <c>identity_regions</c>, <c>identity_services</c> and <c>identity_endpoints</c>.</summary>
internal static class CatalogStore
{
    public static Task<IReadOnlyList<Region>> Regions(Rows rows) =>
        rows.Query<Region>("SELECT id, description, parent_id FROM identity_regions ORDER BY id");

    public static Task<IReadOnlyList<Service>> Services(Rows rows) =>
        rows.Query<Service>("SELECT id, type, name, description, enabled FROM identity_services WHERE deleted_at IS NULL ORDER BY created_at, type, id");

    public static Task<IReadOnlyList<ServiceEndpoint>> Endpoints(Rows rows) => rows.Query<ServiceEndpoint>(
        "SELECT id, service_id, interface, region_id, url, enabled FROM identity_endpoints WHERE deleted_at IS NULL ORDER BY created_at, service_id, interface DESC, id");

    /// <summary>False when the id is taken.</summary>
    public static bool TryInsert(Tx tx, Region region, long now) => tx.Execute(
        "INSERT INTO identity_regions (id, description, parent_id, created_at) VALUES (@Id, @Description, @ParentId, @now) ON CONFLICT DO NOTHING",
        new { region.Id, region.Description, region.ParentId, now }) == 1;

    public static void Update(Tx tx, Region region) =>
        tx.Execute("UPDATE identity_regions SET description = @Description, parent_id = @ParentId WHERE id = @Id", region);

    public static void DeleteRegions(Tx tx, string[] ids) => tx.Execute($"DELETE FROM identity_regions WHERE {tx.Dialect.OneOf("id", "ids")}", new { ids });

    public static void Insert(Tx tx, Service service, long now) => tx.Execute(
        """
        INSERT INTO identity_services (id, type, name, description, enabled, created_at)
        VALUES (@Id, @Type, @Name, @Description, @Enabled, @now) ON CONFLICT DO NOTHING
        """,
        new { service.Id, service.Type, service.Name, service.Description, service.Enabled, now });

    public static void Update(Tx tx, Service service) =>
        tx.Execute("UPDATE identity_services SET type = @Type, name = @Name, description = @Description, enabled = @Enabled WHERE id = @Id", service);

    /// <summary>Its endpoints and limits go with it.</summary>
    public static void DeleteService(Tx tx, string id, bool isOwn, long now)
    {
        if (isOwn)
            tx.Execute("UPDATE identity_endpoints SET deleted_at = @now WHERE service_id = @id", new { id, now });
        tx.Execute(isOwn ? "UPDATE identity_services SET deleted_at = @now WHERE id = @id" : "DELETE FROM identity_services WHERE id = @id", new { id, now });
        tx.Execute("DELETE FROM identity_limits WHERE service_id = @id", new { id });
        tx.Execute("DELETE FROM identity_registered_limits WHERE service_id = @id", new { id });
    }

    public static void Insert(Tx tx, ServiceEndpoint endpoint, long now) => tx.Execute(
        """
        INSERT INTO identity_endpoints (id, service_id, interface, region_id, url, enabled, created_at)
        VALUES (@Id, @ServiceId, @Interface, @RegionId, @Url, @Enabled, @now) ON CONFLICT DO NOTHING
        """,
        new { endpoint.Id, endpoint.ServiceId, endpoint.Interface, endpoint.RegionId, endpoint.Url, endpoint.Enabled, now });

    public static void Update(Tx tx, ServiceEndpoint endpoint) => tx.Execute(
        "UPDATE identity_endpoints SET service_id = @ServiceId, interface = @Interface, region_id = @RegionId, url = @Url, enabled = @Enabled WHERE id = @Id", endpoint);

    public static void DeleteEndpoint(Tx tx, string id, bool isOwn, long now) => tx.Execute(
        isOwn ? "UPDATE identity_endpoints SET deleted_at = @now WHERE id = @id" : "DELETE FROM identity_endpoints WHERE id = @id", new { id, now });
}
