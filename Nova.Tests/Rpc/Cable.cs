using System.Net;
using System.Net.Sockets;

namespace Nova.Tests.Rpc;

/// <summary>Carries bytes between a client and a server on loopback, until it is frozen: then nothing passes and nothing closes.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _cut = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _carrying;
    private volatile bool _frozen;

    public Cable(int port)
    {
        _listener.Start();
        _carrying = Carry(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Freeze() => _frozen = true;

    public async ValueTask DisposeAsync()
    {
        await _cut.CancelAsync();
        _listener.Stop();
        foreach (var socket in _sockets)
            socket.Dispose();
        await _carrying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _cut.Dispose();
    }

    private async Task Carry(int port)
    {
        var client = await _listener.AcceptSocketAsync(_cut.Token);
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _sockets.AddRange([client, server]);
        await server.ConnectAsync(IPAddress.Loopback, port, _cut.Token);
        await Task.WhenAll(Copy(client, server), Copy(server, client));
    }

    private async Task Copy(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, _cut.Token) is var n and > 0)
            if (!_frozen)
                await to.SendAsync(buffer.AsMemory(0, n), _cut.Token);
    }
}
