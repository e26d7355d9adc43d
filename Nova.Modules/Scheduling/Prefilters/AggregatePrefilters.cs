using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Prefilters;

/// <summary>Keeps hosts of aggregates that require traits (<c>trait:X=required</c>) for the requests that ask for these.</summary>
internal sealed class IsolateAggregates : IHostFilter
{
    private const string TraitPrefix = "trait:";

    public string Name => "isolate_aggregates";

    public bool IsAlwaysAsked => true;

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var aggregate in picture.Aggregates.Values)
            if (aggregate.Metadata.Any(m => m.Value == "required" && m.Key.StartsWith(TraitPrefix, StringComparison.Ordinal)
                && !request.RequiredTraits.Contains(m.Key[TraitPrefix.Length..])))
                alive.AndNot(picture.InAggregate(aggregate.Id));
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are kept for requests with traits that this one does not ask for");
    }
}

/// <summary>Only hosts of the aggregates whose <c>filter_tenant_id…</c> names the project, where there are such.</summary>
internal sealed class RequireTenantAggregate(bool isRequired) : IHostFilter
{
    public string Name => "require_tenant_aggregate";

    public bool IsAlwaysAsked => true;

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (picture.Aggregates.Values.Any(a => Names(a, request)))
            alive.And(picture.HostsOf(a => Names(a, request)));
        else if (isRequired)
            alive.Clear();
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are not in an aggregate of the project");
    }

    private static bool Names(AggregateState aggregate, PlacementRequest request) =>
        aggregate.ValuesOfAll("filter_tenant_id").Contains(request.ProjectId);
}

/// <summary>Only hosts of the aggregates that are the requested zone; a zone without aggregates is left to the filters.</summary>
internal sealed class MapZoneToAggregates : IHostFilter
{
    public string Name => "map_az_to_placement_aggregate";

    public bool IsAlwaysAsked => true;

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Zone is { } zone && picture.Aggregates.Values.Any(a => IsZone(a, zone)))
            alive.And(picture.HostsOf(a => IsZone(a, zone)));
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are not in the zone {request.Zone!}");
    }

    private static bool IsZone(AggregateState aggregate, string zone) => aggregate.Metadata.GetValueOrDefault(AggregateStates.ZoneKey) == zone;
}

/// <summary>Only hosts that reach a segment of each network of the requested ports.</summary>
internal sealed class RoutedNetworks : IHostFilter
{
    public string Name => "routed_networks_filter";

    public bool IsAlwaysAsked => true;

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var segments in request.Ports?.SegmentAggregates ?? [])
        {
            var reached = new BitSet();
            foreach (var segment in segments)
            {
                reached.Or(picture.InProviderAggregate(segment));
                reached.Or(picture.InAggregate(segment));
            }

            alive.And(reached);
        }
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts do not reach a segment of the requested networks");
    }
}
