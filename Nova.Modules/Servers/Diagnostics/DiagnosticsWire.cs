using Nova.Modules.Compute;

namespace Nova.Modules.Servers.Diagnostics;

/// <summary>GET /servers/{server_id}/diagnostics from 2.48 on.</summary>
public sealed record DiagnosticsView
{
    /// <summary>running: others are refused.</summary>
    public string State { get; init; } = "running";

    /// <summary>The kind of driver; the list of names is closed, and this is the one that ours belong to.</summary>
    public string Driver { get; init; } = "libvirt";

    /// <summary>kvm, qemu …</summary>
    public required string? Hypervisor { get; init; }

    /// <summary>What the hypervisor runs on.</summary>
    public required string? HypervisorOs { get; init; }

    /// <summary>Seconds since the server was launched.</summary>
    public required long? Uptime { get; init; }

    /// <summary>Whether a config drive is attached.</summary>
    public required bool ConfigDrive { get; init; }

    /// <summary>Processors.</summary>
    public required int NumCpus { get; init; }

    /// <summary>Interfaces.</summary>
    public required int NumNics { get; init; }

    /// <summary>Disks.</summary>
    public required int NumDisks { get; init; }

    /// <summary>MiB.</summary>
    public required MemoryView MemoryDetails { get; init; }

    /// <summary>Each processor.</summary>
    public required IReadOnlyList<CpuView> CpuDetails { get; init; }

    /// <summary>Each disk.</summary>
    public required IReadOnlyList<DiskView> DiskDetails { get; init; }

    /// <summary>Each interface.</summary>
    public required IReadOnlyList<NicView> NicDetails { get; init; }

    /// <summary>What a guest has used, as the API shows it.</summary>
    public static DiagnosticsView Of(GuestDiagnostics counted, Server server, DateTimeOffset now) => new()
    {
        Hypervisor = counted.Hypervisor,
        HypervisorOs = counted.HypervisorOs,
        Uptime = server.LaunchedAt is { } launched ? Math.Max(0, (now.ToUnixTimeMilliseconds() - launched) / 1000) : null,
        ConfigDrive = server.ConfigDrive,
        NumCpus = counted.Cpus.Count,
        NumNics = counted.Nics.Count,
        NumDisks = counted.Disks.Count,
        MemoryDetails = new(counted.MemoryKb >> 10, counted.UsedMemoryKb >> 10),
        CpuDetails = [.. counted.Cpus.Select(c => new CpuView(c.Id, c.TimeNs, c.Utilisation))],
        DiskDetails = [.. counted.Disks.Select(d => new DiskView(d.ReadBytes, d.ReadRequests, d.WriteBytes, d.WriteRequests, d.Errors))],
        NicDetails = [.. counted.Nics.Select(NicView.Of)],
    };
}

/// <summary>Memory in MiB.</summary>
public sealed record MemoryView(long? Maximum, long? Used);

/// <summary>A processor: nanoseconds and per cent.</summary>
public sealed record CpuView(int? Id, long? Time, int? Utilisation);

/// <summary>A disk.</summary>
public sealed record DiskView(long? ReadBytes, long? ReadRequests, long? WriteBytes, long? WriteRequests, long? ErrorsCount);

/// <summary>An interface; nobody measures rates.</summary>
public sealed record NicView(
    string? MacAddress, long? RxOctets, long? RxErrors, long? RxDrop, long? RxPackets, long? RxRate, long? TxOctets, long? TxErrors, long? TxDrop, long? TxPackets, long? TxRate)
{
    /// <summary>An interface as it was counted.</summary>
    public static NicView Of(NicFigures nic) => new(
        nic.Mac, nic.Received.Octets, nic.Received.Errors, nic.Received.Dropped, nic.Received.Packets, null,
        nic.Sent.Octets, nic.Sent.Errors, nic.Sent.Dropped, nic.Sent.Packets, null);
}

/// <summary>The form until 2.47: one object whose members are named after the guest's devices.</summary>
internal static class OldDiagnostics
{
    public static SortedDictionary<string, long> Of(GuestDiagnostics counted)
    {
        var figures = new SortedDictionary<string, long>(StringComparer.Ordinal) { ["memory"] = counted.MemoryKb };
        foreach (var (name, value) in counted.Memory)
            figures["memory-" + name] = value;
        foreach (var cpu in counted.Cpus)
            Add($"cpu{cpu.Id}_time", cpu.TimeNs);
        foreach (var disk in counted.Disks)
        {
            Add(disk.Device + "_read", disk.ReadBytes);
            Add(disk.Device + "_read_req", disk.ReadRequests);
            Add(disk.Device + "_write", disk.WriteBytes);
            Add(disk.Device + "_write_req", disk.WriteRequests);
            // Nobody counts them where QEMU tells nothing: the original shows -1.
            Add(disk.Device + "_errors", disk.Errors ?? -1);
        }

        foreach (var nic in counted.Nics)
        {
            Traffic(nic.Device + "_rx", nic.Received);
            Traffic(nic.Device + "_tx", nic.Sent);
        }

        return figures;

        void Traffic(string name, NicTraffic traffic)
        {
            Add(name, traffic.Octets);
            Add(name + "_packets", traffic.Packets);
            Add(name + "_errors", traffic.Errors);
            Add(name + "_drop", traffic.Dropped);
        }

        void Add(string name, long? value)
        {
            if (value is { } counted)
                figures[name] = counted;
        }
    }
}
