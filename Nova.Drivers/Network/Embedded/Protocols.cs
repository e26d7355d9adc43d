using System.Globalization;

namespace Nova.Drivers.Network.Embedded;

/// <summary>IP protocols by name and number, as rules of security groups accept them.</summary>
public static class Protocols
{
    private static readonly Dictionary<string, int> Numbers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ah"] = 51, ["dccp"] = 33, ["egp"] = 8, ["esp"] = 50, ["gre"] = 47, ["hopopt"] = 0, ["icmp"] = 1, ["icmpv6"] = 58, ["igmp"] = 2,
        ["ip"] = 0, ["ipip"] = 4, ["ipv6-encap"] = 41, ["ipv6-frag"] = 44, ["ipv6-icmp"] = 58, ["ipv6-nonxt"] = 59, ["ipv6-opts"] = 60,
        ["ipv6-route"] = 43, ["ospf"] = 89, ["pgm"] = 113, ["rsvp"] = 46, ["sctp"] = 132, ["tcp"] = 6, ["udp"] = 17, ["udplite"] = 136, ["vrrp"] = 112,
    };

    /// <summary>Every name, for the sentence of a refusal.</summary>
    public static IEnumerable<string> Names => Numbers.Keys;

    /// <summary>The number of a name or of a number from 0 to 255; null for anything else.</summary>
    public static int? NumberOf(string protocol) =>
        Numbers.TryGetValue(protocol, out var known) ? known
        : int.TryParse(protocol, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 255 ? number
        : null;

    /// <summary>True for a protocol that is named as one of IPv6.</summary>
    public static bool IsV6Only(string protocol) => protocol.StartsWith("ipv6-", StringComparison.OrdinalIgnoreCase) || protocol.Equals("icmpv6", StringComparison.OrdinalIgnoreCase);

    /// <summary>tcp, udp, icmp (of either family), a number, or null for any.</summary>
    public static string? ForHost(string? protocol) => protocol is null or "any" or "ip" ? null : NumberOf(protocol) switch
    {
        6 => "tcp",
        17 => "udp",
        1 or 58 => "icmp",
        { } number => number.ToString(CultureInfo.InvariantCulture),
        null => protocol,
    };
}
