namespace Nova.Modules.Hardware;

/// <summary>A host's hardware as the fitting reads it.</summary>
internal sealed class HardwareLayout
{
    private const int KibibytesPerMebibyte = 1024;

    public HardwareLayout(HostHardware hardware)
    {
        var dedicated = (CpuRanges.TryParse(hardware.DedicatedCpus) ?? []).ToHashSet();
        var shared = hardware.SharedCpus is { } text ? (CpuRanges.TryParse(text) ?? []).ToHashSet() : null;
        // What a host says twice counts once: its report must not end whoever reads it.
        Cells = [.. hardware.Cells.DistinctBy(cell => cell.Id).Select(cell => new Cell(cell, dedicated, shared))];
        Devices = [.. hardware.Devices.DistinctBy(d => d.Address, StringComparer.Ordinal)];
        ByAddress = Devices.ToDictionary(d => d.Address, StringComparer.Ordinal);
        DedicatedCount = Cells.Sum(c => c.Cores.Sum(core => core.Length));
        SharedCount = Cells.Sum(c => c.SharedCpus);
        HasThreads = hardware.Cells.Any(c => c.Threads > 1);
    }

    public IReadOnlyList<Cell> Cells { get; }

    public IReadOnlyList<HostDevice> Devices { get; }

    public IReadOnlyDictionary<string, HostDevice> ByAddress { get; }

    /// <summary>Processors for one guest each.</summary>
    public int DedicatedCount { get; }

    /// <summary>Processors that guests share.</summary>
    public int SharedCount { get; }

    /// <summary>Whether cores have several threads.</summary>
    public bool HasThreads { get; }

    /// <summary>One cell.</summary>
    public sealed class Cell
    {
        public Cell(HostCell cell, HashSet<int> dedicated, HashSet<int>? shared)
        {
            (Id, Socket) = (cell.Id, cell.Socket);
            var cpus = CpuRanges.TryParse(cell.Cpus) ?? [];
            var threads = Math.Max(1, cell.Threads);
            var cores = cpus.Count / threads;
            Cores =
            [
                .. Enumerable.Range(0, cores)
                    .Select(core => Enumerable.Range(0, threads).Select(thread => cpus[core + thread * cores]).Where(dedicated.Contains).ToArray())
                    .Where(core => core.Length > 0),
            ];
            SharedCpus = cpus.Count(cpu => shared?.Contains(cpu) ?? !dedicated.Contains(cpu));
            CpuCount = cpus.Count;
            Pages = cell.Pages.Where(p => p.SizeKb > 0).DistinctBy(p => p.SizeKb).OrderByDescending(p => p.SizeKb).ToDictionary(p => p.SizeKb, p => (long)(p.Total - p.Reserved) * p.SizeKb / KibibytesPerMebibyte);
            SmallMemoryMb = cell.MemoryMb - cell.Pages.Sum(p => (long)p.Total * p.SizeKb / KibibytesPerMebibyte);
        }

        public int Id { get; }

        public int Socket { get; }

        /// <summary>The dedicated processors, those of one core together.</summary>
        public IReadOnlyList<int[]> Cores { get; }

        /// <summary>How many processors guests share here.</summary>
        public int SharedCpus { get; }

        /// <summary>All processors of the cell.</summary>
        public int CpuCount { get; }

        /// <summary>MiB of huge pages that guests may get, by size in KiB, the largest size first.</summary>
        public IReadOnlyDictionary<int, long> Pages { get; }

        /// <summary>MiB that are not in huge pages.</summary>
        public long SmallMemoryMb { get; }
    }
}
