using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts of the requested availability zone.</summary>
public sealed class ZoneFilter : IHostFilter
{
    /// <inheritdoc />
    public string Name => "AvailabilityZoneFilter";

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Zone is { } zone)
            alive.And(picture.InZone(zone));
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        int hosts = refused.Count(), inZone = picture.InZone(request.Zone!).Count();
        return Message.Of($"{hosts} hosts are in other zones than {request.Zone}, which has {inZone}");
    }
}
