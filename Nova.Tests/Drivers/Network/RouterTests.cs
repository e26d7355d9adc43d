using System.Net;
using Nova.Modules.Compute;
using static Nova.Tests.Drivers.Network.Guests;

namespace Nova.Tests.Drivers.Network;

/// <summary>Routers and floating addresses, by packets.</summary>
public class RouterTests
{
    private static readonly IPAddress Floating = IPAddress.Parse("172.24.4.50"), Other = IPAddress.Parse("172.24.4.51");
    private const string Outside = "172.24.4.9";

    [HostNetworkFact]
    public async Task A_router_joins_its_subnets_and_no_others()
    {
        await using var host = new ScratchHost();
        var (red, blue) = Routed(NetworkOf("10.1.0.0/24", "fd00:1::/64"), NetworkOf("10.2.0.0/24", "fd00:2::/64"));
        var (twinRed, twinBlue) = Routed(NetworkOf("10.1.0.0/24"), NetworkOf("10.2.0.0/24"));
        var a = await host.Boot(Nic(red, 5, Ping()));
        var c = await host.Boot(Nic(twinRed, 5));
        var d = await host.Boot(Nic(twinBlue, 6));
        var b = await host.Boot(Nic(blue, 5, Ping(), Ping(v6: true), Tcp(8080)));
        var stranger = await host.Boot(Nic(NetworkOf("10.3.0.0/24"), 5));
        using var listening = await b.Listen(8080);
        using var closed = await b.Listen(8081);

        Assert.True(a.Pings(b.Address));
        Assert.True(b.Pings(a.Address));
        Assert.True(a.Pings(IPAddress.Parse("fd00:2::5")));
        Assert.True(await a.Reaches(b.Address, 8080));
        Assert.False(await a.Reaches(b.Address, 8081));
        Assert.False(await c.Reaches(b.Address, 8080));
        Assert.False(await stranger.Reaches(b.Address, 8080));
        Assert.False(d.Pings(a.Address));

        // Subnets that leave the router are not reached any more, and nothing of it stays behind.
        await host.Replug(a, a.Nics[0] with { Network = red with { Routers = null } });
        Assert.False(await a.Reaches(b.Address, 8080));
        foreach (var guest in new[] { a, b, c, d, stranger })
            await host.Remove(guest);
        Assert.Equal(host.Before, host.Picture());
    }

    [HostNetworkFact]
    public async Task Only_the_subnets_of_the_router_are_joined_and_what_lies_behind_neighbours()
    {
        await using var host = new ScratchHost();
        var (left, right) = (NetworkOf("10.1.0.0/24", "10.4.0.0/24"), NetworkOf("10.2.0.0/24"));
        var router = new RouterSpec { Id = Guid.NewGuid(), Legs = [new(left.Id, "10.1.0.0/24", "10.1.0.1"), new(right.Id, "10.2.0.0/24", "10.2.0.1")], Routes = [new("10.9.0.0/16", "10.2.0.7")] };
        (left, right) = (left with { Routers = [router] }, right with { Routers = [router] });
        var joined = await host.Boot(Nic(left, 5) with { Addresses = [new(left.Subnets[0].Id, "10.1.0.5")] });
        var apart = await host.Boot(Nic(left, 6) with { Addresses = [new(left.Subnets[1].Id, "10.4.0.6")] });
        var gateway = await host.Boot(Nic(right, 7, Ping(), Tcp(8080)) with { PortSecurity = false });
        gateway.Run("addr add 10.9.0.1/32 dev lo");
        gateway.Run("link set lo up");
        using var listening = await gateway.Listen(8080);

        Assert.True(await joined.Reaches(gateway.Address, 8080));
        Assert.False(await apart.Reaches(gateway.Address, 8080));
        Assert.True(await joined.Reaches(IPAddress.Parse("10.9.0.1"), 8080));
    }

