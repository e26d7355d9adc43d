using System.Text.Json;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Hypervisors;

/// <summary>https://docs.openstack.org/api-ref/compute/#hypervisors-os-hypervisors.</summary>
public sealed class HypervisorEndpoints(HypervisorReader hypervisors) : IEndpoints
{
    private const string Rule = "os_compute_api:os-hypervisors:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-hypervisors", List).Requires(Rule + "list");
        routes.Get("/os-hypervisors/detail", Detail).Requires(Rule + "list-detail");
        routes.Get("/os-hypervisors/statistics", Sum).Until(87).Requires(Rule + "statistics");
        routes.Get("/os-hypervisors/{id}", Show).Requires(Rule + "show");
        routes.Get("/os-hypervisors/{id}/uptime", Uptime).Until(87).Requires(Rule + "uptime");
        routes.Get("/os-hypervisors/{id}/search", Search).Until(52).Requires(Rule + "search");
        routes.Get("/os-hypervisors/{id}/servers", Servers).Until(52).Requires(Rule + "servers");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<HypervisorListQuery>();
        var page = await Page(caller, query, ct);
        var servers = query.WithServers == true ? await hypervisors.Servers(page, ct) : null;
        return Answer.Json(new HypervisorListResponse<HypervisorSummary>([.. page.Select(h => Summary(caller, h, servers))], Next(caller, query, "os-hypervisors", page)));
    }

    private async Task<Answer> Detail(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<HypervisorListQuery>();
        var page = await Page(caller, query, ct);
        var servers = await hypervisors.Servers(page, ct);
        return Answer.Json(new HypervisorListResponse<HypervisorView>(
            [.. page.Select(h => View(caller, h, servers, query.WithServers == true))], Next(caller, query, "os-hypervisors/detail", page)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<HypervisorQuery>();
        var hypervisor = await hypervisors.Get(caller, caller.Route("id"), ct);
        return Answer.Json(new HypervisorResponse(View(caller, hypervisor, await hypervisors.Servers([hypervisor], ct), query.WithServers == true)));
    }

    private async Task<Answer> Sum(RequestContext caller, CancellationToken ct)
    {
        var all = await hypervisors.List(null, ct);
        return Answer.Json(new StatisticsResponse(HypervisorReader.Sum(all, await hypervisors.Servers(all, ct))));
    }

    // The original answers so for every driver that cannot tell; none of ours can.
    private async Task<Answer> Uptime(RequestContext caller, CancellationToken ct)
    {
        await hypervisors.Get(caller, caller.Route("id"), ct);
        throw Fault.NotImplemented($"The requested functionality is not supported.");
    }

    private async Task<Answer> Search(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new HypervisorListResponse<HypervisorSummary>([.. (await hypervisors.Search(caller.Route("id"), ct)).Select(h => Summary(caller, h, null))]));

    private async Task<Answer> Servers(RequestContext caller, CancellationToken ct)
    {
        var found = await hypervisors.Search(caller.Route("id"), ct);
        var servers = await hypervisors.Servers(found, ct);
        return Answer.Json(new HypervisorListResponse<HypervisorSummary>([.. found.Select(h => Summary(caller, h, servers))]));
    }

    private async Task<IReadOnlyList<Hypervisor>> Page(RequestContext caller, HypervisorListQuery query, CancellationToken ct)
    {
        if (query.HypervisorHostnamePattern is not { } pattern)
            return await hypervisors.List(caller.Since(33) ? Modules.Shared.Http.Page.Of(caller, query.Limit?.Value, query.Marker) : null, ct);
        if (query.Limit is not null || query.Marker is not null)
            throw Fault.BadRequest($"Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.");

        return await hypervisors.Search(pattern, ct);
    }

    private static IReadOnlyList<Link>? Next(RequestContext caller, HypervisorListQuery query, string path, IReadOnlyList<Hypervisor> page) =>
        caller.Since(33) && query.HypervisorHostnamePattern is null && page.Count > 0
            ? caller.Next(path, Modules.Shared.Http.Page.Of(caller, query.Limit?.Value, null).Limit, page.Count, caller.Since(53) ? page[^1].Id.ToString() : $"{page[^1].Number}")
            : null;

    private HypervisorSummary Summary(RequestContext caller, Hypervisor hypervisor, ILookup<Guid, HostedServer>? servers) => new()
    {
        Number = hypervisor.Number,
        Id = hypervisor.Id,
        HypervisorHostname = hypervisor.Node,
        State = hypervisors.StateOf(hypervisor),
        Status = hypervisor.Disabled ? "disabled" : "enabled",
        Servers = servers is null ? null : ServersOf(caller, hypervisor, servers),
    };

    private HypervisorView View(RequestContext caller, Hypervisor hypervisor, ILookup<Guid, HostedServer> servers, bool withServers) => new()
    {
        Number = hypervisor.Number,
        Id = hypervisor.Id,
        HypervisorHostname = hypervisor.Node,
        State = hypervisors.StateOf(hypervisor),
        Status = hypervisor.Disabled ? "disabled" : "enabled",
        Servers = withServers ? ServersOf(caller, hypervisor, servers) : null,
        HypervisorType = hypervisor.HypervisorType,
        HypervisorVersion = hypervisor.HypervisorVersion,
        HostIp = hypervisor.HostIp,
        Service = new() { Host = hypervisor.Host, Number = hypervisor.ServiceNumber, Id = hypervisor.ServiceId, DisabledReason = hypervisor.DisabledReason },
        Numbers = HypervisorReader.Sum([hypervisor], servers),
        CpuInfo = caller.Since(28) ? JsonSerializer.Deserialize<JsonElement>(hypervisor.CpuInfo) : hypervisor.CpuInfo,
    };

    // Before 2.75 a hypervisor without servers has no such member.
    private static List<HypervisorServer>? ServersOf(RequestContext caller, Hypervisor hypervisor, ILookup<Guid, HostedServer> servers)
    {
        var found = servers[hypervisor.Id].Select(s => new HypervisorServer(s.Name, s.Id)).ToList();
        return found.Count > 0 || caller.Since(75) ? found : null;
    }
}
