using System.Text.Json;
using Nova.Modules.Compute;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// The links between namespaces of one router. Whichever network comes second makes the link and both of its ends, so a
/// network that is set up already need not be touched again; a namespace that goes takes its links with it.
/// </summary>
internal sealed class RouterPeers(HostTools tools, HostSettings settings, HostNaming names)
{
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>No link is made while this runs.</summary>
    public async Task Alone(Func<Task> work, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            await work();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The network is linked to those that it is routed to, as far as they are on this host, and to no others.</summary>
    /// <param name="network">The network, whose namespace exists.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="before">The networks that it was linked to; null when that is not known.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The networks that it may be linked to now.</returns>
    public async Task<HashSet<Guid>> Ensure(NetworkSpec network, int slot, HashSet<Guid>? before, CancellationToken ct)
    {
        var wanted = RouterConfig.Peers(network).ToHashSet();
        if (wanted.Count > 0 || before is null or { Count: > 0 })
            await Alone(() => Link(network, slot, wanted, ct), ct);
        return wanted;
    }

    private async Task Link(NetworkSpec network, int slot, HashSet<Guid> wanted, CancellationToken ct)
    {
        var space = SpaceOf(network.Id);
        var present = await Present(space, ct);
        var names = wanted.Select(peer => RouterConfig.Link + HostNaming.Tag(peer)).ToHashSet();
        await tools.Links(space, string.Concat(present.Where(link => !names.Contains(link)).Select(link => $"link del dev {link}\n")), ct);
        foreach (var peer in wanted.Where(peer => NetworkNamespace.IsAlive(SpaceOf(peer))))
        {
            var otherSlot = await settings.Slot(HostNaming.Tag(peer), ct);
            var link = RouterConfig.Link + HostNaming.Tag(peer);
            if (!present.Contains(link))
                await tools.Links(space, $"link add name {link} type veth peer name {RouterConfig.Link}{HostNaming.Tag(network.Id)} netns {SpaceOf(peer)}\n", ct);
            await tools.Links(SpaceOf(peer), RouterConfig.PeerLinks(network, peer, otherSlot, network.Id, slot), ct);
            await tools.Links(space, RouterConfig.PeerLinks(network, network.Id, slot, peer, otherSlot), ct);
        }
    }

    private async Task<HashSet<string>> Present(string space, CancellationToken ct)
    {
        using var answer = JsonDocument.Parse(await tools.Ask(space, ["link", "show"], ct));
        return [.. answer.RootElement.EnumerateArray().Select(link => link.GetProperty("ifname").GetString()!).Where(name => name.StartsWith(RouterConfig.Link, StringComparison.Ordinal))];
    }

    private string SpaceOf(Guid network) => names.NamespacePrefix + HostNaming.Tag(network);
}
