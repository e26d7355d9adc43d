using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>
/// Only hosts with fewer members of the request's group than its rule allows. Asked for the zone:host form too: the claim
/// would refuse the host, and the reason would be lost.
/// </summary>
public sealed class GroupAntiAffinityFilter : IHostFilter
{
    /// <inheritdoc />
    public string Name => "ServerGroupAntiAffinityFilter";

    /// <inheritdoc />
    public bool IsAlwaysAsked => true;

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Group is not { Policy: GroupPolicies.AntiAffinity })
            return;

        foreach (var slot in picture.HostsOf(request))
            if (!Allows(picture, request, slot))
                alive[slot] = false;
    }

    /// <summary>Whether the host may have one more member of the request's group.</summary>
    public static bool Allows(Picture picture, PlacementRequest request, int slot) =>
        request.Group is not { Policy: GroupPolicies.AntiAffinity } group || picture.MembersOn(request, slot) < group.MaxPerHost;

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        int hosts = refused.Count();
        var most = request.Group!.MaxPerHost;
        return (hosts, most) switch
        {
            (1, 1) => Message.Of($"1 host already has a member of the server group"),
            (_, 1) => Message.Of($"{hosts} hosts already have a member of the server group"),
            (1, _) => Message.Of($"1 host already has {most} members of the server group"),
            _ => Message.Of($"{hosts} hosts already have {most} members of the server group"),
        };
    }
}
