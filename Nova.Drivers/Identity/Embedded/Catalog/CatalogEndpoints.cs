using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Catalog;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#service-catalog-and-endpoints</summary>
public sealed class CatalogEndpoints(Db database, ServiceCatalog catalog, Ids ids, TimeProvider time) : IEndpoints
{
    private static readonly string[] Interfaces = ["public", "internal", "admin"];

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/services", ListServices).AnyCaller();
        routes.Post("/v3/services", CreateService).AnyCaller();
        routes.Get("/v3/services/{id}", ShowService).AnyCaller();
        routes.Patch("/v3/services/{id}", UpdateService).AnyCaller();
        routes.Delete("/v3/services/{id}", DeleteService).AnyCaller();
        routes.Get("/v3/endpoints", ListEndpoints).AnyCaller();
        routes.Post("/v3/endpoints", CreateEndpoint).AnyCaller();
        routes.Get("/v3/endpoints/{id}", ShowEndpoint).AnyCaller();
        routes.Patch("/v3/endpoints/{id}", UpdateEndpoint).AnyCaller();
        routes.Delete("/v3/endpoints/{id}", DeleteEndpoint).AnyCaller();
    }

    private async Task<Answer> ListServices(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_services");
        var services = (await database.Read(CatalogStore.Services, ct)).Where(s => caller.Fits("type", s.Type) && caller.Fits("name", s.Name));
        return IdentityWire.List(caller, "services", services.Select(s => View(s, caller)));
    }

    private async Task<Answer> ShowService(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_service");
        return IdentityWire.One("service", View(await Service(caller.Route("id"), ct), caller));
    }

    private async Task<Answer> CreateService(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:create_service");
        var body = (await JsonBody.Read(caller, ct)).Object("service");
        var service = new Service
        {
            Id = ids.Next().ToString("N"),
            Type = body.Required("type"),
            Name = body.Text("name"),
            Description = body.Text("description", 65_535),
            Enabled = body.Bool("enabled") ?? true,
        };
        await Change((tx, now) => CatalogStore.Insert(tx, service, now), ct);
        return IdentityWire.One("service", View(service, caller), 201);
    }

    private async Task<Answer> UpdateService(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:update_service");
        var body = (await JsonBody.Read(caller, ct)).Object("service");
        var old = await Service(caller.Route("id"), ct);
        var service = old with
        {
            Type = body.Text("type") ?? old.Type,
            Name = body.Has("name") ? body.Text("name") : old.Name,
            Description = body.Has("description") ? body.Text("description", 65_535) : old.Description,
            Enabled = body.Bool("enabled") ?? old.Enabled,
        };
        await Change((tx, _) => CatalogStore.Update(tx, service), ct);
        return IdentityWire.One("service", View(service, caller));
    }

    private async Task<Answer> DeleteService(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:delete_service");
        var service = await Service(caller.Route("id"), ct);
        await Change((tx, now) => CatalogStore.DeleteService(tx, service.Id, catalog.IsOwn(service.Id), now), ct);
        return Answer.Empty();
    }

    private async Task<Answer> ListEndpoints(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_endpoints");
        var endpoints = (await database.Read(CatalogStore.Endpoints, ct))
            .Where(e => caller.Fits("service_id", e.ServiceId) && caller.Fits("interface", e.Interface) && caller.Fits("region_id", e.RegionId));
        return IdentityWire.List(caller, "endpoints", endpoints.Select(e => View(e, caller)));
    }

    private async Task<Answer> ShowEndpoint(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_endpoint");
        return IdentityWire.One("endpoint", View(await Endpoint(caller.Route("id"), ct), caller));
    }

    private async Task<Answer> CreateEndpoint(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:create_endpoint");
        var body = (await JsonBody.Read(caller, ct)).Object("endpoint");
        var endpoint = new ServiceEndpoint
        {
            Id = ids.Next().ToString("N"),
            ServiceId = body.Required("service_id"),
            Interface = Interface(caller, body.Required("interface")),
            RegionId = body.Text("region_id") ?? body.Text("region"),
            Url = body.Required("url", 2048),
            Enabled = body.Bool("enabled") ?? true,
        };
        EndpointUrls.Check(endpoint.Url);
        await Save(endpoint, body, CatalogStore.Insert, ct);
        return IdentityWire.One("endpoint", View(endpoint, caller), 201);
    }

    private async Task<Answer> UpdateEndpoint(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:update_endpoint");
        var body = (await JsonBody.Read(caller, ct)).Object("endpoint");
        var old = await Endpoint(caller.Route("id"), ct);
        var endpoint = old with
        {
            ServiceId = body.Text("service_id") ?? old.ServiceId,
            Interface = body.Text("interface") is { } side ? Interface(caller, side) : old.Interface,
            RegionId = body.Has("region_id") ? body.Text("region_id") : body.Text("region") ?? old.RegionId,
            Url = body.Text("url", 2048) ?? old.Url,
            Enabled = body.Bool("enabled") ?? old.Enabled,
        };

        // Clients send back what they were shown: an address of this service stays the one that follows its clients.
        if (endpoint.Url == ServiceCatalog.Shown(old.Url, caller))
            endpoint = endpoint with { Url = old.Url };
        else
            EndpointUrls.Check(endpoint.Url);
        await Save(endpoint, body, (tx, changed, _) => CatalogStore.Update(tx, changed), ct);
        return IdentityWire.One("endpoint", View(endpoint, caller));
    }

    private async Task<Answer> DeleteEndpoint(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:delete_endpoint");
        var endpoint = await Endpoint(caller.Route("id"), ct);
        await Change((tx, now) => CatalogStore.DeleteEndpoint(tx, endpoint.Id, catalog.IsOwn(endpoint.Id), now), ct);
        return Answer.Empty();
    }

    // A region that is named by "region", as old clients do, is made where there is none; one named by "region_id" must be there.
    private async Task Save(ServiceEndpoint endpoint, JsonBody body, Action<Tx, ServiceEndpoint, long> save, CancellationToken ct)
    {
        var (services, regions) = await database.Read(async rows => (await CatalogStore.Services(rows), await CatalogStore.Regions(rows)), ct);
        if (!services.Any(s => s.Id == endpoint.ServiceId))
            throw Fault.BadRequest($"Could not find service: {endpoint.ServiceId}.");
        var isNew = endpoint.RegionId is { } region && !regions.Any(r => r.Id == region);
        if (isNew && body.Text("region_id") is not null)
            throw Fault.BadRequest($"Could not find region: {endpoint.RegionId}.");
        await Change(
            (tx, now) =>
            {
                if (isNew)
                    CatalogStore.TryInsert(tx, new() { Id = endpoint.RegionId! }, now);
                save(tx, endpoint, now);
            },
            ct);
    }

    private Task Change(Action<Tx, long> change, CancellationToken ct) => database.Write(
        tx =>
        {
            change(tx, time.GetUtcNow().ToUnixTimeMilliseconds());
            tx.AfterCommit(catalog.Forget);
        },
        ct);

    private async Task<Service> Service(string id, CancellationToken ct) =>
        (await database.Read(CatalogStore.Services, ct)).FirstOrDefault(s => s.Id == id) ?? throw Fault.NotFound($"Could not find service: {id}.");

    private async Task<ServiceEndpoint> Endpoint(string id, CancellationToken ct) =>
        (await database.Read(CatalogStore.Endpoints, ct)).FirstOrDefault(e => e.Id == id) ?? throw Fault.NotFound($"Could not find endpoint: {id}.");

    private static string Interface(RequestContext caller, string asked) => Interfaces.Contains(asked)
        ? asked
        : throw caller.Surface.BadBody($"Invalid input for field 'interface': '{IdentityWire.Short(asked)}' is not one of ['admin', 'internal', 'public']");

    private static object View(Service service, RequestContext caller) => new
    {
        id = service.Id,
        type = service.Type,
        name = service.Name ?? "",
        description = service.Description ?? "",
        enabled = service.Enabled,
        links = IdentityWire.Self(caller, "services/" + service.Id),
    };

    private static object View(ServiceEndpoint endpoint, RequestContext caller) => new
    {
        id = endpoint.Id,
        service_id = endpoint.ServiceId,
        @interface = endpoint.Interface,
        region = endpoint.RegionId,
        region_id = endpoint.RegionId,
        url = ServiceCatalog.Shown(endpoint.Url, caller),
        enabled = endpoint.Enabled,
        links = IdentityWire.Self(caller, "endpoints/" + endpoint.Id),
    };
}
