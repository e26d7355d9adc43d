using Nova.Modules.Hardware;
using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

/// <summary>What a picture of all hosts is told: by a direct call after the commit, or by the reader of the outbox.</summary>
public interface IPictureFeed : ICapacityFeed
{
    /// <summary>A host is new, or its state, zone, aggregates or abilities changed.</summary>
    void HostChanged(HostState host);

    /// <summary>A host is gone.</summary>
    void HostRemoved(Guid hostId);

    /// <summary>A host aggregate is new, or its name or metadata changed.</summary>
    void AggregateChanged(AggregateState aggregate);

    /// <summary>A host aggregate is gone.</summary>
    void AggregateRemoved(Guid aggregateId);

    /// <summary>A guest was given hardware of a host, or gave it back.</summary>
    void HardwareChanged(HardwareChange change)
    {
        // Of interest to schedulers alone.
    }

    /// <summary>A server began to keep its host busy (build, move, resize, rescue, copy), or settled.</summary>
    void ServerBusy(Guid serverId, bool isBusy)
    {
        // Of interest to schedulers alone.
    }

    /// <summary>A host could not make a guest.</summary>
    void BuildFailed(Guid hostId)
    {
        // Of interest to schedulers alone.
    }

    /// <summary>A member of a server group was placed, or has left its host.</summary>
    void MemberChanged(GroupMember member);

    /// <summary>A server group is gone; its servers stay where they are.</summary>
    void GroupRemoved(Guid groupId);
}

/// <summary>Whether a host can be reached.</summary>
public enum HostHealth
{
    /// <summary>Nobody has heard of it since the conductors started: it gets no new servers, and is not down.</summary>
    Unknown,
    /// <summary>At least one conductor sees it.</summary>
    Up,
    /// <summary>No conductor sees it, or an operator forced it down.</summary>
    Down,
}

/// <summary>The words of <see cref="HostHealth"/> in the column <c>hosts.state</c>.</summary>
public static class HostHealths
{
    /// <summary>The word of a health.</summary>
    public static string Word(HostHealth health) => health switch { HostHealth.Up => "up", HostHealth.Down => "down", _ => "unknown" };

    /// <summary>The health of a host's row; an operator's word (forced down) is stronger than what conductors see.</summary>
    public static HostHealth Of(string state, bool forcedDown) =>
        forcedDown ? HostHealth.Down : state switch { "up" => HostHealth.Up, "down" => HostHealth.Down, _ => HostHealth.Unknown };
}

/// <summary>What a scheduler knows of a host beside its capacity.</summary>
public sealed record HostState
{
    /// <summary>The host; also its root provider's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Rises with each change; what is heard late is ignored.</summary>
    public long Revision { get; init; }

    /// <summary>The service's host name.</summary>
    public required string Name { get; init; }

    /// <summary>The hypervisor's host name.</summary>
    public required string Node { get; init; }

    /// <summary>Its availability zone.</summary>
    public required string Zone { get; init; }

    /// <summary>Whether it can be reached.</summary>
    public required HostHealth Health { get; init; }

    /// <summary>True while a conductor sees it, whatever an operator says.</summary>
    public bool IsSeen { get; init; }

    /// <summary>True when an operator says that it is down, seen or not.</summary>
    public bool ForcedDown { get; init; }

    /// <summary>True when an operator disabled its service.</summary>
    public bool Disabled { get; init; }

    /// <summary>What it can run, as <c>architecture/hypervisor type/VM mode</c>.</summary>
    public IReadOnlyList<string> SupportedInstances { get; init; } = [];

    /// <summary>The host aggregates that it is in.</summary>
    public IReadOnlyList<Guid> Aggregates { get; init; } = [];

    /// <summary>QEMU, fake …</summary>
    public string HypervisorType { get; init; } = "";

    /// <summary>MAJOR × 1,000,000 + MINOR × 1,000 + PATCH.</summary>
    public int HypervisorVersion { get; init; }

    /// <summary>The address under which other hosts reach it.</summary>
    public string HostIp { get; init; } = "";

    /// <summary>Logical processors.</summary>
    public long Vcpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long MemoryMb { get; init; }

    /// <summary>Disk for guests in GiB.</summary>
    public long DiskGb { get; init; }

    /// <summary>JSON as <c>cpu_info</c> of os-hypervisors shows it.</summary>
    public string CpuInfo { get; init; } = "{}";

    /// <summary>The cell whose database has it.</summary>
    public int Cell { get; init; }

    /// <summary>What it measures of itself by name, such as <c>cpu.percent</c>.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = None;

    /// <summary>Its NUMA cells and devices; null when it does not tell.</summary>
    public HostHardware? Hardware { get; init; }

    private static readonly IReadOnlyDictionary<string, double> None = new Dictionary<string, double>();
}
