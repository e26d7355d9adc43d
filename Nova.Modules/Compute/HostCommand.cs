using Nova.Modules.Compute.Consoles;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute;

/// <summary>
/// What a conductor asks of a host. Idempotent: a host that has done it answers the same again. Fenced: a host refuses an
/// epoch lower than the highest that it has seen for the server.
/// </summary>
public abstract record HostCommand
{
    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The server's fencing token.</summary>
    public required long Epoch { get; init; }

    /// <summary>The operation.</summary>
    public required Guid OperationId { get; init; }

    /// <summary>The step: with the operation it names the command.</summary>
    public required string Step { get; init; }
}

/// <summary>The guest exists and runs.</summary>
public sealed record SpawnGuest(GuestSpec Guest) : HostCommand;

/// <summary>The guest has this power.</summary>
public sealed record SetGuestPower(PowerChange Change) : HostCommand;

/// <summary>The guest and its interfaces are gone; the host keeps a tombstone.</summary>
public sealed record DestroyGuest : HostCommand;

/// <summary>The guest is made anew as described; its disks are gone.</summary>
/// <param name="Guest">As it is to be.</param>
/// <param name="To">On or Off.</param>
public sealed record RebuildGuest(GuestSpec Guest, Power To) : HostCommand;

/// <summary>The guest runs from this instead of its own disk; null: from its own disk again. It is turned off first.</summary>
/// <param name="Rescue">What it runs from.</param>
/// <param name="Timeout">How long it may take to turn itself off.</param>
public sealed record RescueGuest(RescueSpec? Rescue, TimeSpan Timeout) : HostCommand;

/// <summary>The guest has this interface beside its others.</summary>
public sealed record AttachNic(NicSpec Nic) : HostCommand;

/// <summary>The guest no longer has the interface of this port.</summary>
/// <param name="PortId">The port.</param>
/// <param name="Force">The port goes whatever the guest says: one that does not let its interface go keeps it, without a network.</param>
public sealed record DetachNic(Guid PortId, bool Force = false) : HostCommand;

/// <summary>The administrator of the guest has this password.</summary>
public sealed record SetGuestPassword(Secret Password) : HostCommand;

/// <summary>The guest is told that something is wrong with it, so that it writes a crash dump.</summary>
public sealed record CrashGuest : HostCommand;

/// <summary>The host has the image in its cache. Concerns no server: its place is taken by the order's id.</summary>
public sealed record CacheImage(GuestImage Image) : HostCommand;

/// <summary>How a command ended.</summary>
/// <param name="Fault">Null for success.</param>
/// <param name="Power">The guest's power afterwards.</param>
public sealed record HostResult(Fault? Fault, Power Power)
{
    /// <summary>The success of a command that leaves the guest in this power.</summary>
    public static HostResult Ok(Power power) => new(null, power);

    /// <summary>True when the host did not answer because its stream broke: it may have done the command, and it is worth asking again.</summary>
    public bool IsLinkLost { get; init; }

    /// <summary>What the copy of a disk is that the command made; null for other commands.</summary>
    public SnapshotFacts? Snapshot { get; init; }
}

/// <summary>One host as a conductor commands it, in the same process or over a stream that the host opened.</summary>
public interface IHostLink
{
    /// <summary>The host.</summary>
    Guid HostId { get; }

    /// <summary>
    /// Hands a command over and completes with its result. The call is not held open on the wire: the host journals the
    /// command, and sends the result when it has it. A broken link completes with a transient 503; the command may then have
    /// been done, and is to be repeated.
    /// </summary>
    Task<HostResult> Send(HostCommand command, CancellationToken ct);

    /// <summary>Asks for the tail of a guest's console log.</summary>
    Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct);

    /// <summary>Asks what a guest that runs has used.</summary>
    Task<GuestDiagnostics> Diagnose(Guid serverId, CancellationToken ct);

    /// <summary>Asks where a guest has its console.</summary>
    /// <exception cref="Fault">400: it has none of this kind; 404: no such guest; 501: the driver has none.</exception>
    Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct);

    /// <summary>Opens a console of a guest.</summary>
    /// <exception cref="Fault">As <see cref="FindConsole"/>; 409: the guest is off; 429: as many as may be are open.</exception>
    Task<IConsoleStream> OpenConsole(ConsoleRequest request, CancellationToken ct);
}
