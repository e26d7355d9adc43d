using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>Where connections are tracked.</summary>
public enum Tracking
{
    /// <summary>In the inet family, to which the kernel hands bridged packets; ports are known there by packet marks.</summary>
    Marks,

    /// <summary>In the bridge family itself, on kernels with NF_CONNTRACK_BRIDGE.</summary>
    Bridge,
}

/// <summary>
/// The nft text of one port: what may come from its tap (anti-spoofing), and the security groups in both directions.
/// Chains are per port and reached through maps, so that a packet's cost does not grow with the number of guests.
/// </summary>
internal sealed partial class PortRules(string table, Tracking tracking)
{
    private readonly string groups = tracking == Tracking.Marks ? $"inet {table}" : $"bridge {table}";

    /// <summary>Makes the port's chains and elements equal to <paramref name="nic"/>, whatever there was of a port of the same security.</summary>
    /// <param name="number">The port's packet mark, from 1; unique on the host.</param>
    public string Put(NicSpec nic, uint number)
    {
        var tap = HostNames.Tap(nic.PortId);
        var text = new StringBuilder();
        Chain(text, $"bridge {table}", $"f_{tap}", nic.PortSecurity ? FromPort(nic, number) : FromOpenPort(nic));
        Element(text, "add", $"bridge {table} from_port", $"\"{tap}\" : goto f_{tap}");
        Element(text, "add", $"bridge {table} members", $"\"{tap}\"");
        if (nic.PortSecurity)
            PutGroups(text, nic, tap, number);
        return text.ToString();
    }

    /// <summary>Removes all of the port; works also when there is nothing, because what is deleted is added first.</summary>
    public string Remove(Guid port, uint number)
    {
        var tap = HostNames.Tap(port);
        var text = new StringBuilder();
        Gone(text, $"bridge {table}", "from_port", $"\"{tap}\"", "goto", $"f_{tap}");
        Element(text, "add", $"bridge {table} members", $"\"{tap}\"");
        Element(text, "delete", $"bridge {table} members", $"\"{tap}\"");
        Gone(text, groups, "egress", Key(tap, number), "jump", $"e_{tap}");
        Gone(text, groups, "ingress", Key(tap, number), "jump", $"i_{tap}");
        if (tracking == Tracking.Marks)
        {
            Element(text, "add", $"bridge {table} number", $"\"{tap}\" : {number}");
            Element(text, "delete", $"bridge {table} number", $"\"{tap}\"");
        }

        return text.ToString();
    }

    private void PutGroups(StringBuilder text, NicSpec nic, string tap, uint number)
    {
        Chain(text, groups, $"e_{tap}", Egress(nic));
        Chain(text, groups, $"i_{tap}", Ingress(nic));
        Element(text, "add", $"{groups} egress", $"{Key(tap, number)} : jump e_{tap}");
        Element(text, "add", $"{groups} ingress", $"{Key(tap, number)} : jump i_{tap}");
        if (tracking == Tracking.Marks)
            Element(text, "add", $"bridge {table} number", $"\"{tap}\" : {number}");
    }

    private string Key(string tap, uint number) => tracking == Tracking.Marks ? $"{number}" : $"\"{tap}\"";

    private IEnumerable<string> FromPort(NicSpec nic, uint number)
    {
        var mac = Mac(nic.Mac);
        var (v4, v6) = Own(nic);
        var local = LinkLocal(nic.Mac).ToString();
        string[] sources = [local, .. v6];
        var accept = tracking == Tracking.Marks ? $"meta mark set {number} accept" : "accept";

        yield return $"ether saddr != {mac} drop";
        // A sender address of 0.0.0.0 is a probe for a duplicate (RFC 5227).
        yield return $"arp saddr ether != {mac} drop";
        yield return $"arp saddr ip != {Set(["0.0.0.0", .. v4])} drop";
        yield return "ether type arp accept";
        yield return $"ip saddr 0.0.0.0 udp sport 68 udp dport 67 {accept}";
        yield return v4.Count == 0 ? "ether type ip drop" : $"ip saddr != {Set(v4)} drop";
        yield return "udp sport { 67, 547 } drop";
        yield return "icmpv6 type { nd-router-advert, nd-redirect } drop";
        // The target of an advertisement is a claim to own that address.
        yield return $"icmpv6 type nd-neighbor-advert @th,64,128 != {Set(sources.Select(Hex))} drop";
        yield return $"ip6 saddr :: icmpv6 type {{ nd-neighbor-solicit, mld-listener-report, mld2-listener-report }} {accept}";
        yield return $"ip6 saddr != {Set(sources)} drop";
        yield return $"ether type {{ ip, ip6 }} {accept}";
        yield return "drop";
    }

