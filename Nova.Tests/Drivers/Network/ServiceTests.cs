using System.Net;
using System.Net.Sockets;
using Nova.Drivers.Network.LinuxBridge;
using Nova.Modules.Compute;
using static Nova.Tests.Drivers.Network.Guests;

namespace Nova.Tests.Drivers.Network;

/// <summary>DHCP and metadata, asked from a guest.</summary>
public class ServiceTests
{
    private static readonly NetworkSpec Net = NetworkOf("10.0.0.0/24");

    [HostNetworkFact]
    public async Task A_guest_gets_its_address_mtu_routes_and_name_servers_by_dhcp()
    {
        await using var host = new ScratchHost();
        var guest = await host.Boot(Nic(Net, 5));
        guest.Run("addr flush dev eth0");

        var offer = await Dhcp.Discover(guest);

        Assert.Equal("10.0.0.5", offer.Address);
        Assert.Equal([1450 >> 8, 1450 & 0xff], offer.Options[26].Select(b => (int)b));
        Assert.Equal(IPAddress.Parse("10.0.0.2").GetAddressBytes(), offer.Options[6]);
        Assert.Equal([32, 169, 254, 169, 254, 10, 0, 0, 1, 0, 10, 0, 0, 1], offer.Options[121].Select(b => (int)b));
    }

    [HostNetworkFact]
    public async Task An_address_goes_to_the_next_port_though_its_lease_was_for_ever()
    {
        await using var host = new ScratchHost();
        var keeper = await host.Boot(Nic(Net, 9));
        var first = await host.Boot(Nic(Net, 5));
        first.Run("addr flush dev eth0");
        Assert.Equal("10.0.0.5", (await Dhcp.Lease(first)).Address);
        await host.Remove(first);

        var second = await host.Boot(Nic(Net, 5) with { Mac = "52:54:00:00:01:05" });
        second.Run("addr flush dev eth0");

        Assert.Equal("10.0.0.5", (await Dhcp.Discover(second)).Address);
        Assert.True(keeper.Pings(IPAddress.Parse("10.0.0.1")));
    }

    [HostNetworkFact]
    public async Task A_subnet_without_gateway_has_dhcp_and_metadata_all_the_same()
    {
        await using var host = new ScratchHost();
        var net = Net with { Id = Guid.NewGuid(), Subnets = [Subnet("10.0.0.0/24") with { Gateway = null }] };
        var guest = await host.Boot(Nic(net, 5));
        guest.Run("addr flush dev eth0");
        Assert.Equal("10.0.0.5", (await Dhcp.Discover(guest)).Address);

        guest.Run("addr add 10.0.0.5/24 dev eth0");
        guest.Run("route add 169.254.169.254/32 dev eth0");
        Assert.Equal(HttpStatusCode.OK, (await guest.Metadata("/openstack")).Status);
    }

    [HostNetworkFact]
    public async Task Guests_learn_their_ipv6_router_and_may_ask_for_metadata_by_ipv6()
    {
        await using var host = new ScratchHost();
        var net = NetworkOf("fd00:b::/64") with { Id = Guid.NewGuid() };
        var guest = await host.Boot(Nic(net, 5));

        Assert.True(guest.Pings(IPAddress.Parse("fd00:b::1")));
        var answer = await guest.Metadata("/openstack/latest/meta_data.json", to: IPAddress.Parse("fe80::a9fe:a9fe"));
        Assert.Contains(guest.ServerId.ToString(), answer.Body, StringComparison.Ordinal);
        Assert.Equal("fd00:b::5", await Dhcp.Solicit(guest));
    }

