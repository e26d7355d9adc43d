using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Nova.Drivers.Network.LinuxBridge;
using Nova.Modules.Compute;

namespace Nova.Tests.Drivers.Network;

/// <summary>A namespace in the place of a guest: sends and receives real packets through its tap.</summary>
public sealed class Guest
{
    private static readonly TimeSpan Blocked = TimeSpan.FromMilliseconds(700);

    public Guest(string space, string host, params NicSpec[] nics)
    {
        (Namespace, Nics) = (space, nics);
        ScratchHost.Ip("netns", "add", space);
        HostTools.WriteSettings(space, ("net/ipv6/conf/default/accept_dad", "0")).Wait();
        for (var i = 0; i < nics.Length; i++)
        {
            var nic = nics[i];
            ScratchHost.Ip("-n", host, "link", "add", HostNames.Tap(nic.PortId), "type", "veth", "peer", "name", $"eth{i}", "address", nic.Mac, "netns", space);
            Run($"link set eth{i} up");
            foreach (var address in nic.Addresses)
                Configure(nic, address, $"eth{i}");
        }
    }

    public string Namespace { get; }

    public IReadOnlyList<NicSpec> Nics { get; }

    public Guid ServerId => Spec.ServerId;

    public IPAddress Address => IPAddress.Parse(Nics[0].Addresses[0].Address);

    public GuestSpec Spec => field ??= Guests.Spec(Nics);

    /// <summary>An ip command inside the guest.</summary>
    public void Run(string command) => ScratchHost.Ip(["-n", Namespace, .. command.Split(' ')]);

    public string Show(string command) => ScratchHost.Ip(["-n", Namespace, .. command.Split(' ')]);

    public bool Pings(IPAddress address, string? from = null) =>
        ScratchHost.TryIp(["netns", "exec", Namespace, "ping", "-q", "-c1", "-W1", .. from is null ? Array.Empty<string>() : ["-I", from], address.ToString()]).Code == 0;

    /// <summary>A TCP port that accepts and sends one byte, until disposed.</summary>
    public async Task<IDisposable> Listen(int port, string? space = null)
    {
        var listener = await NetworkNamespace.Run(space ?? Namespace, () =>
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            socket.Listen();
            return socket;
        });
        _ = Serve(listener);
        return listener;
    }

    /// <summary>True when a byte arrives from there; false after a time that is long for one machine.</summary>
    public Task<bool> Reaches(IPAddress address, int port, IPAddress? from = null) => Reaches(Namespace, address, port, from);

    public static async Task<bool> Reaches(string space, IPAddress address, int port, IPAddress? from = null)
    {
        using var socket = await In(space, address.AddressFamily, from);
        using var limit = new CancellationTokenSource(Blocked);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), limit.Token);
            return await socket.ReceiveAsync(new byte[1], limit.Token) == 1;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    /// <summary>What the metadata address answers: status and text.</summary>
    public async Task<(HttpStatusCode Status, string Body)> Metadata(string path, HttpMethod? method = null, string? body = null, IPAddress? to = null)
    {
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = async (_, ct) => await Connect(to ?? IPAddress.Parse("169.254.169.254"), ct) })
        {
            Timeout = TimeSpan.FromSeconds(20),
        };
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, "http://169.254.169.254" + path);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "10.0.0.7");
        if (body is not null)
            request.Content = new StringContent(body, MediaTypeHeaderValue.Parse("text/plain"));
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<Stream> Connect(IPAddress address, CancellationToken ct)
    {
        var socket = await In(Namespace, address.AddressFamily, null);
        if (address.IsIPv6LinkLocal)
            address = new IPAddress(address.GetAddressBytes(), await NetworkNamespace.Run(Namespace, () => NetworkNamespace.IndexOf("eth0")));
        await socket.ConnectAsync(new IPEndPoint(address, 80), ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static Task<Socket> In(string space, AddressFamily family, IPAddress? from) => NetworkNamespace.Run(space, () =>
    {
        var socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        if (from is not null)
            socket.Bind(new IPEndPoint(from, 0));
        return socket;
    });

    private void Configure(NicSpec nic, AddressSpec address, string device)
    {
        var subnet = nic.Network.Subnets.First(subnet => subnet.Id == address.SubnetId);
        Run($"addr add {address.Address}/{IPNetwork.Parse(subnet.Cidr).PrefixLength} dev {device}");
        if (subnet.Gateway is { } gateway)
            Run($"route replace default via {gateway} dev {device}");
    }

    private static async Task Serve(Socket listener)
    {
        try
        {
            while (true)
            {
                using var peer = await listener.AcceptAsync();
                await peer.SendAsync(new byte[1]);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test closed it.
        }
    }
}
