using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Consoles;

/// <summary>What a console shows, and how it speaks.</summary>
public enum ConsoleKind
{
    /// <summary>The screen, by RFB.</summary>
    Vnc,
    /// <summary>The first serial port: bytes of a terminal.</summary>
    Serial,
    /// <summary>The screen, by SPICE.</summary>
    Spice,
    /// <summary>The screen, by VMware's MKS.</summary>
    Mks,
}

/// <summary>Where a console is on its host, as os-console-auth-tokens tells it; nothing but the host itself connects there.</summary>
/// <param name="Host">The host's address; null when it is not reached by one.</param>
/// <param name="Port">The port; 0 for a console that has none, or none at the moment.</param>
/// <param name="InternalAccessPath">What a proxy has to ask for first; null for nothing.</param>
/// <param name="TlsPort">The port that speaks TLS; null for none.</param>
public sealed record ConsolePlace(string? Host, int Port, string? InternalAccessPath = null, int? TlsPort = null);

/// <summary>A console that somebody wants to have open.</summary>
/// <param name="ServerId">Whose.</param>
/// <param name="Kind">Which.</param>
/// <param name="Limit">How many may be open of the server at once, this one included.</param>
public sealed record ConsoleRequest(Guid ServerId, ConsoleKind Kind, int Limit);

/// <summary>The bytes of an open console, both ways: one reader and one writer at a time. Disposing it closes it.</summary>
public interface IConsoleStream : IAsyncDisposable
{
    /// <summary>What came from the other end, valid until the next read; empty when that end has closed.</summary>
    /// <exception cref="IOException">The console is broken.</exception>
    ValueTask<ReadOnlyMemory<byte>> Read(CancellationToken ct);

    /// <summary>Sends bytes to the other end; takes as long as it does not read.</summary>
    /// <exception cref="IOException">The console is broken.</exception>
    ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken ct);
}

/// <summary>Guests whose consoles can be opened.</summary>
public interface IConsoleCapable
{
    /// <summary>Where the guest has such a console.</summary>
    /// <exception cref="Fault">400: it has none of this kind (<see cref="ConsoleFaults.Unavailable"/>); 404: there is no such guest.</exception>
    Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct);

    /// <summary>Opens it. One that only one may hold is taken from whoever had it.</summary>
    /// <exception cref="Fault">As <see cref="FindConsole"/>; 409: the guest does not run.</exception>
    Task<IConsoleStream> OpenConsole(Guid serverId, ConsoleKind kind, CancellationToken ct);
}

/// <summary>Why a console is not to be had.</summary>
public static class ConsoleFaults
{
    /// <summary>400: the cloud or the guest has no such console.</summary>
    public static Fault Unavailable(string type) => Fault.BadRequest($"Unavailable console type {type}.");

    /// <summary>404: the host has no such guest.</summary>
    public static Fault NoGuest(Guid serverId) => Fault.NotFound($"Instance {serverId} could not be found.");

    /// <summary>409: the guest is off.</summary>
    public static Fault NotRunning(Guid serverId) => Fault.Conflict($"Instance {serverId} is not running.");

    /// <summary>429: as many as may be are open.</summary>
    public static Fault TooMany(int limit) => new(FaultKind.TooManyRequests, Message.Of($"{limit} consoles of this instance are open, which is as many as may be. Close one first."));
}
