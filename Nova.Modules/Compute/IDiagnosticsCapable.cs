namespace Nova.Modules.Compute;

/// <summary>Guests whose use of the machine is counted.</summary>
public interface IDiagnosticsCapable
{
    /// <summary>What the guest, which runs, has used since it was started.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">409: it does not run.</exception>
    Task<GuestDiagnostics> Diagnose(GuestSpec guest, CancellationToken ct);
}

/// <summary>What a running guest has used since it was started. What the hypervisor does not count is null.</summary>
public sealed record GuestDiagnostics
{
    /// <summary>kvm, qemu …</summary>
    public string? Hypervisor { get; init; }

    /// <summary>What the hypervisor runs on.</summary>
    public string? HypervisorOs { get; init; }

    /// <summary>Its memory in KiB.</summary>
    public long MemoryKb { get; init; }

    /// <summary>Of it, what the host gives it now, in KiB.</summary>
    public long? UsedMemoryKb { get; init; }

    /// <summary>Further figures of its memory by the names of the hypervisor, in KiB or in numbers of events.</summary>
    public IReadOnlyDictionary<string, long> Memory { get; init; } = new Dictionary<string, long>();

    /// <summary>Its processors.</summary>
    public IReadOnlyList<CpuFigures> Cpus { get; init; } = [];

    /// <summary>Its disks.</summary>
    public IReadOnlyList<DiskFigures> Disks { get; init; } = [];

    /// <summary>Its interfaces.</summary>
    public IReadOnlyList<NicFigures> Nics { get; init; } = [];
}

/// <summary>A virtual processor.</summary>
/// <param name="Id">Its number.</param>
/// <param name="TimeNs">Nanoseconds that it has run.</param>
/// <param name="Utilisation">Per cent.</param>
public sealed record CpuFigures(int Id, long? TimeNs, int? Utilisation = null);

/// <summary>A disk of a guest.</summary>
/// <param name="Device">As the guest may name it: vda.</param>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="ReadRequests">Reads.</param>
/// <param name="WriteBytes">Bytes written.</param>
/// <param name="WriteRequests">Writes.</param>
/// <param name="Errors">Requests that failed; null where nobody counts them.</param>
public sealed record DiskFigures(string Device, long? ReadBytes, long? ReadRequests, long? WriteBytes, long? WriteRequests, long? Errors);

/// <summary>An interface of a guest.</summary>
/// <param name="Device">The name of its other end on the host.</param>
/// <param name="Mac">Its address.</param>
/// <param name="Received">What came to the guest.</param>
/// <param name="Sent">What it sent.</param>
public sealed record NicFigures(string Device, string? Mac, NicTraffic Received, NicTraffic Sent);

/// <summary>The traffic of an interface in one direction.</summary>
/// <param name="Octets">Bytes.</param>
/// <param name="Packets">Packets.</param>
/// <param name="Errors">Packets that were damaged.</param>
/// <param name="Dropped">Packets that were thrown away.</param>
public sealed record NicTraffic(long? Octets, long? Packets, long? Errors, long? Dropped);