    [HostNetworkFact]
    public async Task A_floating_address_is_reached_from_the_host_from_outside_and_from_other_networks()
    {
        await using var host = new ScratchHost();
        var (net, _) = Routed(NetworkOf("10.1.0.0/24"), NetworkOf("10.2.0.0/24"), Outside);
        var (other, _) = Routed(NetworkOf("10.1.0.0/24"), NetworkOf("10.5.0.0/24"), "172.24.4.10");
        var guest = await host.Boot(Nic(net, 5, Ping(), Tcp(8080), Tcp(8081, "172.24.4.10/32"), Tcp(8082, Other + "/32"), Tcp(8083, "192.0.2.2/32")) with { Floating = [new("10.1.0.5", Floating.ToString())] });
        var neighbour = await host.Boot(Nic(net, 6));
        var far = await host.Boot(Nic(other, 5));
        var known = await host.Boot(Nic(other, 6, Tcp(8084, Floating + "/32")) with { Floating = [new("10.1.0.6", Other.ToString())] });
        using var outside = new Machine(host, "192.0.2.1", "192.0.2.2", "172.24.4.0/24");
        using var listening = await Listen(guest, 8080, 8081, 8082, 8083, 8085);
        using var atKnown = await known.Listen(8084);

        Assert.True(await Guest.Reaches(host.Namespace, Floating, 8080));
        Assert.True(await neighbour.Reaches(Floating, 8080));
        Assert.True(far.Pings(Floating));
        Assert.False(await far.Reaches(Floating, 8085));

        // Who calls is seen as it is outside: with its router's address, with its floating address, or as itself.
        Assert.True(await far.Reaches(Floating, 8081));
        Assert.False(await known.Reaches(Floating, 8081));
        Assert.True(await known.Reaches(Floating, 8082));
        Assert.True(await guest.Reaches(Other, 8084));
        Assert.True(await Guest.Reaches(outside.Namespace, Floating, 8083));
        Assert.True(guest.Pings(IPAddress.Parse("192.0.2.2")));
        Assert.True(far.Pings(IPAddress.Parse("192.0.2.2")));
    }

    [HostNetworkFact]
    public async Task Guests_on_the_external_network_itself_meet_those_behind_routers()
    {
        await using var host = new ScratchHost();
        var (net, _) = Routed(NetworkOf("10.1.0.0/24"), NetworkOf("10.2.0.0/24"), Outside);
        var external = NetworkOf("172.24.4.0/24") with { HostReachable = true };
        var named = await host.Boot(Nic(net, 5, Ping(), Tcp(8080)) with { Floating = [new("10.1.0.5", Floating.ToString())] });
        var plain = await host.Boot(Nic(net, 6, Ping()));
        var server = await host.Boot(Nic(external, 20, Ping(), Tcp(8081, Outside + "/32"), Tcp(8082, Floating + "/32")));
        var stranger = await host.Boot(Nic(NetworkOf("10.1.0.0/24"), 5));
        using var atNamed = await named.Listen(8080);
        using var atServer = await Listen(server, 8081, 8082);

        Assert.True(await server.Reaches(Floating, 8080));
        Assert.True(server.Pings(Floating));
        Assert.True(plain.Pings(server.Address));
        Assert.True(await plain.Reaches(server.Address, 8081));
        Assert.True(await named.Reaches(server.Address, 8082));
        Assert.False(stranger.Pings(server.Address));

        // The same after a new start, and nothing is answered for when nobody is there any more.
        await host.Kill();
        await host.NewLife().Restore(
            new[] { named, plain, server, stranger }.ToDictionary(guest => guest.ServerId, guest => guest.Nics), CancellationToken.None);
        Assert.True(await server.Reaches(Floating, 8080));
        Assert.True(await plain.Reaches(server.Address, 8081));
        await host.Remove(named);
        Assert.False(await server.Reaches(Floating, 8080));
        Assert.True(plain.Pings(server.Address));
        foreach (var guest in new[] { plain, server, stranger })
            await host.Remove(guest);
        Assert.Equal(host.Before, host.Picture());
    }

