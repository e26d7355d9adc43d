using System.Net;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using static Nova.Tests.Drivers.Network.Guests;

namespace Nova.Tests.Drivers.Network;

/// <summary>Anti-spoofing and security groups, proved with packets.</summary>
public class SecurityTests
{
    private static readonly NetworkSpec Net = NetworkOf("10.0.0.0/24", "fd00:a::/64");

    [HostNetworkFact]
    public async Task Nothing_comes_in_by_default_but_answers_do()
    {
        await using var host = new ScratchHost();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6, Tcp(8080))));
        using var atA = await a.Listen(8080);
        using var open = await b.Listen(8080);
        using var shut = await b.Listen(9090);

        Assert.True(await a.Reaches(b.Address, 8080));
        Assert.False(await a.Reaches(b.Address, 9090));
        Assert.False(await b.Reaches(a.Address, 8080));
        Assert.False(a.Pings(b.Address));
        Assert.True(a.Pings(IPAddress.Parse("10.0.0.1")));
    }

    [HostNetworkFact]
    public async Task Icmp_rules_name_a_type_in_both_families()
    {
        await using var host = new ScratchHost();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6, Ping(), Ping(v6: true))));

        Assert.True(a.Pings(b.Address));
        Assert.True(a.Pings(IPAddress.Parse("fd00:a::6")));
        Assert.False(b.Pings(IPAddress.Parse("fd00:a::5")));
    }

    [HostNetworkFact]
    public async Task A_member_that_joins_or_leaves_counts_at_once_for_guests_that_run()
    {
        await using var host = new ScratchHost();
        var (web, clients) = (Guid.NewGuid(), new GroupKey(Net.Id, Guid.NewGuid()));
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6)));
        var c = await host.Boot(Nic(Net, 7) with { SecurityGroups = [web] });
        using var open = await c.Listen(8080);
        var v6 = IPAddress.Parse("fd00:a::7");

        // Not known yet: nobody.
        Assert.False(await a.Reaches(c.Address, 8080));
        RuleSpec[] rules = [EgressV4, EgressV6, Tcp(8080) with { RemoteGroup = clients.GroupId }, Tcp(8080) with { RemoteGroup = clients.GroupId, V6 = true }];
        await host.Tell(new GroupPicture { Key = new(Net.Id, web), Rules = rules }, new GroupPicture { Key = clients, Members = ["10.0.0.5"] });
        Assert.True(await a.Reaches(c.Address, 8080));
        Assert.False(await b.Reaches(c.Address, 8080));
        Assert.False(await a.Reaches(v6, 8080));

        await host.Tell(new GroupPicture { Key = clients, Left = ["10.0.0.5"], Joined = ["10.0.0.6", "fd00:a::5"] });
        Assert.False(await a.Reaches(c.Address, 8080));
        Assert.True(await b.Reaches(c.Address, 8080));
        Assert.True(await a.Reaches(v6, 8080));

        await host.Tell(new GroupPicture { Key = clients, Members = [] });
        Assert.False(await b.Reaches(c.Address, 8080));
    }

    [HostNetworkFact]
    public async Task A_rule_that_comes_or_goes_counts_at_once_for_all_guests_of_its_group()
    {
        await using var host = new ScratchHost();
        var web = Guid.NewGuid();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6) with { SecurityGroups = [web] }));
        var c = await host.Boot(Nic(Net, 7) with { SecurityGroups = [web, Group(Tcp(9090))] });
        using var atB = await b.Listen(8080);
        using var atC = await c.Listen(8080);
        using var other = await c.Listen(9090);

        await host.Tell(new GroupPicture { Key = new(Net.Id, web), Rules = [Tcp(8080, "10.0.0.0/30"), Ping()] });
        Assert.False(await a.Reaches(b.Address, 8080));
        Assert.True(a.Pings(b.Address));

        await host.Tell(new GroupPicture { Key = new(Net.Id, web), Rules = [Tcp(8080, "10.0.0.4/30")] });
        Assert.True(await a.Reaches(b.Address, 8080));
        Assert.True(await a.Reaches(c.Address, 8080));
        Assert.True(await a.Reaches(c.Address, 9090));
        Assert.False(a.Pings(c.Address));

        await host.Tell(new GroupPicture { Key = new(Net.Id, web), Rules = [] });
        Assert.False(await a.Reaches(b.Address, 8080));
        Assert.True(await a.Reaches(c.Address, 9090));
    }

    [HostNetworkFact]
    public async Task A_member_on_one_network_is_nobody_on_another_of_the_same_range()
    {
        await using var host = new ScratchHost();
        var (other, group) = (NetworkOf("10.0.0.0/24"), Guid.NewGuid());
        RuleSpec[] rules = [Tcp(8080) with { RemoteGroup = group }];
        await host.Boot(Nic(Net, 8) with { SecurityGroups = [group] });
        var (a, b) = (await host.Boot(Nic(other, 5)), await host.Boot(Nic(other, 6) with { SecurityGroups = [group] }));
        using var open = await b.Listen(8080);

        await host.Tell(new() { Key = new(Net.Id, group), Rules = rules, Members = ["10.0.0.5", "10.0.0.8"] }, new() { Key = new(other.Id, group), Rules = rules, Members = ["10.0.0.6"] });
        Assert.False(await a.Reaches(b.Address, 8080));
        await host.Tell(new GroupPicture { Key = new(other.Id, group), Joined = ["10.0.0.5"] });
        Assert.True(await a.Reaches(b.Address, 8080));
    }

    [HostNetworkFact]
    public async Task Nothing_of_a_group_stays_behind_its_last_port_and_what_is_wanted_is_told()
    {
        await using var host = new ScratchHost();
        var (group, remote) = (Guid.NewGuid(), Guid.NewGuid());
        var told = 0;
        host.Network.WantedGroupsChanged += () => told++;
        await host.Tell(new GroupPicture { Key = new(Net.Id, group), Rules = [Tcp(22) with { RemoteGroup = remote }] }, new GroupPicture { Key = new(Net.Id, remote), Members = ["10.0.0.9"] });
        var (a, b) = (await host.Boot(Nic(Net, 5) with { SecurityGroups = [group] }), await host.Boot(Nic(Net, 6) with { SecurityGroups = [group] }));
        Assert.Equal(1, told);
        Assert.Equal([new(Net.Id, group)], host.Network.WantedGroups);
        Assert.Contains("10.0.0.9", host.Nft(), StringComparison.Ordinal);

        await host.Remove(a);
        Assert.Contains($"{group:N}", host.Nft(), StringComparison.Ordinal);
        await host.Boot(Nic(Net, 7));
        await host.Remove(b);
        Assert.DoesNotContain($"{group:N}", host.Nft(), StringComparison.Ordinal);
        Assert.DoesNotContain($"{remote:N}", host.Nft(), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Network.WantedGroups, key => key.GroupId == group);
    }

    [HostNetworkFact]
    public async Task A_large_group_is_a_set_whose_changes_are_small()
    {
        await using var host = new ScratchHost();
        var (wide, group) = (NetworkOf("10.8.0.0/16"), Guid.NewGuid());
        var key = new GroupKey(wide.Id, group);
        string[] members = [.. Enumerable.Range(256, 10_000).Select(i => $"10.8.{i >> 8}.{i & 255}")];
        await host.Tell(new GroupPicture { Key = key, Rules = [EgressV4, Tcp(8080) with { RemoteGroup = group }], Members = members });
        var (a, b) = (await host.Boot(Nic(wide, 5)), await host.Boot(Nic(wide, 6) with { SecurityGroups = [group] }));
        using var open = await b.Listen(8080);
        Assert.False(await a.Reaches(b.Address, 8080));

        await host.Tell(new GroupPicture { Key = key, Joined = ["10.8.0.5"] });
        Assert.True(await a.Reaches(b.Address, 8080));
    }

    [HostNetworkFact]
    public async Task Egress_rules_bound_what_a_guest_sends()
    {
        await using var host = new ScratchHost();
        var to = Tcp(8080) with { Ingress = false };
        var a = await host.Boot(Nic(Net, 5) with { SecurityGroups = [Group(to)] });
        var b = await host.Boot(Nic(Net, 6, Tcp(8080), Tcp(9090), Ping()));
        using var one = await b.Listen(8080);
        using var two = await b.Listen(9090);

        Assert.True(await a.Reaches(b.Address, 8080));
        Assert.False(await a.Reaches(b.Address, 9090));
        Assert.False(a.Pings(b.Address));
        Assert.Equal(HttpStatusCode.OK, (await a.Metadata("/openstack")).Status);
    }

    [HostNetworkFact]
    public async Task A_stolen_address_is_dropped()
    {
        await using var host = new ScratchHost();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6, Ping(), Ping(v6: true))));
        a.Run("addr add 10.0.0.99/24 dev eth0");
        a.Run("addr add fd00:a::99/64 dev eth0");

        Assert.True(a.Pings(b.Address));
        Assert.False(a.Pings(b.Address, from: "10.0.0.99"));
        Assert.True(a.Pings(IPAddress.Parse("fd00:a::6"), from: "fd00:a::5"));
        Assert.False(a.Pings(IPAddress.Parse("fd00:a::6"), from: "fd00:a::99"));
    }

    [HostNetworkFact]
    public async Task A_foreign_mac_address_is_dropped()
    {
        await using var host = new ScratchHost();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6, Ping())));
        Assert.True(a.Pings(b.Address));

        a.Run("link set eth0 address 52:54:00:00:00:77");
        Assert.False(a.Pings(b.Address));
    }

    [HostNetworkFact]
    public async Task Claims_to_another_address_by_arp_do_not_arrive()
    {
        await using var host = new ScratchHost();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6, Ping())));
        a.Run("addr add 10.0.0.99/24 dev eth0");

        // The question goes out as a broadcast; the answer, a claim to 10.0.0.99, must be dropped.
        Assert.False(b.Pings(IPAddress.Parse("10.0.0.99")));
        Assert.DoesNotContain(a.Nics[0].Mac, b.Show("neigh show 10.0.0.99"), StringComparison.Ordinal);
    }

    [HostNetworkFact]
    public async Task Without_port_security_everything_passes_and_it_can_be_switched()
    {
        await using var host = new ScratchHost();
        var nic = Nic(Net, 6) with { PortSecurity = false };
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(nic));

        Assert.True(a.Pings(b.Address));
        await host.Replug(b, nic with { PortSecurity = true });
        Assert.False(a.Pings(b.Address));
        await host.Replug(b, nic);
        Assert.True(a.Pings(b.Address));
    }
}
