using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only the host or node that the request names.</summary>
public sealed class RequestedHostFilter : IHostFilter
{
    /// <inheritdoc />
    public string Name => "RequestedHostFilter";

    /// <inheritdoc />
    public bool IsAlwaysAsked => true;

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Host is { } host)
            KeepOnly(picture.SlotOfName(host), alive);
        if (request.Node is { } node)
            KeepOnly(picture.SlotOfNode(node), alive);
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var name = request.Host ?? request.Node;
        var isKnown = request.Host is { } host ? picture.SlotOfName(host) >= 0 : picture.SlotOfNode(request.Node!) >= 0;
        return isKnown ? Message.Of($"the request names {name}") : Message.Of($"the request names {name}, which does not exist");
    }

    private static void KeepOnly(int slot, BitSet alive)
    {
        var isAlive = slot >= 0 && alive[slot];
        alive.Clear();
        if (isAlive)
            alive[slot] = true;
    }
}
