using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Not the hosts that have failed this request already.</summary>
public sealed class RetryFilter : IHostFilter
{
    /// <inheritdoc />
    public string Name => "RetryFilter";

    /// <inheritdoc />
    public bool IsAlwaysAsked => true;

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var tried in request.TriedHosts)
            if (picture.SlotOf(tried) is var slot and >= 0)
                alive[slot] = false;
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts were tried already and failed");
    }
}