    /// <summary>A port without security may send anything, except a question for another guest's metadata.</summary>
    private static IEnumerable<string> FromOpenPort(NicSpec nic)
    {
        var (v4, v6) = Own(nic);
        yield return $"ip daddr {HostNaming.MetadataV4}{(v4.Count == 0 ? "" : $" ip saddr != {Set(v4)}")} drop";
        yield return $"ip6 daddr {HostNaming.MetadataV6} ip6 saddr != {Set([LinkLocal(nic.Mac).ToString(), .. v6])} drop";
    }

    private static IEnumerable<string> Egress(NicSpec nic) =>
    [
        "udp sport 68 udp dport 67 accept",
        "udp sport 546 udp dport 547 accept",
        $"ip daddr {HostNaming.MetadataV4} tcp dport 80 accept",
        $"ip6 daddr {HostNaming.MetadataV6} tcp dport 80 accept",
        .. Groups(nic, ingress: false),
        "drop",
    ];

    private static IEnumerable<string> Ingress(NicSpec nic) =>
    [
        "udp sport 67 udp dport 68 accept",
        "udp sport 547 udp dport 546 accept",
        .. Groups(nic, ingress: true),
        "drop",
    ];

    private static IEnumerable<string> Groups(NicSpec nic, bool ingress) => GroupKey.Of([nic]).Select(key => $"jump {GroupTables.Chain(key, ingress)}");

    private static (IReadOnlyList<string> V4, IReadOnlyList<string> V6) Own(NicSpec nic)
    {
        var all = nic.Addresses.Select(address => IPAddress.Parse(address.Address)).Distinct().ToList();
        return ([.. all.Where(a => a.GetAddressBytes().Length == 4).Select(a => a.ToString())],
            [.. all.Where(a => a.GetAddressBytes().Length == 16).Select(a => a.ToString())]);
    }

    /// <summary>The link-local address that a guest makes from its MAC address (EUI-64, RFC 4291).</summary>
    public static IPAddress LinkLocal(string mac)
    {
        var m = Convert.FromHexString(Mac(mac).Replace(":", "", StringComparison.Ordinal));
        return new IPAddress([0xfe, 0x80, 0, 0, 0, 0, 0, 0, (byte)(m[0] ^ 2), m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]]);
    }

    private static string Mac(string mac) => MacPattern().IsMatch(mac)
        ? mac
        : throw Fault.BadRequest($"{mac} is not a MAC address in lower case.");

    private static string Hex(string address) => "0x" + Convert.ToHexStringLower(IPAddress.Parse(address).GetAddressBytes());

    private static string Set(IEnumerable<string> elements) => $"{{ {string.Join(", ", elements)} }}";

    private static void Chain(StringBuilder text, string where, string name, IEnumerable<string> rules)
    {
        text.Append($"add chain {where} {name}\nflush chain {where} {name}\n");
        foreach (var rule in rules)
            text.Append($"add rule {where} {name} {rule}\n");
    }

    private static void Element(StringBuilder text, string verb, string map, string element) => text.Append($"{verb} element {map} {{ {element} }}\n");

    private static void Gone(StringBuilder text, string where, string map, string key, string verdict, string chain)
    {
        text.Append($"add chain {where} {chain}\n");
        Element(text, "add", $"{where} {map}", $"{key} : {verdict} {chain}");
        Element(text, "delete", $"{where} {map}", key);
        text.Append($"flush chain {where} {chain}\ndelete chain {where} {chain}\n");
    }

    [GeneratedRegex("^([0-9a-f]{2}:){5}[0-9a-f]{2}$")]
    private static partial Regex MacPattern();
}
