using System.Net;
using System.Net.Sockets;
using System.Text;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// The inside of a network's namespace as text for ip and nft. The metadata address sits on the guests' side itself, so
/// guests reach it through their gateway, or directly in a subnet without one, and no redirection is needed.
/// </summary>
internal static class NamespaceConfig
{
    /// <summary>Addresses and routes; repeating it changes nothing.</summary>
    public static string Links(NetworkSpec network, HostNaming names, int slot)
    {
        var text = new StringBuilder(
            $"""
            link set dev lo up
            link set dev {HostNaming.Inside} address {HostNaming.GatewayMac(network.Id)} mtu {network.Mtu} up
            link set dev {HostNaming.Up} up
            addr flush dev {HostNaming.Inside} scope global
            addr replace {HostNaming.MetadataV4}/32 dev {HostNaming.Inside}
            addr replace {HostNaming.MetadataV6}/64 dev {HostNaming.Inside} nodad
            addr replace {names.NamespaceSide(slot)}/30 dev {HostNaming.Up}
            addr replace {HostNaming.NamespaceSideV6(slot)}/64 dev {HostNaming.Up} nodad
            route replace default via {names.HostSide(slot)}
            route replace default via {HostNaming.HostSideV6(slot)}

            """);
        foreach (var subnet in network.Subnets)
            text.Append(Carried(subnet)).Append('\n');
        return text.Append(RouterConfig.Links(network)).ToString();
    }

    /// <summary>
    /// Guests leave with the namespace's address; the host reaches guests only where the network allows it, and then
    /// looks like the gateway to them, so that they need no route back.
    /// </summary>
    public static string Rules(NetworkSpec network, HostNaming names, IReadOnlyDictionary<string, string> floating)
    {
        var fromHost = network.HostReachable ? "accept" : "drop";
        return $$"""
            add table inet nova
            delete table inet nova
            table inet nova {
              chain input { type filter hook input priority filter; policy accept;
                iifname != "{{HostNaming.Up}}" accept
                ct state established,related accept
                icmp type echo-request accept
                meta l4proto 58 accept
                drop
              }
              chain forward { type filter hook forward priority filter; policy accept;
            {{RouterConfig.Forward(network, floating)}}
                iifname != "{{HostNaming.Up}}" accept
                ct state established,related accept
                ct status dnat accept
                {{fromHost}}
              }
            {{RouterConfig.Arrive(floating)}}
              chain leave { type nat hook postrouting priority srcnat; policy accept;
            {{RouterConfig.Leave(network, floating)}}
                oifname "{{HostNaming.Up}}" masquerade
                oifname "{{HostNaming.Inside}}" ip saddr {{names.TransferRange}} masquerade
                oifname "{{HostNaming.Inside}}" ip6 saddr {{HostNaming.TransferRangeV6}} masquerade
              }
            }

            """;
    }

    /// <summary>A subnet's range, checked and in the form that the kernel prints.</summary>
    public static IPNetwork Range(SubnetSpec subnet) => IPNetwork.TryParse(subnet.Cidr, out var range)
        ? range
        : throw Fault.BadRequest($"The range {subnet.Cidr} of subnet {subnet.Id} is not a valid CIDR.");

    /// <summary>A range, checked and in the form that the kernel prints.</summary>
    public static IPNetwork Range(string cidr) => IPNetwork.TryParse(cidr, out var range) ? range : throw Fault.BadRequest($"The range {cidr} is not a valid CIDR.");

    /// <summary>True for a subnet of IPv6.</summary>
    public static bool IsV6(SubnetSpec subnet) => Range(subnet).BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>An address that a client once wrote, in one form; refused when it is none.</summary>
    public static string Address(string text) => IPAddress.TryParse(text, out var address)
        ? address.ToString()
        : throw Fault.BadRequest($"{text} is not an IP address.");

    private static string Carried(SubnetSpec subnet)
    {
        var range = Range(subnet);
        if (subnet.Gateway is { } gateway)
            return $"addr replace {Address(gateway)}/{range.PrefixLength} dev {HostNaming.Inside}{(IsV6(subnet) ? " nodad" : "")}";
        return $"route replace {range} dev {HostNaming.Inside}{(IsV6(subnet) ? "" : $" src {HostNaming.MetadataV4}")}";
    }
}
