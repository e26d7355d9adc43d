using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Catalog;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#regions</summary>
public sealed class RegionEndpoints(Db database, ServiceCatalog catalog, Ids ids, TimeProvider time) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/regions", List).AnyCaller();
        routes.Post("/v3/regions", Create).AnyCaller();
        routes.Get("/v3/regions/{id}", Show).AnyCaller();
        routes.Put("/v3/regions/{id}", Create).AnyCaller();
        routes.Patch("/v3/regions/{id}", Update).AnyCaller();
        routes.Delete("/v3/regions/{id}", Delete).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_regions");
        var regions = (await database.Read(CatalogStore.Regions, ct)).Where(r => caller.Fits("parent_region_id", r.ParentId));
        return IdentityWire.List(caller, "regions", regions.Select(r => View(r, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_region");
        return IdentityWire.One("region", View(Find(await database.Read(CatalogStore.Regions, ct), caller.Route("id")), caller));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:create_region");
        var body = (await JsonBody.Read(caller, ct)).Object("region");
        var (named, sent) = (caller.Http.Request.RouteValues["id"] as string, body.Text("id"));
        if (named is not null && sent is not null && named != sent)
            throw Fault.BadRequest($"Conflicting region IDs specified: \"{named}\" != \"{sent}\"");

        var region = new Region
        {
            Id = named ?? (sent is { Length: > 0 } ? sent : ids.Next().ToString("N")),
            Description = body.Text("description", 65_535) ?? "",
            ParentId = body.Text("parent_region_id"),
        };
        if (region.Id.Length > 255)
            throw caller.Surface.BadBody($"Invalid input for field 'id': '{IdentityWire.Short(region.Id)}' is too long");
        if (region.ParentId is { } parent)
            Find(await database.Read(CatalogStore.Regions, ct), parent);
        if (!await database.Write(tx => CatalogStore.TryInsert(tx, region, time.GetUtcNow().ToUnixTimeMilliseconds()), ct))
            throw Fault.Conflict($"Conflict occurred attempting to store region - Duplicate ID, {region.Id}.");
        return IdentityWire.One("region", View(region, caller), 201);
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:update_region");
        var body = (await JsonBody.Read(caller, ct)).Object("region");
        var all = await database.Read(CatalogStore.Regions, ct);
        var old = Find(all, caller.Route("id"));
        var region = old with
        {
            Description = body.Text("description", 65_535) ?? old.Description,
            ParentId = body.Has("parent_region_id") ? body.Text("parent_region_id") : old.ParentId,
        };
        for (var above = region.ParentId; above is not null; above = Find(all, above).ParentId)
            if (above == region.Id)
                throw Fault.BadRequest($"The specified parent region {region.ParentId} would create a circular region hierarchy.");
        await database.Write(tx => CatalogStore.Update(tx, region), ct);
        return IdentityWire.One("region", View(region, caller));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:delete_region");
        var (all, endpoints) = await database.Read(async rows => (await CatalogStore.Regions(rows), await CatalogStore.Endpoints(rows)), ct);
        var tree = Tree(all, Find(all, caller.Route("id")).Id);
        if (endpoints.Any(e => e.RegionId is { } region && tree.Contains(region)))
            throw Fault.Forbidden($"Unable to delete region {caller.Route("id")} because it or its child regions have associated endpoints.");
        await database.Write(
            tx =>
            {
                CatalogStore.DeleteRegions(tx, [.. tree]);
                tx.AfterCommit(catalog.Forget);
            },
            ct);
        return Answer.Empty();
    }

    private static HashSet<string> Tree(IReadOnlyList<Region> all, string root)
    {
        var tree = new HashSet<string> { root };
        while (all.Any(r => r.ParentId is { } parent && tree.Contains(parent) && tree.Add(r.Id)))
            continue;
        return tree;
    }

    private static Region Find(IReadOnlyList<Region> all, string id) => all.FirstOrDefault(r => r.Id == id) ?? throw Fault.NotFound($"Could not find region: {id}.");

    private static object View(Region region, RequestContext caller) => new
    {
        id = region.Id,
        description = region.Description,
        parent_region_id = region.ParentId,
        links = IdentityWire.Self(caller, "regions/" + Uri.EscapeDataString(region.Id)),
    };
}
