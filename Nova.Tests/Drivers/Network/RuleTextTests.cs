using Nova.Drivers.Network.LinuxBridge;
using Nova.Modules.Compute;
using Nova.Modules.Shared;
using static Nova.Tests.Drivers.Network.Guests;

namespace Nova.Tests.Drivers.Network;

/// <summary>The text of rules: nothing that a client wrote gets into it unparsed.</summary>
public class RuleTextTests
{
    [Theory]
    [InlineData(null, null, null, "meta protocol ip")]
    [InlineData("tcp", 22, 22, "meta protocol ip meta l4proto 6 th dport 22")]
    [InlineData("UDP", 1000, 2000, "meta protocol ip meta l4proto 17 th dport 1000-2000")]
    [InlineData("icmp", 8, 0, "meta protocol ip meta l4proto 1 icmp type 8 icmp code 0")]
    [InlineData("icmp", null, null, "meta protocol ip meta l4proto 1")]
    [InlineData("47", null, null, "meta protocol ip meta l4proto 47")]
    [InlineData("vrrp", 5, 6, "meta protocol ip meta l4proto 112")]
    public void A_rule_is_numbers_only(string? protocol, int? min, int? max, string condition) =>
        Assert.Equal(condition, GroupRules.Condition(new() { Ingress = true, V6 = false, Protocol = protocol, PortMin = min, PortMax = max }));

    [Fact]
    public void Icmp_of_an_ipv6_rule_is_icmpv6() =>
        Assert.Equal("meta protocol ip6 meta l4proto 58 icmpv6 type 128", GroupRules.Condition(Ping(v6: true) with { Protocol = "icmp" }));

    [Fact]
    public void A_remote_group_is_a_set_and_everybody_is_no_condition()
    {
        Assert.Equal("meta protocol ip6 ip6 saddr @m6 meta l4proto 6 th dport 22", GroupRules.Condition(Tcp(22) with { RemoteGroup = Guid.NewGuid(), V6 = true }, "m6"));
        Assert.Equal("meta protocol ip meta l4proto 6 th dport 22", GroupRules.Condition(Tcp(22, "0.0.0.0/0")));
        Assert.Equal("meta protocol ip ip daddr 10.0.0.0/24 meta l4proto 6 th dport 22", GroupRules.Condition(Tcp(22, "10.0.0.9/24") with { Ingress = false }));
    }

    [Theory]
    [InlineData("10.0.0.0/8 } accept; # ")]
    [InlineData("fd00::1")]
    [InlineData("10.0.0.0/33")]
    [InlineData("")]
    public void A_remote_that_is_no_address_of_the_family_is_refused(string remote) =>
        Assert.Equal(FaultKind.BadRequest, Assert.Throws<Fault>(() => GroupRules.Condition(Tcp(22, remote) with { V6 = false })).Kind);

    [Theory]
    [InlineData("tcp accept", 1, 1)]
    [InlineData("256", null, null)]
    [InlineData("tcp", 70000, 70000)]
    [InlineData("tcp", 20, 10)]
    public void A_protocol_or_port_that_is_none_is_refused(string protocol, int? min, int? max) =>
        Assert.Throws<Fault>(() => GroupRules.Condition(new() { Ingress = true, V6 = false, Protocol = protocol, PortMin = min, PortMax = max }));

    [Fact]
    public void A_mac_address_is_checked_before_it_is_written() =>
        Assert.Throws<Fault>(() => new PortRules("t", Tracking.Marks).Put(Nic(NetworkOf("10.0.0.0/24"), 5) with { Mac = "52:54:00:00:00:05 accept" }, 1));

    [Fact]
    public void Where_the_bridge_tracks_connections_no_marks_are_needed()
    {
        var text = new PortRules("t", Tracking.Bridge).Put(Nic(NetworkOf("10.0.0.0/24"), 5, Tcp(22)), 1);

        Assert.DoesNotContain("mark", text, StringComparison.Ordinal);
        Assert.DoesNotContain("inet", text, StringComparison.Ordinal);
        Assert.Contains("add element bridge t ingress", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abcde")]
    [InlineData("A")]
    [InlineData("a-b")]
    public void An_installation_id_that_names_cannot_carry_is_refused(string installation) =>
        Assert.Throws<Fault>(() => new LinuxBridgeOptions { Directory = "/x", Installation = installation }.Validate());

    [Fact]
    public void Names_fit_into_what_linux_allows()
    {
        var names = new HostNaming("abcd", "169.254.64.0/18");

        Assert.All([names.BridgePrefix, names.GatewayPrefix, names.UplinkPrefix], prefix => Assert.Equal(15, (prefix + HostNaming.Tag(Guid.NewGuid())).Length));
        Assert.InRange(HostNames.Tap(Guid.NewGuid()).Length, 4, 15);
        Assert.Equal(("169.254.64.5", "169.254.64.6"), (names.HostSide(1), names.NamespaceSide(1)));
    }
}
