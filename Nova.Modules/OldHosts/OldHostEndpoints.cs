using Nova.Modules.Hypervisors;
using Nova.Modules.Services;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.OldHosts;

/// <summary>https://docs.openstack.org/api-ref/compute/#hosts-os-hosts-deprecated: what services and hypervisors say since 2.43, by names of hosts.</summary>
public sealed class OldHostEndpoints(ServiceService services, HypervisorReader hypervisors) : IEndpoints
{
    private const string Rule = "os_compute_api:os-hosts:";
    private const int Last = 42;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-hosts", List).Until(Last).Requires(Rule + "list");
        routes.Get("/os-hosts/{id}", Show).Until(Last).Requires(Rule + "show");
        routes.Put("/os-hosts/{id}", Update).Until(Last).Requires(Rule + "update");
        routes.Get("/os-hosts/{id}/reboot", ChangePower).Until(Last).Requires(Rule + "reboot");
        routes.Get("/os-hosts/{id}/shutdown", ChangePower).Until(Last).Requires(Rule + "shutdown");
        routes.Get("/os-hosts/{id}/startup", ChangePower).Until(Last).Requires(Rule + "start");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var zone = caller.QueryAs<OldHostQuery>().Zone;
        var found = (await services.List(null, null, ct)).Where(s => !s.Disabled).Select(s => new OldHostSummary(s.Host, Topic(s.BinaryName), s.Zone ?? "internal"));
        return Answer.Json(new OldHostListResponse([.. found.Where(h => string.IsNullOrEmpty(zone) || h.Zone == zone)]));
    }

    // Rows as reports had them: what the host has, what is used, what its servers ask for, and the same by project.
    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var host = await Hypervisor(caller.Route("id"), ct);
        var servers = await hypervisors.Servers([host], ct);
        var used = HypervisorReader.Sum([host], servers);
        var rows = new List<OldHostResource>
        {
            new(host.Host, "(total)", host.Vcpus, host.MemoryMb, host.DiskGb),
            new(host.Host, "(used_now)", used.VcpusUsed, used.MemoryMbUsed, used.LocalGbUsed),
            new(host.Host, "(used_max)", used.VcpusUsed, used.MemoryMbUsed, used.LocalGbUsed),
        };
        foreach (var project in servers[host.Id].GroupBy(s => s.ProjectId).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var sum = HypervisorReader.Sum([host], project.ToLookup(_ => host.Id));
            rows.Add(new(host.Host, project.Key, sum.VcpusUsed, sum.MemoryMbUsed, sum.LocalGbUsed));
        }

        return Answer.Json(new OldHostResponse([.. rows.Select(r => new OldHostRow(r))]));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<OldHostChange>(ct);
        var name = caller.Route("id");
        await Hypervisor(name, ct);
        if (request.MaintenanceMode is not null)
            throw NotSupported();

        var enabled = request.Status!.Equals("enable", StringComparison.OrdinalIgnoreCase);
        var service = await services.ForChange(name, "nova-compute", ct);
        await services.Change(service, s => s with { Disabled = !enabled, DisabledReason = null }, ct);
        return Answer.Json(new OldHostStatus(name, enabled ? "enabled" : "disabled"));
    }

    // No driver of ours turns its own machine on or off.
    private async Task<Answer> ChangePower(RequestContext caller, CancellationToken ct)
    {
        await Hypervisor(caller.Route("id"), ct);
        throw NotSupported();
    }

    private async Task<Hypervisor> Hypervisor(string host, CancellationToken ct) =>
        (await hypervisors.List(null, ct)).FirstOrDefault(h => h.Host == host) ?? throw Fault.NotFound($"Compute host {host} could not be found.");

    private static Fault NotSupported() => Fault.NotImplemented($"The requested functionality is not supported.");

    private static string Topic(string binary) => binary.StartsWith("nova-", StringComparison.Ordinal) ? binary["nova-".Length..] : binary;
}
