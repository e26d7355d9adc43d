namespace Nova.Modules.Hardware;

/// <summary>A guest's cell on a host's, and the emulator's processor where that is in it.</summary>
internal sealed record CellFit(GivenCell Cell, int? EmulatorCpu);

/// <summary>Whether and how one cell of a guest fits one cell of a host.</summary>
internal static class CellFitting
{
    private const int KibibytesPerMebibyte = 1024;
    private const int SmallPageKb = 4;

    public static CellFit? Find(HardwareLayout.Cell cell, HostUse use, HardwareDemand demand, GuestCell guest, FitRatios ratios)
    {
        if (guest.Shared.Count > cell.SharedCpus || use.SharedVcpus(cell.Id) + guest.Shared.Count > cell.SharedCpus * ratios.Cpu)
            return null;
        if (PageSize(cell, use, demand.Pages, guest.MemoryMb, ratios) is not { } pageSize)
            return null;

        // The emulator's processor comes from the guest's first cell, and is pinned like one more virtual processor.
        var withEmulator = demand.IsolatesEmulator && guest.Id == demand.Cells[0].Id;
        var wanted = guest.Pinned.Count + (withEmulator ? 1 : 0);
        if (Pin(cell, use, wanted, demand.Threads) is not { } pins)
            return null;

        return new(
            new()
            {
                Guest = guest.Id, Host = cell.Id, SharedVcpus = guest.Shared.Count, MemoryMb = guest.MemoryMb, PageSizeKb = pageSize,
                Pins = [.. guest.Pinned.Select((vcpu, i) => new CpuPin(vcpu, pins.Cpus[i]))], Idle = pins.Idle,
            },
            withEmulator ? pins.Cpus[^1] : null);
    }

    private static int? PageSize(HardwareLayout.Cell cell, HostUse use, PageDemand pages, int memoryMb, FitRatios ratios)
    {
        return pages.Kind switch
        {
            PageKind.Unspecified => use.MemoryMb(cell.Id, 0) + use.MemoryMb(cell.Id, SmallPageKb) + memoryMb <= cell.SmallMemoryMb * ratios.Memory ? 0 : null,
            PageKind.Small => Small(),
            PageKind.Exact when pages.SizeKb == SmallPageKb => Small(),
            PageKind.Exact => HasPages(pages.SizeKb) ? pages.SizeKb : null,
            PageKind.Large => Largest(),
            _ => Largest() ?? Small(),
        };

        int? Largest() => cell.Pages.Keys.Cast<int?>().FirstOrDefault(size => HasPages(size!.Value));

        // Memory in pages of a given size is never given out twice.
        int? Small() => use.MemoryMb(cell.Id, 0) + use.MemoryMb(cell.Id, SmallPageKb) + memoryMb <= cell.SmallMemoryMb ? SmallPageKb : null;

        bool HasPages(int size) => (long)memoryMb * KibibytesPerMebibyte % size == 0
            && cell.Pages.TryGetValue(size, out var total) && use.MemoryMb(cell.Id, size) + memoryMb <= total;
    }

    private static Pinning? Pin(HardwareLayout.Cell cell, HostUse use, int wanted, ThreadPolicy policy)
    {
        if (wanted == 0)
            return new([], []);

        var cores = cell.Cores.Select(core => Array.FindAll(core, use.IsFree)).Where(core => core.Length > 0).ToList();
        return policy switch
        {
            ThreadPolicy.Isolate => Isolate(cell, use, wanted),
            ThreadPolicy.Require => Require(cores, wanted),
            _ => Prefer(cores, wanted),
        };
    }

    private static Pinning? Isolate(HardwareLayout.Cell cell, HostUse use, int wanted)
    {
        var whole = cell.Cores.Where(core => Array.TrueForAll(core, use.IsFree)).Take(wanted).ToList();
        return whole.Count < wanted ? null : new([.. whole.Select(core => core[0])], [.. whole.SelectMany(core => core.Skip(1))]);
    }

    // As many threads of each core as can be had, the same number of every core, at least two.
    private static Pinning? Require(List<int[]> cores, int wanted)
    {
        for (var threads = cores.Select(c => c.Length).DefaultIfEmpty(0).Max(); threads > 1; threads--)
        {
            if (wanted % threads != 0)
                continue;

            var fitting = cores.Where(c => c.Length >= threads).OrderBy(c => c.Length).Take(wanted / threads).ToList();
            if (fitting.Count == wanted / threads)
                return new([.. fitting.SelectMany(c => c.Take(threads))], []);
        }

        return null;
    }

    // Whole cores for as long as they fill up; what is left over goes where a core is used already, so that whole ones stay.
    private static Pinning? Prefer(List<int[]> cores, int wanted)
    {
        var cpus = new List<int>(wanted);
        foreach (var core in cores.OrderByDescending(c => c.Length))
            if (core.Length <= wanted - cpus.Count)
                cpus.AddRange(core);
        foreach (var core in cores.Where(c => !cpus.Contains(c[0])).OrderBy(c => c.Length))
            cpus.AddRange(core.Take(wanted - cpus.Count));
        return cpus.Count < wanted ? null : new(cpus, []);
    }

    private sealed record Pinning(IReadOnlyList<int> Cpus, IReadOnlyList<int> Idle);
}
