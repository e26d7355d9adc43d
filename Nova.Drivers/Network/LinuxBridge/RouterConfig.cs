using System.Text;
using Nova.Modules.Compute;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// What routers mean to one network on this host. There is no place that all traffic of a router must pass: each namespace
/// with a leg is the router for its own network. Namespaces of one router are joined by a veth pair each, so that routed
/// packets never meet the host's own addresses; what leads outside goes through the host.
/// </summary>
internal static class RouterConfig
{
    /// <summary>What the names of links to other networks of a router begin with, inside a namespace.</summary>
    public const string Link = "r-";

    /// <summary>Our address on links to other networks; the slot tells namespaces apart.</summary>
    public static string LinkAddress(int slot) => $"fe80::6e6f:{slot:x}";

    /// <summary>The networks that this one is routed to.</summary>
    public static IReadOnlyList<Guid> Peers(NetworkSpec network) =>
        [.. Routers(network).SelectMany(router => router.Legs).Select(leg => leg.NetworkId).Where(id => id != network.Id).Distinct()];

    /// <summary>Without a router guests leave as the host does; with routers one of them must lead out.</summary>
    public static bool LeadsOut(NetworkSpec network) => network.Routers is not { Count: > 0 } routers || routers.Any(router => router.LeadsOut);

    /// <summary>Who the network's guests are on external networks, unless they have floating addresses; null for the host.</summary>
    public static string? Outside(NetworkSpec network) => Routers(network).Select(router => router.Outside).OfType<string>().FirstOrDefault();

    /// <summary>Addresses of routers that are not the gateway of their subnet, and the ways behind neighbours in this network.</summary>
    public static string Links(NetworkSpec network)
    {
        var gateways = network.Subnets.Select(subnet => subnet.Gateway).ToHashSet();
        var text = new StringBuilder($"route flush dev {HostNaming.Inside} proto static\n");
        foreach (var leg in Routers(network).SelectMany(router => router.Legs).Where(leg => leg.NetworkId == network.Id && !gateways.Contains(leg.Address)))
            text.Append($"addr replace {NamespaceConfig.Address(leg.Address)}/{NamespaceConfig.Range(leg.Cidr).PrefixLength} dev {HostNaming.Inside}{(IsV6(leg.Cidr) ? " nodad" : "")}\n");
        foreach (var router in Routers(network))
            foreach (var route in Behind(router, network.Id))
                text.Append($"route replace {NamespaceConfig.Range(route.Destination)} via {NamespaceConfig.Address(route.NextHop)} dev {HostNaming.Inside} proto static\n");
        return text.ToString();
    }

    /// <summary>What must be in the namespace of <paramref name="from"/> to reach <paramref name="to"/>, as one router says it.</summary>
    public static string PeerLinks(NetworkSpec network, Guid from, int slot, Guid to, int otherSlot)
    {
        var link = Link + HostNaming.Tag(to);
        var text = new StringBuilder(
            $"""
            link set dev {link} mtu 65535 up
            addr replace {LinkAddress(slot)}/64 dev {link} nodad
            route flush dev {link} proto static

            """);
        foreach (var range in Routers(network).Where(router => router.Legs.Any(leg => leg.NetworkId == from)).SelectMany(router => Ranges(router, to)).Distinct())
            text.Append(IsV6(range)
                ? $"route replace {range} via {LinkAddress(otherSlot)} dev {link} proto static\n"
                : $"route replace {range} via inet6 {LinkAddress(otherSlot)} dev {link} proto static\n");
        return text.ToString();
    }

    /// <summary>The nft rules of the forward chain: which subnets a router joins, and who may leave.</summary>
    public static string Forward(NetworkSpec network, IReadOnlyDictionary<string, string> floating)
    {
        var text = new StringBuilder();
        foreach (var router in Routers(network))
            foreach (var peer in router.Legs.Select(leg => leg.NetworkId).Where(id => id != network.Id).Distinct())
                foreach (var own in Ranges(router, network.Id))
                    foreach (var other in Ranges(router, peer).Where(range => IsV6(range) == IsV6(own)))
                        text.Append($"    oifname \"{Link}{HostNaming.Tag(peer)}\" {Family(own)} saddr {own} {Family(own)} daddr {other} accept\n");
        text.Append($"    oifname \"{Link}*\" ct state new drop\n");
        if (!LeadsOut(network))
        {
            if (floating.Count > 0)
                text.Append($"    iifname \"{HostNaming.Inside}\" oifname \"{HostNaming.Up}\" ip saddr {{ {string.Join(", ", floating.Values.Distinct())} }} accept\n");
            text.Append($"    iifname \"{HostNaming.Inside}\" oifname \"{HostNaming.Up}\" ct state new drop\n");
        }

        return text.ToString();
    }

    /// <summary>The nft chain that turns floating addresses into fixed ones.</summary>
    public static string Arrive(IReadOnlyDictionary<string, string> floating) => floating.Count == 0 ? "" :
        $$"""
            chain arrive { type nat hook prerouting priority dstnat; policy accept;
              dnat ip to ip daddr map { {{string.Join(", ", floating.Select(pair => $"{pair.Key} : {pair.Value}"))}} }
            }
        """;

    /// <summary>The nft rules that turn fixed addresses into floating ones; routed packets stay as they are.</summary>
    public static string Leave(NetworkSpec network, IReadOnlyDictionary<string, string> floating)
    {
        var text = new StringBuilder($"    oifname \"{Link}*\" accept\n");
        if (floating.Count == 0)
            return text.ToString();

        var map = $"snat ip to ip saddr map {{ {string.Join(", ", floating.GroupBy(pair => pair.Value).Select(group => $"{group.Key} : {group.First().Key}"))} }}";
        text.Append($"    oifname \"{HostNaming.Up}\" {map}\n");

        // A guest that calls a neighbour by its floating address would get the answer from another address.
        var own = network.Subnets.Where(subnet => !NamespaceConfig.IsV6(subnet)).Select(subnet => NamespaceConfig.Range(subnet).ToString()).ToList();
        text.Append($"    oifname \"{HostNaming.Inside}\" ct status dnat {map}\n");
        if (own.Count > 0)
            text.Append($"    oifname \"{HostNaming.Inside}\" ct status dnat ip saddr {{ {string.Join(", ", own)} }} masquerade\n");
        return text.ToString();
    }

    private static IEnumerable<RouterSpec> Routers(NetworkSpec network) => network.Routers ?? [];

    /// <summary>What a router reaches in a network: its subnets there, and what lies behind neighbours in them.</summary>
    private static IEnumerable<string> Ranges(RouterSpec router, Guid network) =>
        router.Legs.Where(leg => leg.NetworkId == network).Select(leg => NamespaceConfig.Range(leg.Cidr).ToString())
            .Concat(Behind(router, network).Select(route => NamespaceConfig.Range(route.Destination).ToString()));

    private static IEnumerable<RouteSpec> Behind(RouterSpec router, Guid network) =>
        router.Routes.Where(route => router.Legs.Any(leg => leg.NetworkId == network && NamespaceConfig.Range(leg.Cidr).Contains(System.Net.IPAddress.Parse(route.NextHop))));

    private static bool IsV6(string range) => range.Contains(':', StringComparison.Ordinal);

    private static string Family(string range) => IsV6(range) ? "ip6" : "ip";
}
