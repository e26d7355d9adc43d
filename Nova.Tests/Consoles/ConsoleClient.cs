using System.Net;
using System.Net.WebSockets;
using System.Text;
using Nova.Tests.Support;

namespace Nova.Tests.Consoles;

/// <summary>A user before a console: a real websocket client, and what it has seen.</summary>
internal sealed class ConsoleClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly MemoryStream _seen = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>The subprotocol that was agreed on.</summary>
    public string? Protocol => _socket.SubProtocol;

    /// <summary>All that has come so far.</summary>
    public byte[] Seen => _seen.ToArray();

    /// <summary>Opens the websocket of an address that the API gave.</summary>
    public static async Task<ConsoleClient> Open(string url, string? origin = null, string protocol = "binary")
    {
        var client = new ConsoleClient();
        await client.Connect(url, origin, protocol);
        return client;
    }

    /// <summary>The same; null when it is refused for now.</summary>
    public static async Task<ConsoleClient?> TryOpen(string url)
    {
        var client = new ConsoleClient();
        try
        {
            await client.Connect(url, null, "binary");
            return client;
        }
        catch (WebSocketException)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, client._socket.HttpStatusCode);
            await client.DisposeAsync();
            return null;
        }
    }

    /// <summary>The status with which the address is refused.</summary>
    public static async Task<int> Refusal(string url, string? origin = null, string protocol = "binary") => (await WhyRefused(url, origin, protocol)).Status;

    /// <summary>True when the connection ends with the refusal.</summary>
    public static async Task<bool> EndsWhenRefused(string url)
    {
        await using var client = new ConsoleClient();
        await Assert.ThrowsAsync<WebSocketException>(() => client.Connect(url, null, "binary"));
        return client._socket.HttpResponseHeaders?.GetValueOrDefault("Connection")?.Single() == "close";
    }

    /// <summary>The same with the reason.</summary>
    public static async Task<(int Status, string? Reason)> WhyRefused(string url, string? origin = null, string protocol = "binary")
    {
        await using var client = new ConsoleClient();
        await Assert.ThrowsAsync<WebSocketException>(() => client.Connect(url, origin, protocol));
        return ((int)client._socket.HttpStatusCode, client._socket.HttpResponseHeaders?.GetValueOrDefault("x-console-refusal")?.Single());
    }

    /// <summary>The websocket that noVNC opens when it is given the page's address, or the address itself.</summary>
    public static Uri SocketOf(string url)
    {
        var address = new Uri(url);
        var path = address.Query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith("path=", StringComparison.Ordinal));
        return path is null ? address : new($"ws://{address.Authority}/{Uri.UnescapeDataString(path["path=".Length..]).TrimStart('/')}");
    }

    /// <summary>Types text.</summary>
    public Task Type(string text) => Send(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends bytes.</summary>
    public Task Send(ReadOnlyMemory<byte> bytes) => _socket.SendAsync(bytes, WebSocketMessageType.Binary, true, default).AsTask();

    /// <summary>Sends text, in pieces as a browser may.</summary>
    public async Task SendInPieces(params string[] pieces)
    {
        foreach (var (piece, i) in pieces.Select((piece, i) => (piece, i)))
            await _socket.SendAsync(Encoding.UTF8.GetBytes(piece).AsMemory(), WebSocketMessageType.Text, i == pieces.Length - 1, default);
    }

    /// <summary>Reads until the text has come.</summary>
    public async Task Until(string text)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (!Encoding.Latin1.GetString(Seen).Contains(text, StringComparison.Ordinal))
            Assert.True(await Read(limit.Token), $"closed ({_socket.CloseStatusDescription}) after: {Encoding.Latin1.GetString(Seen)}");
    }

    /// <summary>Reads until so many bytes have come, and gives back what is beyond them too.</summary>
    public async Task<byte[]> Until(int bytes)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (_seen.Length < bytes)
            Assert.True(await Read(limit.Token), "closed too early");
        var all = Seen;
        _seen.SetLength(0);
        return all;
    }

    /// <summary>Reads until it is closed; the answer is why.</summary>
    public async Task<(WebSocketCloseStatus? Status, string? Reason)> Closed()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (await Read(limit.Token))
        {
        }

        return (_socket.CloseStatus, _socket.CloseStatusDescription);
    }

    /// <summary>Says goodbye.</summary>
    public Task Close() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return default;
    }

    private async Task Connect(string url, string? origin, string protocol)
    {
        _socket.Options.CollectHttpResponseDetails = true;
        if (protocol.Length > 0)
            _socket.Options.AddSubProtocol(protocol);
        if (origin is not null)
            _socket.Options.SetRequestHeader("Origin", origin);
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await _socket.ConnectAsync(SocketOf(url), limit.Token);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, _socket.HttpStatusCode);
    }

    private async Task<bool> Read(CancellationToken ct)
    {
        var got = await _socket.ReceiveAsync(_buffer.AsMemory(), ct);
        _seen.Write(_buffer, 0, got.Count);
        return got.MessageType != WebSocketMessageType.Close;
    }
}
