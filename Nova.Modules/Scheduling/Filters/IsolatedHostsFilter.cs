using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Keeps hosts for images, and images on hosts, by the lists of the settings.</summary>
internal sealed class IsolatedHostsFilter(IReadOnlyList<string> images, IReadOnlyList<string> hosts, bool isRestricted) : IHostFilter
{
    public string Name => "IsolatedHostsFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        var isIsolated = request.Image is { } image && images.Contains(image.Id);
        if (isIsolated)
            alive.And(Isolated(picture));
        else if (isRestricted)
            alive.AndNot(Isolated(picture));
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var count = refused.Count();
        return Message.Of($"{count} hosts are kept for other images");
    }

    private BitSet Isolated(Picture picture)
    {
        var isolated = new BitSet();
        foreach (var host in hosts)
            if (picture.SlotOfName(host) is var slot and >= 0)
                isolated[slot] = true;
        return isolated;
    }
}
