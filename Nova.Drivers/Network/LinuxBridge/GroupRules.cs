using System.Globalization;
using System.Net;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// Security group rules as nft conditions. Only numbers and parsed addresses are written, so no text of a client can
/// become part of a rule set.
/// </summary>
internal static class GroupRules
{
    private const int Icmp = 1, Icmp6 = 58;

    private static readonly Dictionary<string, int> Protocols = new(StringComparer.OrdinalIgnoreCase)
    {
        ["icmp"] = Icmp, ["icmpv6"] = Icmp6, ["ipv6-icmp"] = Icmp6, ["tcp"] = 6, ["udp"] = 17, ["sctp"] = 132, ["dccp"] = 33,
        ["udplite"] = 136, ["ah"] = 51, ["esp"] = 50, ["gre"] = 47, ["egp"] = 8, ["igmp"] = 2, ["ipip"] = 4, ["ospf"] = 89,
        ["pgm"] = 113, ["rsvp"] = 46, ["vrrp"] = 112, ["ipv6-encap"] = 41, ["ipv6-frag"] = 44, ["ipv6-nonxt"] = 59,
        ["ipv6-opts"] = 60, ["ipv6-route"] = 43,
    };

    private static readonly HashSet<int> WithPorts = [6, 17, 33, 132, 136];

    /// <summary>The condition of one rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="members">The set that holds the rule's remote group, where it names one.</param>
    public static string Condition(RuleSpec rule, string? members = null)
    {
        var (family, side) = (rule.V6 ? "ip6" : "ip", rule.Ingress ? "saddr" : "daddr");
        var parts = new List<string> { $"meta protocol {family}" };
        if (rule.RemoteGroup is not null)
            parts.Add($"{family} {side} @{members}");
        else if (rule.RemotePrefix is { } prefix && Range(prefix, rule.V6) is { PrefixLength: > 0 } range)
            parts.Add($"{family} {side} {range}");
        if (rule.Protocol is { } protocol)
            parts.AddRange(OfProtocol(rule, Number(protocol, rule.V6)));
        return string.Join(' ', parts);
    }

    /// <summary>An address as an element of a set: parsed, so that nothing else gets in.</summary>
    public static string Element(string address, bool v6) => Range(address, v6).BaseAddress.ToString();

    private static IPNetwork Range(string text, bool v6)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var bits = v6 ? 128 : 32;
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || address.GetAddressBytes().Length * 8 != bits)
            throw Fault.BadRequest($"The remote {text} of a security group rule is not an address of the rule's family.");
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > address.GetAddressBytes().Length * 8))
            throw Fault.BadRequest($"The remote {text} of a security group rule is not a valid range.");

        return new IPNetwork(Masked(address, bits), bits);
    }

    private static IPAddress Masked(IPAddress address, int bits)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xff00 >> Math.Clamp(bits - i * 8, 0, 8));
        return new IPAddress(bytes);
    }

    private static int Number(string protocol, bool v6)
    {
        if (Protocols.TryGetValue(protocol, out var number))
            return v6 && number == Icmp ? Icmp6 : number;
        return int.TryParse(protocol, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 255
            ? number
            : throw Fault.BadRequest($"The protocol {protocol} of a security group rule is not known.");
    }

    private static IEnumerable<string> OfProtocol(RuleSpec rule, int protocol)
    {
        yield return $"meta l4proto {protocol}";

        var (min, max) = (rule.PortMin, rule.PortMax);
        if (protocol is Icmp or Icmp6)
        {
            var family = protocol == Icmp ? "icmp" : "icmpv6";
            if (min is { } type)
                yield return $"{family} type {Bounded(type, 255)}";
            if (min is not null && max is { } code)
                yield return $"{family} code {Bounded(code, 255)}";
        }
        else if (WithPorts.Contains(protocol) && (min ?? max) is not null)
        {
            var (first, last) = (Bounded(min ?? 0, 65535), Bounded(max ?? min ?? 65535, 65535));
            if (first > last)
                throw Fault.BadRequest($"The port range {first} to {last} of a security group rule is empty.");
            yield return first == last ? $"th dport {first}" : $"th dport {first}-{last}";
        }
    }

    private static int Bounded(int value, int max) => value >= 0 && value <= max
        ? value
        : throw Fault.BadRequest($"The number {value} of a security group rule is not between 0 and {max}.");
}
