using System.Net;
using Nova.Drivers.Network.LinuxBridge;
using Nova.Modules.Compute;
using Nova.Modules.Shared;
using static Nova.Tests.Drivers.Network.Guests;

namespace Nova.Tests.Drivers.Network;

/// <summary>What comes, what goes, and what remains after a crash.</summary>
public class LifeTests
{
    private static readonly NetworkSpec Net = NetworkOf("10.0.0.0/24", "fd00:a::/64");

    [HostNetworkFact]
    public async Task The_last_guest_takes_everything_with_it()
    {
        await using var host = new ScratchHost();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6), Nic(NetworkOf("10.1.0.0/24"), 7)));
        Assert.Contains(host.Network.HostChanges(), change => change is { What: "net/ipv4/ip_forward", Before: "0", Now: "1" });

        await host.Remove(a);
        Assert.NotEqual(host.Before, host.Picture());
        await host.Remove(b);
        Assert.Equal(host.Before, host.Picture());
        Assert.Empty(host.Network.HostChanges());
        await host.Remove(b);
        Assert.Equal(host.Before, host.Picture());
    }

    [HostNetworkFact]
    public async Task An_interface_that_is_no_longer_listed_is_unplugged()
    {
        await using var host = new ScratchHost();
        var (first, second) = (Nic(Net, 5), Nic(NetworkOf("10.1.0.0/24"), 6));
        var guest = await host.Boot(first, second);

        await host.Replug(guest, first);

        Assert.DoesNotContain(HostNames.Tap(second.PortId), host.Picture(), StringComparison.Ordinal);
        Assert.Contains(HostNames.Tap(first.PortId), host.Picture(), StringComparison.Ordinal);
        await host.Remove(guest);
        Assert.Equal(host.Before, host.Picture());
    }

    [HostNetworkFact]
    public async Task A_tap_is_made_when_nobody_made_it()
    {
        await using var host = new ScratchHost();
        var nic = Nic(Net, 5);

        await host.Network.Plug(Guid.NewGuid(), [nic], CancellationToken.None);

        var link = ScratchHost.Ip("-n", host.Namespace, "-d", "link", "show", HostNames.Tap(nic.PortId));
        Assert.Contains("tun type tap", link, StringComparison.Ordinal);
        Assert.Contains("persist on", link, StringComparison.Ordinal);
        Assert.Contains("mtu 1450", link, StringComparison.Ordinal);
        Assert.Contains($"master nb{host.Options.Installation}-", link, StringComparison.Ordinal);
    }

    [HostNetworkFact]
    public async Task Equal_ranges_of_two_networks_never_meet()
    {
        await using var host = new ScratchHost();
        var (red, blue) = (NetworkOf("10.0.0.0/24"), NetworkOf("10.0.0.0/24"));
        var (a, b) = (await host.Boot(Nic(red, 5)), await host.Boot(Nic(red, 6, Tcp(80), Tcp(8080))));
        var (c, d) = (await host.Boot(Nic(blue, 5)), await host.Boot(Nic(blue, 7)));
        using var atB = await b.Listen(8080);

        Assert.True(await a.Reaches(b.Address, 8080));
        Assert.False(await c.Reaches(b.Address, 8080));
        Assert.Contains(a.ServerId.ToString(), (await a.Metadata("/openstack/latest/meta_data.json")).Body, StringComparison.Ordinal);
        Assert.Contains(c.ServerId.ToString(), (await c.Metadata("/openstack/latest/meta_data.json")).Body, StringComparison.Ordinal);
        Assert.Contains(d.ServerId.ToString(), (await d.Metadata("/openstack/latest/meta_data.json")).Body, StringComparison.Ordinal);
    }

    [HostNetworkFact]
    public async Task The_host_reaches_guests_only_where_the_network_says_so()
    {
        await using var host = new ScratchHost();
        var open = await host.Boot(Nic(Net with { Id = Guid.NewGuid(), HostReachable = true }, 5, Ping(), Ping(v6: true), Tcp(22)));
        var shut = await host.Boot(Nic(NetworkOf("10.1.0.0/24"), 5, Ping()));
        using var ssh = await open.Listen(22);
        bool FromHost(string address) => ScratchHost.TryIp("netns", "exec", host.Namespace, "ping", "-q", "-c1", "-W1", address).Code == 0;

        Assert.True(FromHost("10.0.0.5"));
        Assert.True(FromHost("fd00:a::5"));
        Assert.True(await Guest.Reaches(host.Namespace, open.Address, 22));
        Assert.False(FromHost("10.1.0.5"));
        Assert.Contains(open.ServerId.ToString(), (await open.Metadata("/openstack/latest/meta_data.json")).Body, StringComparison.Ordinal);
        Assert.True(shut.Pings(IPAddress.Parse("10.1.0.1")));
    }

    [HostNetworkFact]
    public async Task Two_host_reachable_networks_of_one_range_are_refused_with_the_reason()
    {
        await using var host = new ScratchHost();
        await host.Boot(Nic(Net with { Id = Guid.NewGuid(), HostReachable = true }, 5));

        var fault = await Assert.ThrowsAsync<Fault>(() => host.Boot(Nic(Net with { Id = Guid.NewGuid(), HostReachable = true }, 6)));

        Assert.Equal(FaultKind.Conflict, fault.Kind);
        Assert.Contains("10.0.0.0/24", fault.Message, StringComparison.Ordinal);
    }

    [HostNetworkFact]
    public async Task Guests_leave_with_the_hosts_address_but_do_not_meet_through_the_host()
    {
        await using var host = new ScratchHost();
        var a = await host.Boot(Nic(Net, 5));
        var b = await host.Boot(Nic(NetworkOf("10.1.0.0/24"), 5, Tcp(8080)));
        ScratchHost.Ip("-n", host.Namespace, "addr", "add", "192.0.2.1/32", "dev", "lo");
        using var outside = await a.Listen(7070, host.Namespace);
        using var inside = await b.Listen(8080);

        Assert.True(await a.Reaches(IPAddress.Parse("192.0.2.1"), 7070));
        Assert.False(await a.Reaches(b.Address, 8080));
    }

    [HostNetworkFact]
    public async Task Killed_after_any_command_a_new_start_repairs_it()
    {
        var (red, blue) = RouterTests.Routed(NetworkOf("10.0.0.0/24", "fd00:a::/64"), NetworkOf("172.24.4.0/24") with { HostReachable = true }, "172.24.5.1");
        await RepairsAny(Nic(Net, 5, Ping()));
        await RepairsAny(Nic(red, 5, Ping()) with { Floating = [new("10.0.0.5", "172.24.4.50")] }, Nic(blue, 6));
    }

    private static async Task RepairsAny(params NicSpec[] nics)
    {
        var server = Guid.NewGuid();
        var died = true;
        for (var commands = 0; died; commands++)
        {
            await using var host = new ScratchHost();
            await host.Kill();
            var dying = host.NewLife(new DyingRunner(commands));
            try
            {
                await dying.Plug(server, nics, CancellationToken.None);
                died = false;
            }
            catch (IOException)
            {
            }

            await host.Kill();
            host.NewLife();
            await host.Network.Restore(new Dictionary<Guid, IReadOnlyList<NicSpec>> { [server] = nics }, CancellationToken.None);
            var whole = host.Picture();
            await host.Network.Plug(server, nics, CancellationToken.None);
            Assert.Equal(whole, host.Picture());
            Assert.Contains(HostNames.Tap(nics[0].PortId), host.Nft(), StringComparison.Ordinal);

            await host.Network.Unplug(server, CancellationToken.None);
            Assert.Equal(host.Before, host.Picture());
        }
    }

    [HostNetworkFact]
    public async Task Killed_after_any_command_of_a_removal_a_new_start_finishes_it()
    {
        var nic = Nic(Net, 5, Ping());
        var server = Guid.NewGuid();
        var died = true;
        for (var commands = 0; died; commands++)
        {
            await using var host = new ScratchHost();
            await host.Kill();
            var runner = new DyingRunner(int.MaxValue);
            var dying = host.NewLife(runner);
            await dying.Plug(server, [nic], CancellationToken.None);
            runner.Left = commands;
            try
            {
                await dying.Unplug(server, CancellationToken.None);
                died = false;
            }
            catch (IOException)
            {
            }

            await host.Kill();
            host.NewLife();
            await host.Network.Restore(new Dictionary<Guid, IReadOnlyList<NicSpec>>(), CancellationToken.None);
            Assert.Equal(host.Before, host.Picture());
        }
    }

    [HostNetworkFact]
    public async Task Running_guests_notice_nothing_of_a_restart()
    {
        await using var host = new ScratchHost();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 6, Tcp(8080))));
        using var atB = await b.Listen(8080);
        await host.Kill();

        host.NewLife();
        await host.Network.Restore(new Dictionary<Guid, IReadOnlyList<NicSpec>> { [a.ServerId] = a.Nics, [b.ServerId] = b.Nics }, CancellationToken.None);

        Assert.True(await a.Reaches(b.Address, 8080));
        Assert.Equal(HttpStatusCode.OK, (await a.Metadata("/openstack")).Status);
        await host.Remove(a);
        await host.Remove(b);
        Assert.Equal(host.Before, host.Picture());
    }

    [HostNetworkFact]
    public async Task Parallel_plugs_and_unplugs_of_one_network_leave_nothing()
    {
        await using var host = new ScratchHost();
        var servers = Enumerable.Range(5, 12).Select(number => (Id: Guid.NewGuid(), Nic: Nic(Net, number))).ToList();

        await Task.WhenAll(servers.Select(server => Task.Run(async () =>
        {
            await host.Network.Plug(server.Id, [server.Nic], CancellationToken.None);
            await host.Network.Unplug(server.Id, CancellationToken.None);
        })));

        Assert.Equal(host.Before, host.Picture());
    }

    [HostNetworkFact]
    public async Task The_last_of_two_installations_restores_the_hosts_settings()
    {
        await using var host = new ScratchHost();
        var a = await host.Boot(Nic(Net, 5));
        await using var other = new LinuxBridgeNetwork(
            host.Options with { Installation = "o" + host.Options.Installation[1..], Directory = host.Options.Directory + "-o" }, null, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        var server = Guid.NewGuid();
        await other.Plug(server, [Nic(NetworkOf("10.3.0.0/24"), 9)], CancellationToken.None);

        await host.Remove(a);
        Assert.Equal("1", await HostTools.ReadSetting(host.Namespace, "net/ipv4/ip_forward"));
        await other.Unplug(server, CancellationToken.None);
        Assert.Equal("0", await HostTools.ReadSetting(host.Namespace, "net/ipv4/ip_forward"));
        Assert.Equal(host.Before, host.Picture());
    }

    /// <summary>Dies, with everything that it was to run later, before the command of this number.</summary>
    private sealed class DyingRunner(int left) : ScratchHost.LoudRunner
    {
        public int Left { get; set; } = left;

        public override Task<string> Run(Command command, CancellationToken ct) =>
            Left-- <= 0 ? throw new IOException("killed") : base.Run(command, ct);
    }
}
