using System.Globalization;
using Nova.Modules.Hosts;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Hypervisors;

/// <summary>The rules of hypervisors.</summary>
public sealed class HypervisorReader(HypervisorStore hypervisors, IHostLiveness liveness)
{
    /// <summary>One page.</summary>
    /// <exception cref="Fault">400: the marker is none.</exception>
    public async Task<IReadOnlyList<Hypervisor>> List(Page? page, CancellationToken ct) =>
        await hypervisors.List(page, ct) ?? throw Fault.BadRequest($"marker [{page?.Marker}] not found");

    /// <summary>Those whose name contains the text.</summary>
    /// <exception cref="Fault">404: none.</exception>
    public async Task<IReadOnlyList<Hypervisor>> Search(string text, CancellationToken ct)
    {
        var found = (await List(null, ct)).Where(h => h.Node.Contains(text, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count > 0 ? found : throw Fault.NotFound($"No hypervisor matching '{text}' could be found.");
    }

    /// <summary>The hypervisor of an id in the form of the caller's version.</summary>
    /// <exception cref="Fault">400: not a UUID, from 2.53. 404.</exception>
    public async Task<Hypervisor> Get(RequestContext caller, string id, CancellationToken ct)
    {
        if (caller.Since(53) && !Formats.IsUuid(id))
            throw Fault.BadRequest($"Invalid uuid {id}");

        var found = caller.Since(53) ? await hypervisors.Find(Guid.Parse(id), ct)
            : long.TryParse(id, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? await hypervisors.Find(number, ct)
            : null;
        return found ?? throw Fault.NotFound($"Hypervisor with ID '{id}' could not be found.");
    }

    /// <summary>The servers on some hypervisors.</summary>
    public Task<ILookup<Guid, HostedServer>> Servers(IReadOnlyList<Hypervisor> hosts, CancellationToken ct) => hypervisors.Servers(hosts, ct);

    /// <summary>up or down.</summary>
    public string StateOf(Hypervisor hypervisor) => !hypervisor.ForcedDown && liveness.IsUp(hypervisor.Id) ? "up" : "down";

    /// <summary>What some hypervisors have and what their servers use.</summary>
    public static Statistics Sum(IReadOnlyList<Hypervisor> hosts, ILookup<Guid, HostedServer> servers)
    {
        var sizes = hosts.SelectMany(h => servers[h.Id]).Select(s => (Server: s, s.Flavor)).ToList();
        return new()
        {
            Count = hosts.Count,
            Vcpus = hosts.Sum(h => h.Vcpus),
            MemoryMb = hosts.Sum(h => h.MemoryMb),
            LocalGb = hosts.Sum(h => h.DiskGb),
            VcpusUsed = sizes.Sum(s => s.Flavor.Vcpus),
            MemoryMbUsed = sizes.Sum(s => s.Flavor.MemoryMb),
            LocalGbUsed = sizes.Sum(s => s.Flavor.RootGb + s.Flavor.EphemeralGb),
            CurrentWorkload = sizes.Count(s => s.Server.TaskState is not null),
            RunningVms = sizes.Count,
        };
    }
}
