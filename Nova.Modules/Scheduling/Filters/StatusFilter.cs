using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts that are enabled and seen by a conductor.</summary>
public sealed class StatusFilter : IHostFilter
{
    /// <inheritdoc />
    public string Name => "ComputeFilter";

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        alive.AndNot(picture.Disabled);
        alive.AndNot(picture.ForcedDown);
        if (request.IncludeAbsent)
            return;

        alive.AndNot(picture.Down);
        alive.AndNot(picture.Unknown);
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        int disabled = CountIn(picture.Disabled, refused), down = CountIn(picture.Down, refused), unknown = CountIn(picture.Unknown, refused);
        return Message.Of($"{disabled} hosts are disabled, {down} are down, and {unknown} have not been heard of yet");
    }

    private static int CountIn(BitSet state, BitSet refused)
    {
        var both = new BitSet();
        both.CopyFrom(state);
        both.And(refused);
        return both.Count();
    }
}
