using Nova.Modules.Hardware;

namespace Nova.Modules.Compute;

/// <summary>
/// What every hypervisor can do. All calls converge: repeating one is harmless, and a call for a guest that is already as
/// wanted does nothing. Fencing and the per-guest lock are the caller's (<see cref="HostAgent"/>): a driver sees at most
/// one call per guest at a time. Failures are <see cref="Nova.Modules.Shared.Fault"/>s that say what to do; its details
/// hold the hypervisor's own words.
/// </summary>
public interface IHypervisor : IAsyncDisposable
{
    /// <summary>As <c>hypervisor_type</c> reports it: QEMU, fake …</summary>
    string Type { get; }

    /// <summary>What the machine has. Called at start and once a minute.</summary>
    Task<HostInventory> Inspect(CancellationToken ct);

    /// <summary>The guests of this installation, and (with <see cref="GuestStatus.Known"/> false) those that it did not make.</summary>
    Task<IReadOnlyList<GuestStatus>> ListGuests(CancellationToken ct);

    /// <summary>Changes of power that happen by themselves or through us, as they happen. Ends when <paramref name="ct"/> is cancelled.</summary>
    IAsyncEnumerable<GuestStatus> Watch(CancellationToken ct);

    /// <summary>The guest exists as described and runs: image fetched and checked, disks made, network interfaces plugged into their bridges.</summary>
    Task Ensure(GuestSpec guest, CancellationToken ct);

    /// <summary>The guest has this power state. Off is asked of the guest first and forced after <see cref="PowerChange.Timeout"/>.</summary>
    Task SetPower(GuestSpec guest, PowerChange change, CancellationToken ct);

    /// <summary>The guest and all that was made for it are gone. Succeeds when there was nothing.</summary>
    Task Destroy(Guid serverId, CancellationToken ct);
}

/// <summary>The serial console's log.</summary>
public interface IConsoleLogCapable
{
    /// <summary>The last <paramref name="lines"/> lines, or all that is kept when null; invalid bytes replaced.</summary>
    Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct);
}

/// <summary>Guests whose processors can stand still while their memory stays; turning such a guest on lets it go on.</summary>
public interface IPauseCapable
{
    /// <summary>The guest, which runs, stands still.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">409: it is off.</exception>
    Task Pause(GuestSpec guest, CancellationToken ct);
}

/// <summary>Guests whose memory can be put on disk; turning such a guest on brings it back as it was.</summary>
public interface ISuspendCapable
{
    /// <summary>The guest, which runs, is on disk and needs no memory.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">409: it is off.</exception>
    Task Suspend(GuestSpec guest, CancellationToken ct);
}

/// <summary>Guests that can be started from another image beside their own disk.</summary>
public interface IRescueCapable
{
    /// <summary>
    /// The guest is turned off and runs from the image of <see cref="GuestSpec.Rescue"/>, or, when there is none, from its own disk;
    /// then nothing of an earlier rescue is left.
    /// </summary>
    /// <param name="guest">As it is to be.</param>
    /// <param name="timeout">How long it may take to turn itself off.</param>
    /// <param name="ct">Gives up.</param>
    Task Rescue(GuestSpec guest, TimeSpan timeout, CancellationToken ct);
}

/// <summary>Guests whose interfaces can be changed while they run.</summary>
public interface INicCapable
{
    /// <summary>
    /// The guest has exactly the interfaces of <see cref="GuestSpec.Nics"/>: new ones are plugged in, others are taken out while it runs. A
    /// guest that is off gets them at its next start. The taps of new ones exist, those of others stay until the guest let them go.
    /// </summary>
    /// <exception cref="Nova.Modules.Shared.Fault">The guest does not let an interface go, or there is no room for another.</exception>
    Task SetNics(GuestSpec guest, CancellationToken ct);
}

/// <summary>Guests whose administrator's password can be set while they run.</summary>
public interface IPasswordCapable
{
    /// <summary>The guest's administrator has this password.</summary>
    Task SetAdminPassword(GuestSpec guest, Nova.Modules.Shared.Secret password, CancellationToken ct);
}

/// <summary>Guests that can be told to write a crash dump.</summary>
public interface ICrashDumpCapable
{
    /// <summary>The guest, which runs, gets a non-maskable interrupt.</summary>
    Task TriggerCrashDump(GuestSpec guest, CancellationToken ct);
}

/// <summary>Images that are kept for guests to come.</summary>
public interface IImageCacheCapable
{
    /// <summary>The image is in the host's cache, fetched and checked; does nothing when it is there.</summary>
    Task CacheImage(GuestImage image, CancellationToken ct);
}

/// <summary>The wanted power of a guest.</summary>
public enum Power
{
    /// <summary>Not known; as the API's power_state NOSTATE.</summary>
    Unknown = 0,
    /// <summary>Runs.</summary>
    On = 1,
    /// <summary>Is off.</summary>
    Off = 4,
    /// <summary>Paused by the hypervisor or through us.</summary>
    Paused = 3,
    /// <summary>Crashed.</summary>
    Crashed = 6,
    /// <summary>Suspended to disk.</summary>
    Suspended = 7,
}

/// <summary>A change of power.</summary>
/// <param name="To">On or Off.</param>
/// <param name="Timeout">How long a guest may take to shut down by itself before it is turned off; zero turns it off at once.</param>
/// <param name="Restart">With <see cref="Power.On"/>: turn the guest off first (a reboot, soft when the timeout is not zero).</param>
public sealed record PowerChange(Power To, TimeSpan Timeout, bool Restart = false);

/// <summary>What a guest is doing.</summary>
/// <param name="ServerId">The guest.</param>
/// <param name="Power">Its power.</param>
/// <param name="Known">False for a guest that this installation did not make: left alone and reported.</param>
/// <param name="Name">The hypervisor's name of it.</param>
public sealed record GuestStatus(Guid ServerId, Power Power, bool Known, string Name);

/// <summary>What a host has and is.</summary>
public sealed record HostInventory
{
    /// <summary>The hypervisor's host name, as in <c>hypervisor_hostname</c>.</summary>
    public required string HypervisorHostname { get; init; }

    /// <summary>QEMU, fake …</summary>
    public required string HypervisorType { get; init; }

    /// <summary>MAJOR × 1,000,000 + MINOR × 1,000 + PATCH.</summary>
    public required int HypervisorVersion { get; init; }

    /// <summary>The address under which other hosts reach this one.</summary>
    public string HostIp { get; init; } = "127.0.0.1";

    /// <summary>Logical processors.</summary>
    public required int Vcpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Disk for guests in GiB.</summary>
    public required int DiskGb { get; init; }

    /// <summary>JSON as <c>cpu_info</c> of os-hypervisors shows it.</summary>
    public string CpuInfo { get; init; } = "{}";

    /// <summary>Standard traits of the machine; those of the driver's abilities are added by <see cref="Capabilities"/>.</summary>
    public IReadOnlyList<string> Traits { get; init; } = [];

    /// <summary>Its NUMA cells and devices; null when the driver does not tell, and then nothing of them is given out.</summary>
    public HostHardware? Hardware { get; init; }

    /// <summary>What it measures of itself by name, such as <c>cpu.percent</c>.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>Architecture, hypervisor type and VM mode that it can run, for the image properties filter: <c>x86_64/qemu/hvm</c>.</summary>
    public IReadOnlyList<string> SupportedInstances { get; init; } = [];
}
