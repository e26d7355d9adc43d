using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>Services, endpoints, the region and the domain: they follow from the configuration, so they are only read.</summary>
public sealed class CatalogEndpoints(ServiceCatalog catalog) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/services", (caller, _) => Admin(caller, "identity:list_services", () => IdentityWire.List(
            caller, "services", catalog.Services(caller)
                .Where(s => Fits(caller, "type", s.Service.Type) && Fits(caller, "name", s.Service.Name)).Select(s => s.View)))).AnyCaller();
        routes.Get("/v3/services/{id}", (caller, _) => Admin(caller, "identity:get_service", () => IdentityWire.One(
            "service", catalog.Services(caller).FirstOrDefault(s => s.Id == caller.Route("id")).View ?? throw Missing("service", caller)))).AnyCaller();
        routes.Get("/v3/endpoints", (caller, _) => Admin(caller, "identity:list_endpoints", () => IdentityWire.List(
            caller, "endpoints", catalog.Endpoints(caller)
                .Where(e => Fits(caller, "service_id", e.ServiceId) && Fits(caller, "interface", e.Interface) && Fits(caller, "region_id", catalog.RegionName))
                .Select(e => e.View)))).AnyCaller();
        routes.Get("/v3/endpoints/{id}", (caller, _) => Admin(caller, "identity:get_endpoint", () => IdentityWire.One(
            "endpoint", catalog.Endpoints(caller).FirstOrDefault(e => e.Id == caller.Route("id")).View ?? throw Missing("endpoint", caller)))).AnyCaller();
        routes.Get("/v3/regions", (caller, _) => Task.FromResult(IdentityWire.List(caller, "regions", [catalog.Region(caller)]))).AnyCaller();
        routes.Get("/v3/regions/{id}", (caller, _) => Task.FromResult(IdentityWire.One(
            "region", caller.Route("id") == catalog.RegionName ? catalog.Region(caller) : throw Missing("region", caller)))).AnyCaller();
        routes.Get("/v3/domains", (caller, _) => Admin(caller, "identity:list_domains", () => IdentityWire.List(
            caller, "domains", Fits(caller, "name", "Default") ? [IdentityWire.Domain(caller)] : []))).AnyCaller();
        routes.Get("/v3/domains/{id}", (caller, _) => Task.FromResult(IdentityWire.One(
            "domain", caller.Route("id") == "default" ? IdentityWire.Domain(caller) : throw Missing("domain", caller)))).AnyCaller();
    }

    private static Task<Answer> Admin(RequestContext caller, string action, Func<Answer> answer) =>
        caller.Caller.HasRole("admin") ? Task.FromResult(answer()) : throw IdentitySurface.NotAllowed(action);

    private static bool Fits(RequestContext caller, string parameter, string value) => caller.Query(parameter) is not { } wanted || wanted == value;

    private static Fault Missing(string what, RequestContext caller) => Fault.NotFound($"Could not find {what}: {caller.Route("id")}.");
}
