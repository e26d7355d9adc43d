using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Prefilters;

/// <summary>
/// Not the hosts that Placement knows as disabled (trait <c>COMPUTE_STATUS_DISABLED</c>). A host that an operator disabled
/// through its service is ComputeFilter's, so that the zone:host form still reaches it.
/// </summary>
internal sealed class ComputeStatus : IHostFilter
{
    private const string Trait = "COMPUTE_STATUS_DISABLED";

    public string Name => "compute_status_filter";

    public bool IsAlwaysAsked => true;

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive) => alive.AndNot(picture.WithTrait(Trait));

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are marked with {Trait}");
    }
}

/// <summary>Only providers that say that they are the compute service's (trait <c>OWNER_NOVA</c>), once every host that is up says so.</summary>
internal sealed class OwnerNova : IHostFilter
{
    private const string Trait = "OWNER_NOVA";

    private readonly BitSet _others = new();

    public string Name => "owner_nova_filter";

    public bool IsAlwaysAsked => true;

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        _others.CopyFrom(picture.Present);
        _others.AndNot(picture.Down);
        _others.AndNot(picture.Unknown);
        _others.AndNot(picture.WithTrait(Trait));
        if (_others.IsEmpty && !picture.WithTrait(Trait).IsEmpty)
            alive.And(picture.WithTrait(Trait));
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts do not say that they are of the compute service");
    }
}
