using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Placement.Candidates;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Placement;

/// <summary>What a host's provider starts with, and how far changes of capacity are told.</summary>
[SettingsSection("placement")]
public sealed record PlacementOptions
{
    /// <summary>Ratio of a new host's VCPU inventory.</summary>
    [Description("How many virtual CPUs a host gives out per processor, when its inventory is first made. Later changes are made through the Placement API.")]
    [Range(0.01, 1000)]
    public double InitialCpuAllocationRatio { get; init; } = 4.0;

    /// <summary>Ratio of a new host's MEMORY_MB inventory.</summary>
    [Description("How many times a host gives out its memory, when its inventory is first made. Later changes are made through the Placement API.")]
    [Range(0.01, 1000)]
    public double InitialRamAllocationRatio { get; init; } = 1.0;

    /// <summary>Ratio of a new host's DISK_GB inventory.</summary>
    [Description("How many times a host gives out its disk, when its inventory is first made. Later changes are made through the Placement API.")]
    [Range(0.01, 1000)]
    public double InitialDiskAllocationRatio { get; init; } = 1.0;

    /// <summary>Ratio of every host's VCPU inventory.</summary>
    [Description("How many virtual CPUs every host gives out per processor; a change through the Placement API is undone. null leaves initial_cpu_allocation_ratio and the API their say.")]
    [Range(0.01, 1000)]
    public double? CpuAllocationRatio { get; init; }

    /// <summary>Ratio of every host's MEMORY_MB inventory.</summary>
    [Description("How many times every host gives out its memory; a change through the Placement API is undone. null leaves initial_ram_allocation_ratio and the API their say.")]
    [Range(0.01, 1000)]
    public double? RamAllocationRatio { get; init; }

    /// <summary>Ratio of every host's DISK_GB inventory.</summary>
    [Description("How many times every host gives out its disk; a change through the Placement API is undone. null leaves initial_disk_allocation_ratio and the API their say.")]
    [Range(0.01, 1000)]
    public double? DiskAllocationRatio { get; init; }

    /// <summary>Processors that are kept from guests.</summary>
    [Description("Processors of each host that guests do not get.")]
    [Range(0, 100_000)]
    public int ReservedHostCpus { get; init; }

    /// <summary>MiB that are kept from guests.</summary>
    [Description("Memory of each host, in MiB, that guests do not get.")]
    [Range(0, int.MaxValue)]
    public int ReservedHostMemoryMb { get; init; } = 512;

    /// <summary>GiB that are kept from guests.</summary>
    [Description("Disk of each host, in GiB, that guests do not get.")]
    [Range(0, int.MaxValue)]
    public int ReservedHostDiskGb { get; init; }

    /// <summary>Whether each claim writes an event for pictures in other processes.</summary>
    [Description("true when a scheduler runs in another process than the conductors: each claim then writes a row for it. false tells only the scheduler of the same process.")]
    public bool ShareUsage { get; init; }

    /// <summary>The most that <see cref="MaxAllocationCandidates"/> can be: an answer of some hundred megabytes.</summary>
    public const int MostAllocationCandidates = 1_000_000;

    /// <summary>Whether allocation candidates come in random order.</summary>
    [Description("true: allocation candidates come in random order, and a limit takes a sample of all of them. false: in an order that stays the same, and a limit ends the search.")]
    public bool RandomizeAllocationCandidates { get; init; }

    /// <summary>At most so many candidates are made for a request, whatever its limit; −1 is <see cref="MostAllocationCandidates"/>.</summary>
    [Description("At most so many allocation candidates are made for one request, whatever its limit: it bounds the time and the size of an answer where a tree has many equal devices. -1 is 1000000.")]
    [Range(-1, MostAllocationCandidates)]
    public int MaxAllocationCandidates { get; init; } = 100_000;

    /// <summary>In which order the provider trees are visited.</summary>
    [Description("depth_first makes all allocation candidates of a provider tree before those of the next. breadth_first makes one of each tree before the second of any: better with max_allocation_candidates or a limit where trees have many equal devices.")]
    public GenerationStrategy AllocationCandidatesGenerationStrategy { get; init; }
}