    [HostNetworkFact]
    public async Task Each_guest_reads_its_own_metadata_whatever_it_says_about_itself()
    {
        await using var host = new ScratchHost();
        var (a, b) = (await host.Boot(Nic(Net, 5)), await host.Boot(Nic(Net, 7)));

        Assert.Contains(a.ServerId.ToString(), (await a.Metadata("/openstack/latest/meta_data.json")).Body, StringComparison.Ordinal);
        Assert.Contains(b.ServerId.ToString(), (await b.Metadata("/openstack/latest/meta_data.json")).Body, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, ""), await a.Metadata("/openstack/latest/meta_data.json", HttpMethod.Head));
        Assert.Equal(HttpStatusCode.NotFound, (await a.Metadata("/nothing")).Status);
        Assert.Equal(HttpStatusCode.OK, (await a.Metadata("/openstack/latest/password", HttpMethod.Post, "secret")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await a.Metadata("/openstack/latest/password", HttpMethod.Post, "other")).Status);
        Assert.Equal("secret", (await a.Metadata("/openstack/latest/password")).Body);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await a.Metadata("/openstack/latest/password", HttpMethod.Post, new string('x', 5000))).Status);

        host.Specs.RemoveAll(spec => spec.ServerId == a.ServerId);
        Assert.Equal(HttpStatusCode.NotFound, (await a.Metadata("/openstack")).Status);
    }

    /// <summary>As much of a DHCP client as a test needs.</summary>
    private static class Dhcp
    {
        private const int AskDiscover = 1, AskRequest = 3;

        public sealed record Answer(string Address, byte[] Server, IReadOnlyDictionary<int, byte[]> Options);

        public static Task<Answer> Discover(Guest guest) => Ask(guest, AskDiscover, null);

        public static async Task<Answer> Lease(Guest guest) => await Ask(guest, AskRequest, await Discover(guest));

        public static async Task<string> Solicit(Guest guest)
        {
            var mac = Convert.FromHexString(guest.Nics[0].Mac.Replace(":", "", StringComparison.Ordinal));
            byte[] ask = [1, 0, 0, 1, 0, 1, 0, 10, 0, 3, 0, 1, .. mac, 0, 3, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
            var scope = await NetworkNamespace.Run(guest.Namespace, () => NetworkNamespace.IndexOf("eth0"));
            using var socket = await NetworkNamespace.Run(guest.Namespace, () =>
            {
                var made = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
                made.Bind(new IPEndPoint(new IPAddress(PortRules.LinkLocal(guest.Nics[0].Mac).GetAddressBytes(), scope), 546));
                return made;
            });
            var answer = await Exchange(socket, ask, new IPEndPoint(new IPAddress(IPAddress.Parse("ff02::1:2").GetAddressBytes(), scope), 547));
            // Option 3 (IA_NA) holds option 5 (address), which begins with the 16 bytes.
            for (var at = 4; at + 4 <= answer.Length;)
            {
                var (code, length) = (answer[at] << 8 | answer[at + 1], answer[at + 2] << 8 | answer[at + 3]);
                if (code == 3)
                    return new IPAddress(answer.AsSpan(at + 4 + 12 + 4, 16)).ToString();
                at += 4 + length;
            }

            return "";
        }

        private static async Task<Answer> Ask(Guest guest, byte kind, Answer? offer)
        {
            var mac = Convert.FromHexString(guest.Nics[0].Mac.Replace(":", "", StringComparison.Ordinal));
            var ask = new byte[240];
            (ask[0], ask[1], ask[2], ask[7], ask[10]) = (1, 1, 6, 42, 0x80);
            mac.CopyTo(ask, 28);
            new byte[] { 99, 130, 83, 99 }.CopyTo(ask, 236);
            byte[] wanted = offer is null ? [] : [50, 4, .. IPAddress.Parse(offer.Address).GetAddressBytes(), 54, 4, .. offer.Server];
            using var socket = await NetworkNamespace.Run(guest.Namespace, () =>
            {
                var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
                made.SetRawSocketOption(1, 25, "eth0\0"u8);
                made.Bind(new IPEndPoint(IPAddress.Any, 68));
                return made;
            });
            var answer = await Exchange(socket, [.. ask, 53, 1, kind, .. wanted, 55, 6, 1, 3, 6, 26, 51, 121, 255], new IPEndPoint(IPAddress.Broadcast, 67));
            var options = Options(answer);
            return new(new IPAddress(answer.AsSpan(16, 4)).ToString(), options[54], options);
        }

        /// <summary>Asks until there is an answer, as any client does.</summary>
        private static async Task<byte[]> Exchange(Socket socket, byte[] ask, EndPoint to)
        {
            var buffer = new byte[2048];
            for (var i = 0; i < 15; i++)
            {
                await socket.SendToAsync(ask, to);
                using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                try
                {
                    return buffer[..await socket.ReceiveAsync(buffer, limit.Token)];
                }
                catch (OperationCanceledException)
                {
                    // Lost, or the server was just starting.
                }
            }

            throw new TimeoutException("No DHCP server answered.");
        }

        private static Dictionary<int, byte[]> Options(byte[] answer)
        {
            var options = new Dictionary<int, byte[]>();
            for (var at = 240; answer[at] != 255; at += 2 + answer[at + 1])
                options[answer[at]] = answer[(at + 2)..(at + 2 + answer[at + 1])];
            return options;
        }
    }
}
