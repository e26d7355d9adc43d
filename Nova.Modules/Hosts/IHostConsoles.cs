using Nova.Modules.Compute.Consoles;
using Nova.Modules.Operations;
using Nova.Modules.Operations.Remote;
using Nova.Modules.Shared;

namespace Nova.Modules.Hosts;

/// <summary>Consoles of guests, wherever their host is connected.</summary>
public interface IHostConsoles
{
    /// <summary>The last lines of a guest's console log, or all that is kept when null.</summary>
    /// <exception cref="Fault">503: the host is not connected; 501: its driver keeps no log.</exception>
    Task<string> Read(Guid hostId, Guid serverId, int? lines, CancellationToken ct);

    /// <summary>Where a guest has its console.</summary>
    /// <exception cref="Fault">503: the host is not connected; 400, 404, 501: it has none.</exception>
    Task<ConsolePlace> Find(Guid hostId, Guid serverId, ConsoleKind kind, CancellationToken ct);

    /// <summary>Opens a console.</summary>
    /// <exception cref="Fault">503: the host is not connected; 400, 404, 409, 501: it has none; 429: as many as may be are open.</exception>
    Task<IConsoleStream> Open(Guid hostId, ConsoleRequest request, CancellationToken ct);
}

/// <summary>Of hosts that are connected to the conductor of this process.</summary>
public sealed class ConnectedConsoles(HostDirectory hosts) : IHostConsoles
{
    /// <inheritdoc />
    public Task<string> Read(Guid hostId, Guid serverId, int? lines, CancellationToken ct) => hosts.Get(hostId).ReadConsoleLog(serverId, lines, ct);

    /// <inheritdoc />
    public Task<ConsolePlace> Find(Guid hostId, Guid serverId, ConsoleKind kind, CancellationToken ct) => hosts.Get(hostId).FindConsole(serverId, kind, ct);

    /// <inheritdoc />
    public Task<IConsoleStream> Open(Guid hostId, ConsoleRequest request, CancellationToken ct) => hosts.Get(hostId).OpenConsole(request, ct);
}

/// <summary>Through a conductor of another process: the first that has the host.</summary>
public sealed class RelayedConsoles(ConductorPeers peers, ConductorClient conductors) : IHostConsoles
{
    /// <inheritdoc />
    public Task<string> Read(Guid hostId, Guid serverId, int? lines, CancellationToken ct) =>
        First(hostId, conductor => conductors.ReadConsoleLog(conductor, hostId, serverId, lines, ct), ct);

    /// <inheritdoc />
    public Task<ConsolePlace> Find(Guid hostId, Guid serverId, ConsoleKind kind, CancellationToken ct) =>
        First(hostId, conductor => conductors.FindConsole(conductor, hostId, serverId, kind, ct), ct);

    /// <inheritdoc />
    public Task<IConsoleStream> Open(Guid hostId, ConsoleRequest request, CancellationToken ct) =>
        First(hostId, conductor => conductors.OpenConsole(conductor, hostId, request, ct), ct);

    // Another conductor may have the host that this one has not; what a host says itself is the answer.
    private async Task<T> First<T>(Guid hostId, Func<ConductorPeer, Task<T>> ask, CancellationToken ct)
    {
        var failure = new Fault(FaultKind.Unavailable, Message.Of($"The server's host is not connected at the moment."), $"host {hostId}");
        foreach (var peer in await peers.Refresh(ct))
        {
            try
            {
                return await ask(peer);
            }
            catch (Fault fault) when (fault.Kind == FaultKind.Unavailable)
            {
                failure = fault;
            }
        }

        throw failure;
    }
}
