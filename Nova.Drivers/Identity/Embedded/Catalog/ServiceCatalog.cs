using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Catalog;

/// <summary>The services that clients find through identity. Each start adds those that this program serves itself.</summary>
public sealed class ServiceCatalog(Db database, IEnumerable<CatalogService> own, IdentitySettings settings, TimeProvider time)
{
    private static readonly string[] Interfaces = ["public", "internal", "admin"];

    private readonly Remembered<string, Known> _known = new(time);

    /// <summary>The id that a service of this program has in every installation.</summary>
    public static string IdOf(string type) => IdentityWire.IdOf("service/" + type);

    /// <summary>Adds what the program serves; what an administrator removed does not come back.</summary>
    public void AddOwn(Tx tx, long now)
    {
        CatalogStore.TryInsert(tx, new() { Id = settings.Region }, now);
        foreach (var service in own)
        {
            CatalogStore.Insert(tx, new Service { Id = IdOf(service.Type), Type = service.Type, Name = service.Name, Description = "" }, now);
            foreach (var side in Interfaces)
                CatalogStore.Insert(tx, new ServiceEndpoint { Id = EndpointId(service.Type, side), ServiceId = IdOf(service.Type), Interface = side, RegionId = settings.Region, Url = service.Url }, now);
        }
    }

    /// <summary>True for a service or an endpoint that this program adds at each start.</summary>
    public bool IsOwn(string id) => own.Any(service => id == IdOf(service.Type) || Interfaces.Any(side => id == EndpointId(service.Type, side)));

    /// <summary>The catalog as a token has it.</summary>
    public async Task<IEnumerable<object>> For(RequestContext caller, string? projectId, string userId, CancellationToken ct)
    {
        var known = (await _known.Get("", (_, token) => database.Read<Known?>(async rows => new(await CatalogStore.Services(rows), await CatalogStore.Endpoints(rows)), token), ct))!;
        var endpoints = known.Endpoints.Where(e => e.Enabled).ToLookup(e => e.ServiceId);
        return known.Services.Where(s => s.Enabled).Select(service => (object)new
        {
            id = service.Id,
            type = service.Type,
            name = service.Name ?? "",
            endpoints = endpoints[service.Id].Select(e => (Endpoint: e, Url: EndpointUrls.Fill(e.Url, projectId, userId))).Where(e => e.Url is not null).Select(e => new
            {
                id = e.Endpoint.Id,
                @interface = e.Endpoint.Interface,
                region = e.Endpoint.RegionId,
                region_id = e.Endpoint.RegionId,
                url = Shown(e.Url!, caller),
            }).ToList(),
        });
    }

    /// <summary>An url as a client may use it.</summary>
    public static string Shown(string url, RequestContext caller) => url.StartsWith('/') ? caller.Link(url) : url;

    /// <summary>Something changed: to be called after the commit.</summary>
    public void Forget() => _known.Forget();

    private static string EndpointId(string type, string side) => IdentityWire.IdOf($"endpoint/{type}/{side}");

    private sealed record Known(IReadOnlyList<Service> Services, IReadOnlyList<ServiceEndpoint> Endpoints);
}
