using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Prefilters;

/// <summary>Only hosts with the traits that follow from something else that was asked for.</summary>
internal sealed class TraitPrefilter(string name, Func<PlacementRequest, IEnumerable<string>> traits) : IHostFilter
{
    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public bool IsAlwaysAsked => true;

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var trait in traits(request))
            alive.And(picture.WithTrait(trait));
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts lack {string.Join(" or ", traits(request))}");
    }
}
