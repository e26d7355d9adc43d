using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Not the hosts of the servers that the hint <c>different_host</c> names.</summary>
internal sealed class DifferentHostFilter : IHostFilter
{
    public string Name => "DifferentHostFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var server in request.Hints?.DifferentHost ?? [])
            if (picture.SlotOfServer(server) is var slot and >= 0)
                alive[slot] = false;
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts have a server that different_host names");
    }
}

/// <summary>Only the hosts of the servers that the hint <c>same_host</c> names.</summary>
internal sealed class SameHostFilter : IHostFilter
{
    public string Name => "SameHostFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Hints?.SameHost is not { Count: > 0 } servers)
            return;

        var named = new BitSet();
        foreach (var server in servers)
            if (picture.SlotOfServer(server) is var slot and >= 0)
                named[slot] = true;
        alive.And(named);
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts have none of the servers that same_host names");
    }
}
