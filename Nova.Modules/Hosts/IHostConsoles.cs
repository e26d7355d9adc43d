using Nova.Modules.Operations;
using Nova.Modules.Operations.Remote;
using Nova.Modules.Shared;

namespace Nova.Modules.Hosts;

/// <summary>Reads consoles of guests, wherever their host is connected.</summary>
public interface IHostConsoles
{
    /// <summary>The last lines of a guest's console log, or all that is kept when null.</summary>
    /// <exception cref="Fault">503: the host is not connected; 501: its driver keeps no log.</exception>
    Task<string> Read(Guid hostId, Guid serverId, int? lines, CancellationToken ct);
}

/// <summary>Of hosts that are connected to the conductor of this process.</summary>
public sealed class ConnectedConsoles(HostDirectory hosts) : IHostConsoles
{
    /// <inheritdoc />
    public Task<string> Read(Guid hostId, Guid serverId, int? lines, CancellationToken ct) => hosts.Get(hostId).ReadConsoleLog(serverId, lines, ct);
}

/// <summary>Through a conductor of another process: the first that has the host.</summary>
public sealed class RelayedConsoles(ConductorPeers peers, ConductorClient conductors) : IHostConsoles
{
    /// <inheritdoc />
    public async Task<string> Read(Guid hostId, Guid serverId, int? lines, CancellationToken ct)
    {
        var failure = new Fault(FaultKind.Unavailable, Message.Of($"The server's host is not connected at the moment."), $"host {hostId}");
        foreach (var peer in await peers.Refresh(ct))
        {
            try
            {
                return await conductors.ReadConsoleLog(peer, hostId, serverId, lines, ct);
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                failure = fault;
            }
        }

        throw failure;
    }
}
