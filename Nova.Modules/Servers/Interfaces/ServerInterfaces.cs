using Nova.Modules.Compute.Live;
using Nova.Modules.Networks;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>The ports of servers that exist, and what servers show of them: changed together in one unit of work.</summary>
public sealed class ServerInterfaces(ServerStore servers, ITransactionalNetwork network, LiveChanges changes, TimeProvider time)
{
    /// <summary>The server has one more port, bound to its host.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 in the words of the original.</exception>
    public void Bind(Tx tx, Guid serverId, PlannedNic nic)
    {
        if (servers.FindLocked(tx, serverId) is not { HostId: { } hostId } server)
            throw ServerAccess.NotFound(serverId);

        var binding = network.Attach(tx, new(server.Id, server.ProjectId, server.Zone!, hostId, server.Host!, server.Hostname), nic);
        Show(tx, server, [.. server.Networks.Where(port => port.PortId != binding.PortId), binding]);
    }

    /// <summary>The server no longer has the port: it is gone when it was made for the server, else free. Harmless when repeated.</summary>
    public void Release(Tx tx, Guid serverId, Guid portId)
    {
        network.Release(tx, serverId, portId);
        if (servers.FindLocked(tx, serverId) is { } server && server.Networks.Any(port => port.PortId == portId))
            Show(tx, server, [.. server.Networks.Where(port => port.PortId != portId)]);
        changes.Guest(tx, serverId);
    }

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