    [HostNetworkFact]
    public async Task A_floating_address_moves_and_goes_while_guests_run()
    {
        await using var host = new ScratchHost();
        var (net, second) = Routed(NetworkOf("10.1.0.0/24"), NetworkOf("10.2.0.0/24"), Outside);
        var (a, b, c) = (Nic(net, 5, Tcp(8081)), Nic(net, 6, Tcp(8082)), Nic(second, 7, Tcp(8083)));
        var (first, next, far) = (await host.Boot(a), await host.Boot(b), await host.Boot(c));
        using var atFirst = await first.Listen(8081);
        using var atNext = await next.Listen(8082);
        using var atFar = await far.Listen(8083);
        Assert.False(await Guest.Reaches(host.Namespace, Floating, 8081));

        await host.Replug(first, a with { Floating = [new("10.1.0.5", Floating.ToString())] });
        Assert.True(await Guest.Reaches(host.Namespace, Floating, 8081));

        // The new port may be told of before the old one.
        await host.Replug(next, b with { Floating = [new("10.1.0.6", Floating.ToString())] });
        await host.Replug(first, a);
        Assert.True(await Guest.Reaches(host.Namespace, Floating, 8082));
        await host.Replug(far, c with { Floating = [new("10.2.0.7", Floating.ToString())] });
        await host.Replug(next, b);
        Assert.True(await Guest.Reaches(host.Namespace, Floating, 8083));

        // It is the same after a new start of the program.
        await host.Kill();
        var life = host.NewLife();
        await life.Restore(new Dictionary<Guid, IReadOnlyList<NicSpec>>
        {
            [first.ServerId] = [a], [next.ServerId] = [b], [far.ServerId] = [c with { Floating = [new("10.2.0.7", Floating.ToString())] }],
        }, CancellationToken.None);
        Assert.True(await Guest.Reaches(host.Namespace, Floating, 8083));
        Assert.True(await first.Reaches(far.Address, 8083));

        await host.Remove(far);
        Assert.DoesNotContain(Floating.ToString(), host.Picture(), StringComparison.Ordinal);
        await host.Remove(first);
        await host.Remove(next);
        Assert.Equal(host.Before, host.Picture());
    }

    [HostNetworkFact]
    public async Task A_router_that_does_not_lead_out_keeps_its_guests_inside_unless_they_have_floating_addresses()
    {
        await using var host = new ScratchHost();
        var (closed, _) = Routed(NetworkOf("10.1.0.0/24"), NetworkOf("10.2.0.0/24"));
        var (open, _) = Routed(NetworkOf("10.3.0.0/24"), NetworkOf("10.4.0.0/24"), Outside);
        var inside = await host.Boot(Nic(closed, 5));
        var floating = await host.Boot(Nic(closed, 6) with { Floating = [new("10.1.0.6", Floating.ToString())] });
        var free = await host.Boot(Nic(open, 5));
        using var outside = new Machine(host, "192.0.2.1", "192.0.2.2", "172.24.4.0/24");

        Assert.True(free.Pings(IPAddress.Parse("192.0.2.2")));
        Assert.True(floating.Pings(IPAddress.Parse("192.0.2.2")));
        Assert.False(inside.Pings(IPAddress.Parse("192.0.2.2")));
        Assert.Equal(HttpStatusCode.OK, (await inside.Metadata("/openstack")).Status);
    }

    /// <summary>Two networks with a router between all of their subnets.</summary>
    internal static (NetworkSpec, NetworkSpec) Routed(NetworkSpec one, NetworkSpec two, string? outside = null)
    {
        var router = new RouterSpec
        {
            Id = Guid.NewGuid(),
            LeadsOut = outside is not null,
            Outside = outside,
            Legs = [.. new[] { one, two }.SelectMany(net => net.Subnets.Select(subnet => new RouterLegSpec(net.Id, subnet.Cidr, subnet.Gateway!)))],
        };
        return (one with { Routers = [router] }, two with { Routers = [router] });
    }

    private static async Task<IDisposable> Listen(Guest guest, params int[] ports)
    {
        var all = new List<IDisposable>();
        foreach (var port in ports)
            all.Add(await guest.Listen(port));
        return new Several(all);
    }

    private sealed class Several(List<IDisposable> all) : IDisposable
    {
        public void Dispose() => all.ForEach(one => one.Dispose());
    }

    /// <summary>A machine beside the host, which knows that a range is behind the host.</summary>
    private sealed class Machine : IDisposable
    {
        public Machine(ScratchHost host, string hostSide, string own, string range)
        {
            Namespace = host.Namespace + "m";
            ScratchHost.Ip("netns", "add", Namespace);
            ScratchHost.Ip("-n", host.Namespace, "link", "add", "out0", "type", "veth", "peer", "name", "eth0", "netns", Namespace);
            ScratchHost.Ip("-n", host.Namespace, "addr", "add", hostSide + "/24", "dev", "out0");
            ScratchHost.Ip("-n", host.Namespace, "link", "set", "out0", "up");
            ScratchHost.Ip("-n", Namespace, "addr", "add", own + "/24", "dev", "eth0");
            ScratchHost.Ip("-n", Namespace, "link", "set", "eth0", "up");
            ScratchHost.Ip("-n", Namespace, "route", "add", range, "via", hostSide);
        }

        public string Namespace { get; }

        public void Dispose() => ScratchHost.Ip("netns", "del", Namespace);
    }
}
