namespace Nova.Modules.Hardware;

/// <summary>What a guest was given of its host.</summary>
public sealed record GivenHardware
{
    /// <summary>Where each cell of the guest is.</summary>
    public IReadOnlyList<GivenCell> Cells { get; init; } = [];

    /// <summary>The processor of its emulator alone; null when that shares.</summary>
    public int? EmulatorCpu { get; init; }

    /// <summary>Its devices.</summary>
    public IReadOnlyList<GivenDevice> Devices { get; init; } = [];

    /// <summary>Every processor of the host that no other guest may get.</summary>
    public IEnumerable<int> Cpus => Cells.SelectMany(c => c.Pins.Select(p => p.Cpu).Concat(c.Idle)).Concat(EmulatorCpu is { } cpu ? [cpu] : []);
}

/// <summary>A cell of a guest on a cell of its host.</summary>
public sealed record GivenCell
{
    /// <summary>The guest's cell.</summary>
    public int Guest { get; init; }

    /// <summary>The host's cell.</summary>
    public int Host { get; init; }

    /// <summary>Its pinned processors.</summary>
    public IReadOnlyList<CpuPin> Pins { get; init; } = [];

    /// <summary>Threads that stay idle beside its pinned ones.</summary>
    public IReadOnlyList<int> Idle { get; init; } = [];

    /// <summary>How many virtual processors share the host cell's.</summary>
    public int SharedVcpus { get; init; }

    /// <summary>Its memory.</summary>
    public int MemoryMb { get; init; }

    /// <summary>The size of its pages in KiB; 0 where it does not matter.</summary>
    public int PageSizeKb { get; init; }
}

/// <summary>A virtual processor on a processor of its own.</summary>
public readonly record struct CpuPin(int Vcpu, int Cpu);

/// <summary>A device of the host that the guest has.</summary>
/// <param name="Demand">The position of what asked for it in <see cref="HardwareDemand.Devices"/>.</param>
/// <param name="Address">Such as <c>0000:81:00.0</c>.</param>
public readonly record struct GivenDevice(int Demand, string Address);
