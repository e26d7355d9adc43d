using Nova.Modules.Compute;
using Nova.Modules.Operations;
using Nova.Modules.Operations.Remote;
using Nova.Modules.Shared;

namespace Nova.Modules.Hosts;

/// <summary>Asks what guests have used, wherever their host is connected.</summary>
public interface IHostFigures
{
    /// <summary>What a guest that runs has used since it was started.</summary>
    /// <exception cref="Fault">503: the host is not connected; 501: its driver does not count; 409: the guest does not run.</exception>
    Task<GuestDiagnostics> Diagnose(Guid hostId, Guid serverId, CancellationToken ct);
}

/// <summary>Of hosts that are connected to the conductor of this process.</summary>
public sealed class ConnectedFigures(HostDirectory hosts) : IHostFigures
{
    /// <inheritdoc />
    public Task<GuestDiagnostics> Diagnose(Guid hostId, Guid serverId, CancellationToken ct) => hosts.Get(hostId).Diagnose(serverId, ct);
}

/// <summary>Through a conductor of another process: the first that has the host.</summary>
public sealed class RelayedFigures(ConductorPeers peers, ConductorClient conductors) : IHostFigures
{
    /// <inheritdoc />
    public async Task<GuestDiagnostics> Diagnose(Guid hostId, Guid serverId, CancellationToken ct)
    {
        var failure = new Fault(FaultKind.Unavailable, Message.Of($"The server's host is not connected at the moment."), $"host {hostId}");
        foreach (var peer in await peers.Refresh(ct))
        {
            try
            {
                return await conductors.Diagnose(peer, hostId, serverId, ct);
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                failure = fault;
            }
        }

        throw failure;
    }
}
