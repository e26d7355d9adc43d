using Nova.Drivers.Network.Embedded;
using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Network;

public class EmbeddedNetworkTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_boot_costs_three_statements_and_no_question_of_its_own(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var request = NetworkLab.On(await lab.AddNetwork("net", "demo", "10.1.0.0/24"));
        await lab.Boot(request);
        var before = lab.Database.Counters.Statements;

        var (_, ports) = await lab.Boot(request);

        Assert.Equal(3, lab.Database.Counters.Statements - before);
        Assert.Equal("10.1.0.3", Assert.Single(Assert.Single(ports).Addresses).Address);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_release_costs_three_statements_and_gives_everything_back(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var request = NetworkLab.On(await lab.AddNetwork("net", "demo", "10.1.0.0/24"));
        await lab.Boot(request);
        var (server, _) = await lab.Boot(request);
        await lab.Boot(request);
        var before = lab.Database.Counters.Statements;

        await lab.Database.Write(tx => lab.Network.Release(tx, server.ServerId), default);

        Assert.Equal(3, lab.Database.Counters.Statements - before);
        await lab.AssertAddressesAddUp();
        await lab.Database.Write(tx => lab.Network.Release(tx, server.ServerId), default);
        await lab.AssertAddressesAddUp();
        Assert.Equal(2, await lab.Count("SELECT count(*) FROM ports"));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Repeating_the_step_finds_the_same_ports_and_takes_no_second_address(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var network = await lab.AddNetwork("net", "demo", "10.1.0.0/24", "fd00:1::/64");
        var nics = (await lab.Network.Plan(NetworkLab.Member(), NetworkLab.On(network), 1, default))[0];
        var server = lab.Server();

        var first = await lab.Database.Write(tx => lab.Network.Ensure(tx, server, nics), default);
        var again = await lab.Database.Write(tx => lab.Network.Ensure(tx, server with { Host = "host2" }, nics), default);

        Assert.Equal(first[0].Addresses, again[0].Addresses);
        Assert.Equal(first[0].Mac, again[0].Mac);
        Assert.Equal(1, await lab.Count("SELECT count(*) FROM ports WHERE host = 'host2'"));
        await lab.AssertAddressesAddUp();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Two_hundred_at_once_get_two_hundred_addresses_and_the_next_one_is_refused(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var network = await lab.AddNetwork("net", "demo", "10.1.0.0/24");
        var boots = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => lab.Boot(NetworkLab.On(network))));

        Assert.Equal(200, boots.Select(b => b.Ports[0].Addresses[0].Address).Distinct().Count());
        Assert.Equal(200, boots.Select(b => b.Ports[0].Mac).Distinct().Count());
        await lab.AssertAddressesAddUp();

        for (var i = 200; i < 253; i++)
            await lab.Boot(NetworkLab.On(network));
        var fault = await Assert.ThrowsAsync<Fault>(() => lab.Boot(NetworkLab.On(network)));
        Assert.Equal((FaultKind.Conflict, $"No fixed IP addresses available for network: {network}"), (fault.Kind, fault.Message));
        Assert.Equal(0, await lab.Count("SELECT count(*) FROM address_ranges"));

        await Task.WhenAll(boots.Select(b => lab.Database.Write(tx => lab.Network.Release(tx, b.Server.ServerId), default)));
        await lab.AssertAddressesAddUp();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_network_with_both_families_gives_one_address_of_each(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var network = await lab.AddNetwork("net", "demo", "10.1.0.0/24", "fd00:1::/64", "fd00:2::/64 slaac");

        var (server, ports) = await lab.Boot(NetworkLab.On(network));

        var addresses = ports[0].Addresses.Select(a => a.Address).ToList();
        Assert.Equal(["10.1.0.2", "fd00:1::2"], addresses[..2]);
        Assert.StartsWith("fd00:2::f816:3eff:fe", addresses[2], StringComparison.Ordinal);
        await lab.Database.Write(tx => lab.Network.Release(tx, server.ServerId), default);
        await lab.AssertAddressesAddUp();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_full_family_takes_nothing_of_the_other(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var network = await lab.AddNetwork("net", "demo", "10.1.0.0/24", "fd00:1::/127");
        await Assert.ThrowsAsync<Fault>(() => lab.Boot(NetworkLab.On(network)));
        Assert.Equal(0, await lab.Count("SELECT count(*) FROM port_addresses"));
        await lab.AssertAddressesAddUp();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_fixed_address_is_taken_once(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var network = await lab.AddNetwork("net", "demo", "10.1.0.0/24");

        var (server, ports) = await lab.Boot(NetworkLab.On(network, "10.1.0.100"));
        Assert.Equal("10.1.0.100", ports[0].Addresses[0].Address);
        await lab.AssertAddressesAddUp();

        var fault = await Assert.ThrowsAsync<Fault>(() => lab.Boot(NetworkLab.On(network, "10.1.0.100")));
        Assert.Equal((FaultKind.BadRequest, $"Fixed IP address 10.1.0.100 is already in use on instance {server.ServerId}."), (fault.Kind, fault.Message));
        fault = await Assert.ThrowsAsync<Fault>(() => lab.Boot(NetworkLab.On(network, "10.9.0.1")));
        Assert.Equal($"Fixed IP 10.9.0.1 is not a valid ip address for network {network}.", fault.Message);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Automatic_takes_the_only_network_refuses_to_choose_and_makes_one_where_there_is_none(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        Assert.Empty((await lab.Boot(NetworkRequest.Auto with { IsOmitted = true })).Ports);

        var (_, made) = await lab.Boot(NetworkRequest.Auto);
        Assert.Equal("auto_allocated_network", made[0].NetworkName);
        Assert.Equal(made[0].NetworkId, (await lab.Boot(NetworkRequest.Auto)).Ports[0].NetworkId);

        await lab.AddNetwork(new NetworkRow { Name = "public", ProjectId = "admin", Shared = true }, "10.2.0.0/24");
        var fault = await Assert.ThrowsAsync<Fault>(() => lab.Boot(NetworkRequest.Auto));
        Assert.Equal((FaultKind.Conflict, "Multiple possible networks found, use a Network ID to be more specific."), (fault.Kind, fault.Message));
        Assert.Equal("public", (await lab.Boot(NetworkRequest.Auto, "other")).Ports[0].NetworkName);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_cannot_be_used_is_refused_in_the_words_of_the_original(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var foreign = await lab.AddNetwork("foreign", "other", "10.1.0.0/24");
        var empty = await lab.AddNetwork("empty", "demo");
        var external = await lab.AddNetwork(new NetworkRow { Name = "ext", ProjectId = "admin", External = true }, "10.3.0.0/24");
        var port = lab.Ids.Next();

        await Refuses(NetworkLab.On(foreign), FaultKind.BadRequest, $"Network {foreign} could not be found.");
        await Refuses(NetworkLab.On(empty), FaultKind.BadRequest, $"Network {empty} requires a subnet in order to boot instances on.");
        await Refuses(NetworkLab.On(external), FaultKind.Forbidden, $"It is not allowed to create an interface on external network {external}");
        await Refuses(new() { Nics = [new(null, null, port.ToString(), null)] }, FaultKind.BadRequest, $"Port id {port} could not be found.");
        var own = await lab.AddNetwork("own", "demo", "10.4.0.0/24");
        await Refuses(NetworkLab.On(own) with { SecurityGroups = ["web"] }, FaultKind.BadRequest, "Security group web not found.");

        async Task Refuses(NetworkRequest request, FaultKind kind, string message)
        {
            var fault = await Assert.ThrowsAsync<Fault>(() => lab.Boot(request));
            Assert.Equal((kind, message), (fault.Kind, fault.Message));
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Many_servers_refuse_one_address_and_one_port(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var network = await lab.AddNetwork("net", "demo", "10.1.0.0/24");

        var fault = await Assert.ThrowsAsync<Fault>(() => lab.Network.Plan(NetworkLab.Member(), NetworkLab.On(network, "10.1.0.9"), 2, default));
        Assert.Equal("Failed to launch instances: max_count cannot be greater than 1 if an fixed_ip is specified.", fault.Message);
        var plans = await lab.Network.Plan(NetworkLab.Member(), NetworkLab.On(network), 3, default);
        Assert.Equal(3, plans.Select(p => p[0].PortId).Distinct().Count());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Default_group_members_reach_each_other_and_leave_with_their_ports(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var network = await lab.AddNetwork("net", "demo", "10.1.0.0/24");
        var (_, ports) = await lab.Boot(NetworkLab.On(network));
        var group = Assert.Single((await lab.Network.Describe(ports, default))[0].SecurityGroups);
        var rules = await lab.Members.RulesOf(group, default);
        Assert.Equal(2, rules.Count(r => r is { Ingress: false, RemoteGroup: null, RemotePrefix: null }));
        Assert.Equal(2, rules.Count(r => r.Ingress && r.RemoteGroup == group));
        var first = await lab.Members.MembersOf(new(network, group), 0, default);
        Assert.Equal(["10.1.0.2"], first.Joined);

        var (second, _) = await lab.Boot(NetworkLab.On(network));
        await lab.Boot(NetworkLab.On(network));
        var next = await lab.Members.MembersOf(new(network, group), first.Version, default);
        Assert.Equal((false, "10.1.0.3 10.1.0.4", 0), (next.IsWhole, string.Join(' ', next.Joined.Order(StringComparer.Ordinal)), next.Left.Count));

        await lab.Database.Write(tx => lab.Network.Release(tx, second.ServerId), default);
        var last = await lab.Members.MembersOf(new(network, group), next.Version, default);
        Assert.Equal((false, 0, "10.1.0.3"), (last.IsWhole, last.Joined.Count, Assert.Single(last.Left)));
        Assert.Equal(["10.1.0.2", "10.1.0.4"], (await lab.Members.MembersOf(new(network, group), 0, default)).Joined.Order(StringComparer.Ordinal));
        Assert.Empty((await lab.Members.MembersOf(new(lab.Ids.Next(), group), 0, default)).Joined);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_port_of_the_user_is_bound_used_once_and_unbound_by_the_release(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        var network = await lab.AddNetwork("net", "demo", "10.1.0.0/24");
        var port = lab.Ids.Next();
        await lab.Database.Write(tx => PortStore.TryInsert(tx, Port(port, network), 0), default);
        var request = new NetworkRequest { Nics = [new(network.ToString(), null, null, null), new(null, null, port.ToString(), null)] };

        var fault = await Assert.ThrowsAsync<Fault>(() => lab.Boot(new() { Nics = [new(null, null, port.ToString(), null)] }));
        Assert.Equal($"Port {port} requires a FixedIP in order to be used.", fault.Message);
        await lab.Database.Write(tx => tx.Execute("""UPDATE ports SET fixed_ips = '[{"subnet_id":"00000000-0000-0000-0000-000000000001","ip_address":"10.1.0.77"}]'"""), default);

        var (server, ports) = await lab.Boot(request);
        Assert.Equal([true, false], ports.Select(p => p.Owned));
        fault = await Assert.ThrowsAsync<Fault>(() => lab.Boot(new() { Nics = [new(null, null, port.ToString(), null)] }));
        Assert.Equal((FaultKind.Conflict, $"Port {port} is still in use."), (fault.Kind, fault.Message));

        await lab.Database.Write(tx => lab.Network.Release(tx, server.ServerId), default);
        Assert.Equal(1, await lab.Count("SELECT count(*) FROM ports WHERE device_id = '' AND host = ''"));
        Assert.Equal(1, await lab.Count("SELECT count(*) FROM ports"));
    }

    private static NewPort Port(Guid id, Guid network) => new() { Id = id, NetworkId = network, ProjectId = "demo", Mac = "fa:16:3e:00:00:01", Addresses = [] };
}
