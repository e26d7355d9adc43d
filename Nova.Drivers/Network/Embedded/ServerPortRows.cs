using Nova.Modules.Compute.Live;
using Nova.Modules.Networks;
using Nova.Modules.Placement;
using Nova.Modules.Servers;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>What servers show of their ports follows what the network API does to the ports, and so do running guests.</summary>
public sealed class ServerPortRows(ServerStore servers, LiveChanges changes, IClaims claims, TimeProvider time)
{
    /// <summary>A server's port was changed, or is gone. Harmless when it is no server's.</summary>
    /// <param name="tx">The transaction that does it.</param>
    /// <param name="device">The server's id, or whatever the port's device is.</param>
    /// <param name="port">The port.</param>
    /// <param name="change">The port as it is now, or null when it is gone.</param>
    public void Changed(Tx tx, string device, Guid port, Func<PortBinding, PortBinding?> change)
    {
        if (!Guid.TryParse(device, out var id) || servers.FindLocked(tx, id) is not { } server || server.Networks.All(nic => nic.PortId != port))
            return;

        var before = server.Networks.First(nic => nic.PortId == port);
        server.SetNetworks([.. server.Networks.Select(nic => nic.PortId == port ? change(nic) : nic).OfType<PortBinding>()]);
        if (before.Held is { } held && server.Networks.All(nic => nic.PortId != port))
            claims.GiveBack(tx, id, held);
        server.UpdatedAt = time.GetUtcNow().ToUnixTimeMilliseconds();
        servers.UpdateNetworks(tx, server);
        changes.Guest(tx, id);
    }

    /// <summary>A network or a subnet of it was changed: hosts with a guest on it are told.</summary>
    public void NetworkChanged(Tx tx, Guid network)
    {
        changes.Network(tx, network);
        foreach (var device in tx.Query<string>("SELECT DISTINCT device_id FROM ports WHERE network_id = @network AND device_id <> ''", new { network }))
            if (Guid.TryParse(device, out var server))
                changes.Guest(tx, server);
    }
}
