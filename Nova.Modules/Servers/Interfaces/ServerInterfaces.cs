using Nova.Modules.Compute.Live;
using Nova.Modules.Networks;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>The ports of servers that exist, and what servers show of them: changed together in one unit of work.</summary>
public sealed class ServerInterfaces(ServerStore servers, ITransactionalNetwork network, IClaims claims, HardwareClaims hardware, LiveChanges changes, TimeProvider time)
{
    /// <summary>The server has one more port, bound to its host.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 in the words of the original.</exception>
    public void Bind(Tx tx, Guid serverId, PlannedNic nic)
    {
        if (servers.FindLocked(tx, serverId) is not { HostId: { } hostId } server)
            throw ServerAccess.NotFound(serverId);

        if (nic.Groups is { } groups)
            nic = nic with { Held = Claim(tx, server, hostId, groups) };
        var binding = network.Attach(tx, new(server.Id, server.ProjectId, server.Zone!, hostId, server.Host!, server.Hostname), nic);
        Show(tx, server, [.. server.Networks.Where(port => port.PortId != binding.PortId), binding]);
    }

    /// <summary>The server no longer has the port: it is gone when it was made for the server, else free. Harmless when repeated.</summary>
    public void Release(Tx tx, Guid serverId, Guid portId)
    {
        network.Release(tx, serverId, portId);
        if (servers.FindLocked(tx, serverId) is { } server && server.Networks.FirstOrDefault(port => port.PortId == portId) is { } gone)
        {
            Show(tx, server, [.. server.Networks.Where(port => port.PortId != portId)]);
            claims.GiveBack(tx, serverId, gone.Held ?? []);
            if (gone.PciSlot is { } slot && server.HostId is { } hostId)
                claims.GiveBack(tx, serverId, hardware.ReleaseDevice(tx, hostId, serverId, slot));
        }

        changes.Guest(tx, serverId);
    }

    // The server does not move: what the port takes has to come from the host that it is on.
    private IReadOnlyList<ProviderPart> Claim(Tx tx, Server server, Guid hostId, IReadOnlyList<ResourceGroup> groups) =>
        claims.TryAdd(tx, hostId, new(hostId, server.Id, server.ProjectId, server.UserId, []), [.. groups.Select(g => (g.Name, g.RequiredTraits, g.Resources))])
        ?? throw Fault.BadRequest($"Failed to allocate additional resources to {server.Id} during interface attach");

    /// <summary>The port is about to leave the server, or stays after all. Harmless when the server does not have it.</summary>
    public void Leaves(Tx tx, Guid serverId, Guid portId, bool isLeaving)
    {
        if (servers.FindLocked(tx, serverId) is { } server && server.Networks.Any(port => port.PortId == portId))
            Show(tx, server, [.. server.Networks.Select(port => port.PortId == portId ? port with { IsLeaving = isLeaving } : port)]);
    }

    private void Show(Tx tx, Server server, IReadOnlyList<PortBinding> ports)
    {
        server.SetNetworks(ports);
        server.UpdatedAt = time.GetUtcNow().ToUnixTimeMilliseconds();
        servers.UpdateNetworks(tx, server);
    }
}
