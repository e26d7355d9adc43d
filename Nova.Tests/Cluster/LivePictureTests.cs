using System.Text.Json;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Tests.Support;

namespace Nova.Tests.Cluster;

/// <summary>What changes for running guests reaches their hosts: within one process, over the network, and from another process.</summary>
public class LivePictureTests
{
    [Theory]
    [InlineData("local", false)]
    [InlineData("http", false)]
    [InlineData("http", true)]
    public async Task Rules_and_members_of_a_group_reach_the_hosts_of_its_guests(string way, bool isShared)
    {
        await using var lab = await LiveLab.Start(way, isShared);
        Assert.True(lab.Told.KnewGroupsAtRestore);
        var (web, clients) = (await lab.AddGroup("web"), await lab.AddGroup("clients"));
        var (_, first) = await lab.AddPort(clients);
        await lab.Boot(web);
        var (key, named) = (new GroupKey(lab.NetworkId, web), new GroupKey(lab.NetworkId, clients));
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Rules(key).Count == 2));
        Assert.Empty(lab.Told.Book.Members(named));

        var rule = await lab.AddRule(web, 22, clients);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Rules(key).Any(r => r.PortMin == 22 && r.RemoteGroup == clients) && lab.Told.Book.Members(named).SetEquals([first])));

        var (second, address) = await lab.AddPort(clients);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Members(named).SetEquals([first, address])));
        await lab.SetGroups(second, web);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Members(named).SetEquals([first])));
        await lab.SetGroups(second, clients);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Members(named).SetEquals([first, address])));
        await lab.DeletePort(second);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Members(named).SetEquals([first])));

        await lab.DeleteRule(rule);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Rules(key).Count == 2 && lab.Told.Book.Members(named).IsEmpty));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("http")]
    public async Task What_changed_while_the_stream_was_broken_is_told_in_full(string way)
    {
        await using var lab = await LiveLab.Start(way);
        var web = await lab.AddGroup("web");
        await lab.AddRule(web, 22, web);
        var (server, nic, _) = await lab.Boot(web);
        var key = new GroupKey(lab.NetworkId, web);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Members(key).Count == 1));

        lab.BreakStreams();
        var rule = await lab.AddRule(web, 80);
        var (_, address) = await lab.AddPort(web);
        await lab.Update(server, all => all["role"] = "db");

        await Eventually.Is(() => Task.FromResult(
            lab.Told.Book.Rules(key).Any(r => r.PortMin == 80) && lab.Told.Book.Members(key).SetEquals([nic.Addresses[0].Address, address])));
        await Eventually.Is(async () => (await lab.Metadata(nic)).GetProperty("meta").GetProperty("role").GetString() == "db");
        await lab.DeleteRule(rule);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Rules(key).All(r => r.PortMin != 80)));
    }

    [Theory]
    [InlineData("local", false)]
    [InlineData("http", true)]
    public async Task A_guest_reads_its_new_metadata_and_names_at_once(string way, bool isShared)
    {
        await using var lab = await LiveLab.Start(way, isShared);
        var (server, nic, _) = await lab.Boot(await lab.AddGroup("web"));
        Assert.Equal("web", (await lab.Metadata(nic)).GetProperty("meta").GetProperty("role").GetString());

        await lab.Update(server, all => (all["role"], all["stage"]) = ("käse ]]>", "live"));
        await Eventually.Is(async () => (await lab.Metadata(nic)).GetProperty("meta") is var meta && meta.TryGetProperty("stage", out var stage)
            && (stage.GetString(), meta.GetProperty("role").GetString()) == ("live", "käse ]]>"));
        await lab.Rename(server, "shown", "told");
        await Eventually.Is(async () => await lab.Metadata(nic) is var document
            && (document.GetProperty("name").GetString(), document.GetProperty("hostname").GetString()) == ("shown", "told.novalocal"));
        await lab.Update(server, all => all.Clear());
        await Eventually.Is(async () => !(await lab.Metadata(nic)).TryGetProperty("meta", out var meta) || !meta.EnumerateObject().Any());
    }

    [Fact]
    public async Task Other_groups_of_a_port_are_plugged_at_once_and_told_of()
    {
        await using var lab = await LiveLab.Start("local");
        var (web, db) = (await lab.AddGroup("web"), await lab.AddGroup("db"));
        await lab.AddRule(db, 5432);
        var (server, nic, _) = await lab.Boot(web);
        Assert.Empty(lab.Told.Book.Rules(new(lab.NetworkId, db)));

        await lab.SetGroups(nic.PortId, web, db);
        await Eventually.Is(() => Task.FromResult(
            lab.Told.NicsOf(server)[0].SecurityGroups.Contains(db) && lab.Told.Book.Rules(new(lab.NetworkId, db)).Any(rule => rule.PortMin == 5432)));

        await lab.SetGroups(nic.PortId, db);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Rules(new(lab.NetworkId, web)).Count == 0));
        await lab.DeletePort(nic.PortId);
        await Eventually.Is(() => Task.FromResult(lab.Told.NicsOf(server).Count == 0 && lab.Told.Book.Rules(new(lab.NetworkId, db)).Count == 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_changed_network_reaches_the_hosts_of_its_guests(bool isShared)
    {
        await using var lab = await LiveLab.Start("local", isShared);
        var (server, _, _) = await lab.Boot(await lab.AddGroup("web"));

        await lab.ChangeNetwork("10.9.0.53", 1400);
        await Eventually.Is(() => Task.FromResult(lab.Told.NicsOf(server)[0].Network is { Mtu: 1400, Subnets: [{ DnsServers: ["10.9.0.53"] }] }));
    }

    [Fact]
    public async Task The_size_of_a_group_is_neither_in_commands_nor_in_what_a_change_tells()
    {
        await using var lab = await LiveLab.Start("local");
        var group = await lab.AddGroup("web");
        await lab.AddRule(group, 22, group);
        var (_, _, small) = await lab.Boot(group);
        for (var i = 0; i < 60; i++)
            await lab.AddPort(group);
        var (_, _, large) = await lab.Boot(group);
        Assert.InRange(large.Length, small.Length - 10, small.Length + 10);

        var key = new GroupKey(lab.NetworkId, group);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Members(key).Count == 62));
        lab.Told.Pictures.Clear();
        await lab.AddPort(group);
        await Eventually.Is(() => Task.FromResult(lab.Told.Book.Members(key).Count == 63));
        Assert.All(lab.Told.Pictures, picture => Assert.InRange(JsonSerializer.Serialize(picture).Length, 1, 600));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("http")]
    public async Task After_a_reboot_of_the_host_active_servers_run_again_where_that_is_set_and_their_network_comes_first(string way)
    {
        await using var lab = await LiveLab.Start(way);
        var web = await lab.AddGroup("web");
        var ((active, _, _), (stopped, _, _)) = (await lab.Boot(web), await lab.Boot(web));
        await lab.SetStopped(stopped);

        await lab.RebootHost(resumes: true);
        await Eventually.Is(async () => await lab.PowerOf(active) == Power.On);
        Assert.True(lab.Told.KnewGroupsAtRestore);
        Assert.Equal(("active", Power.Off, "stopped"), (await lab.StateOf(active), await lab.PowerOf(stopped), await lab.StateOf(stopped)));
        Assert.Single(lab.Told.NicsOf(active));

        await lab.RebootHost(resumes: false);
        await Eventually.Is(async () => await lab.StateOf(active) == "stopped");
        Assert.Equal(Power.Off, await lab.PowerOf(active));
    }
}
