using Nova.Modules.Hardware;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts on whose NUMA cells the guest's fit: processors, pinned or shared, pages, and devices near them.</summary>
internal sealed class NumaTopologyFilter : IFittingFilter
{
    public string Name => "NUMATopologyFilter";

    public bool Concerns(Picture picture, PlacementRequest request) => request.Hardware is { Cells.Count: > 0 };

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Hardware is not { Cells: { Count: > 0 } cells } demand)
            return;

        picture.NumaCells.KeepAtLeast(cells.Count, alive);
        if (cells.Max(c => c.Pinned.Count) is var pinned and > 0)
            picture.MostPinnable.KeepAtLeast(pinned, alive);
        if (demand.Pages is { Kind: PageKind.Exact, SizeKb: > 4 and var size })
        {
            if (picture.MostPages(size) is { } pages)
                pages.KeepAtLeast(cells.Max(c => c.MemoryMb), alive);
            else
                alive.Clear();
        }
    }

    public bool Fits(Picture picture, PlacementRequest request, int slot) => picture.FindHardware(slot, request.Hardware!) is not null;

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var (hosts, cells, cpus) = (refused.Count(), request.Hardware!.Cells.Count, request.Hardware.PinnedCount);
        var most = 0;
        for (var slot = refused.Next(0); slot >= 0; slot = refused.Next(slot + 1))
            most = Math.Max(most, picture.MostPinnable[slot]);
        return cpus > 0
            ? Message.Of($"{hosts} hosts have no room for {cells} NUMA cells with {cpus} pinned CPUs; the best cell has {most} free")
            : Message.Of($"{hosts} hosts have no room for {cells} NUMA cells of this size");
    }
}
