using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Services;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.AvailabilityZones;

/// <summary>https://docs.openstack.org/api-ref/compute/#availability-zones-os-availability-zone. A zone is there while it has hosts, and available while one of them is enabled.</summary>
public sealed class ZoneEndpoints(ServiceService services) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-availability-zone", List).Requires("os_compute_api:os-availability-zone:list");
        routes.Get("/os-availability-zone/detail", Detail).Requires("os_compute_api:os-availability-zone:detail");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ZoneQuery>();
        return Answer.Json(new ZoneListResponse([.. (await Zones(ct)).Select(z => new ZoneView(z.Key, new(IsAvailable(z)), null))]));
    }

    private async Task<Answer> Detail(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ZoneQuery>();
        return Answer.Json(new ZoneListResponse([.. (await Zones(ct)).Select(z => new ZoneView(z.Key, new(IsAvailable(z)), IsAvailable(z) ? Hosts(z) : null))]));
    }

    // Available ones first, as the original lists them.
    private async Task<IEnumerable<IGrouping<string, Service>>> Zones(CancellationToken ct) =>
        (await services.List(null, null, ct)).Where(s => s.Zone is not null).GroupBy(s => s.Zone!)
            .OrderByDescending(IsAvailable).ThenBy(z => z.Key, StringComparer.Ordinal);

    private static bool IsAvailable(IEnumerable<Service> zone) => zone.Any(s => !s.Disabled);

    private Dictionary<string, Dictionary<string, ZoneService>> Hosts(IEnumerable<Service> zone) => zone.Where(s => !s.Disabled).GroupBy(s => s.Host).ToDictionary(
        host => host.Key,
        host => host.ToDictionary(s => s.BinaryName, s => new ZoneService(true, services.IsUp(s), WireTime.Micros(services.SeenAt(s)))));
}

/// <summary>A query that knows no parameter.</summary>
[StrictQuery(Since = 102)]
public sealed record ZoneQuery;

/// <summary>Both lists.</summary>
public sealed record ZoneListResponse([property: WireName("availabilityZoneInfo")] IReadOnlyList<ZoneView> Zones);

/// <summary>One zone; its hosts only in the detailed list.</summary>
public sealed record ZoneView(
    [property: WireName("zoneName")] string Name,
    [property: WireName("zoneState")] ZoneState State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyDictionary<string, Dictionary<string, ZoneService>>? Hosts);

/// <summary>Whether a zone can take servers.</summary>
public sealed record ZoneState(bool Available);

/// <summary>A service in a zone.</summary>
public sealed record ZoneService(bool Active, bool Available, string? UpdatedAt);
