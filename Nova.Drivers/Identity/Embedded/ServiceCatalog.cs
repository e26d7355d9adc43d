using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>The services that clients find through identity.</summary>
public sealed class ServiceCatalog(IEnumerable<CatalogService> services, IdentitySettings settings)
{
    private static readonly string[] Interfaces = ["public", "internal", "admin"];

    private readonly CatalogService[] _services = [.. services];

    /// <summary>As it stands in a token.</summary>
    public IEnumerable<object> InToken(RequestContext caller) => _services.Select(s => new
    {
        id = IdentityWire.IdOf("service/" + s.Type),
        type = s.Type,
        name = s.Name,
        endpoints = Interfaces.Select(i => new
        {
            id = IdentityWire.IdOf($"endpoint/{s.Type}/{i}"),
            @interface = i,
            region = settings.Region,
            region_id = settings.Region,
            url = Url(caller, s),
        }),
    });

    /// <summary>The services, as the list of services shows them.</summary>
    public IEnumerable<(string Id, CatalogService Service, object View)> Services(RequestContext caller) => _services.Select(s =>
    {
        var id = IdentityWire.IdOf("service/" + s.Type);
        return (id, s, (object)new { id, type = s.Type, name = s.Name, description = "", enabled = true, links = IdentityWire.Self(caller, "services/" + id) });
    });

    /// <summary>The endpoints, as the list of endpoints shows them.</summary>
    public IEnumerable<(string Id, string ServiceId, string Interface, object View)> Endpoints(RequestContext caller) =>
        from s in _services
        from i in Interfaces
        let id = IdentityWire.IdOf($"endpoint/{s.Type}/{i}")
        let serviceId = IdentityWire.IdOf("service/" + s.Type)
        select (id, serviceId, i, (object)new
        {
            id,
            service_id = serviceId,
            @interface = i,
            region = settings.Region,
            region_id = settings.Region,
            url = Url(caller, s),
            enabled = true,
            links = IdentityWire.Self(caller, "endpoints/" + id),
        });

    /// <summary>The only region.</summary>
    public object Region(RequestContext caller) =>
        new { id = settings.Region, description = "", parent_region_id = (string?)null, links = IdentityWire.Self(caller, "regions/" + settings.Region) };

    /// <summary>Its name.</summary>
    public string RegionName => settings.Region;

    private static string Url(RequestContext caller, CatalogService service) =>
        service.Url.StartsWith('/') ? caller.Link(service.Url) : service.Url;
}
