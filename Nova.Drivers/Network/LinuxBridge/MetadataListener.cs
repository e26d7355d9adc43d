using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nova.Modules.Metadata;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// One HTTP server for the metadata requests of all networks. Its connections come from listening sockets inside the
/// networks' namespaces; which socket accepted a connection says which network asks.
/// </summary>
internal sealed class MetadataListener : IAsyncDisposable
{
    private const int ConnectionsPerNetwork = 128;
    private const int LongestBody = 4096;
    private static readonly TimeSpan PauseWithoutFiles = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Guid, Asked> networks = new();
    private readonly Accepted accepted = new();
    private readonly SocketConnectionContextFactory connections;
    private readonly KestrelServer server;
    private readonly MetadataService documents;
    private readonly TimeProvider time;

    public MetadataListener(MetadataService documents, TimeProvider time, ILoggerFactory logs)
    {
        this.documents = documents;
        this.time = time;
        connections = new(new SocketConnectionFactoryOptions(), logs.CreateLogger<MetadataListener>());
        var options = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = new ServiceCollection().BuildServiceProvider() };
        options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(15);
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        options.Limits.MaxRequestBodySize = LongestBody;
        options.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        options.Listen(Accepted.Everywhere, listen => listen.Protocols = HttpProtocols.Http1);
        server = new(Options.Create(options), accepted, logs);
    }

    /// <summary>Begins to answer.</summary>
    public Task Start(CancellationToken ct) => server.StartAsync(new Application(documents), ct);

    /// <summary>Answers in this namespace at the well-known addresses. Repeating it is harmless.</summary>
    /// <param name="network">The network whose guests ask there.</param>
    /// <param name="space">Its namespace.</param>
    /// <param name="fixedAddress">The fixed address of the guest with a link-local one, or null.</param>
    public async Task Open(Guid network, string space, Func<IPAddress, IPAddress?> fixedAddress)
    {
        if (networks.ContainsKey(network))
            return;

        var sockets = await NetworkNamespace.Run(space, Listen);
        var asked = new Asked(network, fixedAddress, sockets);
        networks[network] = asked;
        asked.Loops = [.. sockets.Select(socket => Accept(asked, socket))];
    }

    /// <summary>Ends listening and every connection of a network, which would keep its namespace alive.</summary>
    public async Task Close(Guid network)
    {
        if (!networks.TryRemove(network, out var asked))
            return;

        foreach (var socket in asked.Sockets)
            socket.Dispose();
        foreach (var connection in asked.Connections.Keys)
            connection.Abort();
        await Task.WhenAll(asked.Loops);
    }

    private static Socket[] Listen()
    {
        var scope = NetworkNamespace.IndexOf(HostNaming.Inside);
        var v6 = IPAddress.Parse(HostNaming.MetadataV6);
        v6.ScopeId = scope;
        return [Bound(IPAddress.Parse(HostNaming.MetadataV4)), Bound(v6)];
    }

    private static Socket Bound(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(address, 80));
        socket.Listen(128);
        return socket;
    }

    private async Task Accept(Asked asked, Socket listener)
    {
        while (await Next(listener) is { } socket)
        {
            if (asked.Connections.Count >= ConnectionsPerNetwork || asked.Source(socket) is not { } source)
            {
                socket.Dispose();
                continue;
            }

            var connection = connections.Create(socket);
            connection.Features.Set(new Asking(asked.Network, source));
            asked.Connections[connection] = true;
            connection.ConnectionClosed.Register(() => asked.Connections.TryRemove(connection, out _));
            if (!await accepted.Add(connection))
                await connection.DisposeAsync();
        }
    }

    private async Task<Socket?> Next(Socket listener)
    {
        while (true)
        {
            try
            {
                return await listener.AcceptAsync();
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.TooManyOpenSockets)
            {
                // Connections that end give files back; until then the kernel's queue holds the guests.
                await Task.Delay(PauseWithoutFiles, time);
            }
            catch (SocketException)
            {
                // The guest went away before it was accepted; the next one is waiting.
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var network in networks.Keys)
            await Close(network);
        accepted.End();
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await server.StopAsync(atOnce.Token);
        server.Dispose();
        connections.Dispose();
    }

    /// <summary>Who is at the other end of a connection.</summary>
    private sealed record Asking(Guid Network, IPAddress Source);

    private sealed record Asked(Guid Network, Func<IPAddress, IPAddress?> FixedAddress, Socket[] Sockets)
    {
        public Task[] Loops { get; set; } = [];

        public ConcurrentDictionary<ConnectionContext, bool> Connections { get; } = new();

        public IPAddress? Source(Socket socket)
        {
            var address = (socket.RemoteEndPoint as IPEndPoint)?.Address;
            return address is { IsIPv6LinkLocal: true } ? FixedAddress(new IPAddress(address.GetAddressBytes())) : address;
        }
    }

    /// <summary>Hands accepted connections to Kestrel, which asks for them as from any other transport.</summary>
    private sealed class Accepted : IConnectionListenerFactory, IConnectionListener
    {
        public static readonly EndPoint Everywhere = new DnsEndPoint("metadata", 80);

        // Full: accepting waits, and the kernel's own queue holds the rest.
        private readonly Channel<ConnectionContext> waiting = Channel.CreateBounded<ConnectionContext>(64);

        public EndPoint EndPoint => Everywhere;

        /// <summary>False when the server has ended.</summary>
        public async ValueTask<bool> Add(ConnectionContext connection)
        {
            while (await waiting.Writer.WaitToWriteAsync())
                if (waiting.Writer.TryWrite(connection))
                    return true;
            return false;
        }

        public void End() => waiting.Writer.TryComplete();

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await waiting.Reader.WaitToReadAsync(cancellationToken) && waiting.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            End();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }

    private sealed class Application(MetadataService documents) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public async Task ProcessRequestAsync(HttpContext context)
        {
            var asking = context.Features.GetRequiredFeature<Asking>();
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var answer = await documents.Answer(
                new(asking.Network, asking.Source, context.Request.Method, context.Request.Path, body.ToArray()), context.RequestAborted);

            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            context.Response.ContentLength = answer.Body.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
                await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
