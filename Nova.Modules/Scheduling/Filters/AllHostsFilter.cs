using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Every host.</summary>
internal sealed class AllHostsFilter : IHostFilter
{
    public string Name => "AllHostsFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        // It is there to be the only one.
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused) => Message.Of($"no host was refused");
}
