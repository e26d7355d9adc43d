using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>
/// Only the hosts that have members of the request's group, if any has. Asked for the zone:host form too: the claim would
/// refuse the host, and the reason would be lost.
/// </summary>
public sealed class GroupAffinityFilter : IHostFilter
{
    /// <inheritdoc />
    public string Name => "ServerGroupAffinityFilter";

    /// <inheritdoc />
    public bool IsAlwaysAsked => true;

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Group is not { Policy: GroupPolicies.Affinity })
            return;

        var hosts = new BitSet();
        foreach (var slot in picture.HostsOf(request))
            hosts[slot] = true;
        if (!hosts.IsEmpty)
            alive.And(hosts);
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return hosts == 1
            ? Message.Of($"1 host is not the one that has the members of the server group")
            : Message.Of($"{hosts} hosts are not the one that has the members of the server group");
    }
}
