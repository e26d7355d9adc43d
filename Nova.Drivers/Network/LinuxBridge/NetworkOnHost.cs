using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// One network on this host: its bridge, its namespace with gateway, DHCP and metadata, and the taps in it. The caller
/// holds the network's lock. Every step may find its own work done already.
/// </summary>
internal sealed class NetworkOnHost(Guid id, LinuxBridgeOptions options, HostNaming names, HostParts host, TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, NicSpec> ports = [];
    private readonly string bridge = names.BridgePrefix + HostNaming.Tag(id);
    private readonly string gateway = names.GatewayPrefix + HostNaming.Tag(id);
    private readonly string uplink = names.UplinkPrefix + HostNaming.Tag(id);
    private readonly string space = names.NamespacePrefix + HostNaming.Tag(id);
    private readonly Dnsmasq dnsmasq = new(options, host.Tools, names.NamespacePrefix + HostNaming.Tag(id), FolderOf(options, HostNaming.Tag(id)), time);
    private readonly FloatingBook floating = new();
    private Applied? applied;
    private NetworkSpec? spec;
    private HashSet<Guid>? peers;
    private int slot;

    /// <summary>One thing at a time happens to a network.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>True when its last port is gone and with it everything else: who waited for the lock starts again.</summary>
    public bool Removed { get; private set; }

    /// <summary>True when no port needs it.</summary>
    public bool IsUnused => ports.Count == 0;

    /// <summary>Where a network's DHCP files are.</summary>
    public static string FolderOf(LinuxBridgeOptions options, string tag) => Path.Combine(options.Directory, "networks", tag);

    /// <summary>The network is as described and these ports are in it.</summary>
    public async Task Plug(NetworkSpec network, IReadOnlyList<NicSpec> nics, CancellationToken ct)
    {
        foreach (var nic in nics)
        {
            ports[nic.PortId] = nic;
            floating.Set(nic.PortId, nic.Floating ?? []);
        }

        await EnsureNetwork(network, ct);

        // Rules first: a tap never carries a packet that they have not seen.
        await host.Firewall.Put(nics, slot, ct);
        await dnsmasq.Put([.. nics.Where(nic => nic.Addresses.Count > 0)], ct);
        await PlugTaps(network, nics, ct);
    }

    /// <summary>These ports are gone; with the last one everything that the network needed.</summary>
    public async Task Unplug(IReadOnlyList<Guid> gone, CancellationToken ct)
    {
        await RemoveTaps(host, gone.Select(HostNames.Tap), ct);
        await host.Firewall.Remove(gone, slot, ct);
        dnsmasq.Remove(gone);
        foreach (var port in gone)
            ports.TryRemove(port, out _);
        var wasReached = false;
        foreach (var port in gone)
            wasReached |= floating.Set(port, []);
        if (IsUnused)
            await Remove(ct);
        else if (wasReached && spec is not null)
            await EnsureNetwork(spec, ct);
    }

    private static async Task RemoveTaps(HostParts host, IEnumerable<string> taps, CancellationToken ct)
    {
        var batch = new StringBuilder();
        var all = taps.ToList();
        foreach (var tap in all)
            if (await host.Tools.HasLink(tap))
                batch.Append($"link del dev {tap}\n");
        await host.Tools.HostLinks(batch.ToString(), ct);
        all.ForEach(host.Taps.Forget);
    }

    private async Task RemoveTraces(CancellationToken ct)
    {
        if (host.Metadata is { } metadata)
            await metadata.Close(id);
        await dnsmasq.Stop(ct);
        var batch = new StringBuilder();
        foreach (var link in new[] { uplink, gateway, bridge })
            if (await host.Tools.HasLink(link))
                batch.Append($"link del dev {link}\n");
        await host.Tools.HostLinks(batch.ToString(), ct);
        await host.Outside.Close(id, ct);
        await host.Peers.Alone(() => RemoveNamespace(host.Tools, space, ct), ct);

        var folder = FolderOf(options, HostNaming.Tag(id));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        await host.Settings.ReleaseSlot(HostNaming.Tag(id), ct);
    }

    /// <summary>Removes a namespace, or the empty file that a kill in the middle of making one left.</summary>
    public static async Task RemoveNamespace(HostTools tools, string space, CancellationToken ct)
    {
        if (NetworkNamespace.IsAlive(space))
            await tools.Namespace("del", space, ct);
        else if (File.Exists(NetworkNamespace.PathOf(space)))
            File.Delete(NetworkNamespace.PathOf(space));
    }

    private async Task Remove(CancellationToken ct)
    {
        await RemoveTraces(ct);
        await host.Firewall.RemoveNetwork(new(bridge, gateway, slot, []), ct);
        Removed = true;
    }

    private async Task EnsureNetwork(NetworkSpec network, CancellationToken ct)
    {
        if (applied is null)
            await Build(network, ct);

        spec = network;
        var wanted = new Applied(HostLinks(network), NamespaceConfig.Links(network, names, slot), NamespaceConfig.Rules(network, names, floating.All), string.Join(' ', RouterConfig.Peers(network)));
        if (wanted != applied)
        {
            await RefuseRouteOfOthers(network, ct);
            await host.Tools.Rules(space, wanted.Rules, ct);
            await host.Tools.Links(space, wanted.Links, ct);
            await host.Outside.Put(id, new(RouterConfig.Outside(network), names.NamespaceSide(slot), [.. floating.All.Keys]), ct);
            await host.Tools.HostLinks(wanted.HostLinks, ct);
            await host.Outside.Open(network, slot, isNew: peers is { Count: 0 }, ct);
            peers = await host.Peers.Ensure(network, slot, peers, ct);
        }

        await dnsmasq.Ensure(network, ct);
        if (host.Metadata is { } metadata)
            await metadata.Open(id, space, FixedAddress);
        applied = wanted;
    }

    /// <summary>The parts that are made once: namespace, bridge and the two links between them.</summary>
    private async Task Build(NetworkSpec network, CancellationToken ct)
    {
        slot = await host.Settings.Slot(HostNaming.Tag(id), ct);
        await host.Firewall.PutNetwork(new(bridge, gateway, slot, []), ct);
        Directory.CreateDirectory(FolderOf(options, HostNaming.Tag(id)));
        var alive = NetworkNamespace.IsAlive(space);
        if (!alive)
        {
            await MakeNamespace(ct);
            peers = [];
        }

        var batch = new StringBuilder();
        if (!await host.Tools.HasLink(bridge))
            batch.Append($"link add name {bridge} type bridge\n");
        await Pair(batch, gateway, HostNaming.Inside, alive);
        await Pair(batch, uplink, HostNaming.Up, alive);
        await host.Tools.HostLinks(batch.ToString(), ct);

        // Nobody else answers for what the namespace answers for: no need to wait for them.
        await HostTools.WriteSettings(space, ($"net/ipv4/neigh/{HostNaming.Inside}/proxy_delay", "0"));
    }

    private async Task MakeNamespace(CancellationToken ct)
    {
        // A server of an earlier namespace of this name would go on serving nobody.
        await dnsmasq.Stop(ct);
        await RemoveNamespace(host.Tools, space, ct);
        await host.Tools.Namespace("add", space, ct);
        // Addresses are ours alone in there: detecting duplicates would only delay the first router advertisement.
        await HostTools.WriteSettings(space, ("net/ipv4/ip_forward", "1"), ("net/ipv6/conf/all/forwarding", "1"), ("net/ipv6/conf/default/accept_dad", "0"));
    }

    private async Task Pair(StringBuilder batch, string outside, string inside, bool alive)
    {
        var exists = await host.Tools.HasLink(outside);
        if (exists && alive)
            return;
        if (exists)
            batch.Append($"link del dev {outside}\n");
        batch.Append($"link add name {outside} type veth peer name {inside} netns {space}\n");
    }

    private string HostLinks(NetworkSpec network)
    {
        var call = host.Tracking == Tracking.Marks ? 1 : 0;
        var text = new StringBuilder(
            $"""
            link set dev {bridge} type bridge mcast_snooping 0 nf_call_iptables {call} nf_call_ip6tables {call}
            link set dev {bridge} address {HostNaming.BridgeMac(id)} mtu {network.Mtu} addrgenmode none up
            link set dev {gateway} master {bridge} mtu {network.Mtu} addrgenmode none up
            link set dev {uplink} up
            addr replace {names.HostSide(slot)}/30 dev {uplink}
            addr replace {HostNaming.HostSideV6(slot)}/64 dev {uplink} nodad
            route flush dev {uplink} proto static

            """);
        foreach (var subnet in Routed(network))
            text.Append($"route replace {NamespaceConfig.Range(subnet)} via {(NamespaceConfig.IsV6(subnet) ? HostNaming.NamespaceSideV6(slot) : names.NamespaceSide(slot))} dev {uplink} proto static\n");
        foreach (var address in floating.All.Keys)
            text.Append($"route replace {address} via {names.NamespaceSide(slot)} dev {uplink} proto static\n");
        return text.ToString();
    }

    private static IEnumerable<SubnetSpec> Routed(NetworkSpec network) => network.HostReachable ? network.Subnets.Where(subnet => subnet.Gateway is not null) : [];

    /// <summary>Two networks that the host reaches, or one and the host's own surroundings, cannot have the same range.</summary>
    private async Task RefuseRouteOfOthers(NetworkSpec network, CancellationToken ct)
    {
        foreach (var subnet in Routed(network))
        {
            var range = NamespaceConfig.Range(subnet);
            var answer = await host.Tools.AskHost([NamespaceConfig.IsV6(subnet) ? "-6" : "-4", "route", "show", "exact", range.ToString()], ct);
            using var routes = JsonDocument.Parse(answer.Length == 0 ? "[]" : answer);
            foreach (var route in routes.RootElement.EnumerateArray())
                if (route.TryGetProperty("dev", out var device) && device.GetString() is { } name && name != uplink)
                    throw Fault.Conflict($"The range {range.ToString()} cannot be reached from this host through network {id}, because the host already reaches it through {name}: choose another range, or make the network not host-reachable.");
        }
    }

    private async Task PlugTaps(NetworkSpec network, IReadOnlyList<NicSpec> nics, CancellationToken ct)
    {
        var batch = new StringBuilder();
        foreach (var nic in nics)
        {
            var tap = HostNames.Tap(nic.PortId);
            var there = await host.Tools.HasLink(tap);
            if (!host.Taps.Remember(tap, $"{bridge} {network.Mtu}") && there)
                continue;
            if (!there)
                batch.Append($"tuntap add dev {tap} mode tap\n");
            batch.Append($"link set dev {tap} mtu {network.Mtu} addrgenmode none master {bridge} up\n");
        }

        await host.Tools.HostLinks(batch.ToString(), ct);
        foreach (var nic in nics)
            host.Taps.Plugged(HostNames.Tap(nic.PortId));
    }

    /// <summary>Which guest has this link-local address; asked by the metadata listener, without the lock.</summary>
    private IPAddress? FixedAddress(IPAddress linkLocal)
    {
        var nic = ports.Values.FirstOrDefault(nic => PortRules.LinkLocal(nic.Mac).Equals(linkLocal));
        return nic?.Addresses is [var first, ..] ? IPAddress.Parse(first.Address) : null;
    }

    /// <summary>What the network was last set up with; the same again costs nothing.</summary>
    private sealed record Applied(string HostLinks, string Links, string Rules, string Peers);
}
