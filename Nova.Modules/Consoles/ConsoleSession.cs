using System.Net.WebSockets;
using Nova.Modules.Compute.Consoles;

namespace Nova.Modules.Consoles;

/// <summary>One console between a websocket and its guest. Each way holds one piece at a time: who does not read holds up who writes.</summary>
internal sealed class ConsoleSession(WebSocket socket, IConsoleStream guest, ConsoleOptions options, TimeProvider time)
{
    private const int PieceBytes = 16 * 1024;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _idle = new(Timeout.InfiniteTimeSpan, time);
    private volatile bool _isClosing;

    /// <summary>Bytes.</summary>
    public long FromUser { get; private set; }

    /// <summary>Bytes.</summary>
    public long FromGuest { get; private set; }

    /// <summary>Carries bytes until one end closes or a limit is reached; says which.</summary>
    public async Task<string> Run(CancellationToken stopping)
    {
        using var age = new CancellationTokenSource(TimeSpan.FromSeconds(options.SessionSeconds), time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, age.Token, stopping);
        using var abort = new CancellationTokenSource();
        Touch();
        var limit = Task.Delay(Timeout.InfiniteTimeSpan, time, over.Token);
        var user = TakeFromUser(abort.Token);
        var screen = TakeFromGuest(over.Token);
        var first = await Task.WhenAny(limit, user, screen);
        var (status, reason) = stopping.IsCancellationRequested ? (WebSocketCloseStatus.EndpointUnavailable, "The service is being stopped.")
            : age.IsCancellationRequested ? (WebSocketCloseStatus.PolicyViolation, "The console was open for as long as it may be.")
            : _idle.IsCancellationRequested ? (WebSocketCloseStatus.PolicyViolation, "Nothing happened in the console for too long.")
            : first == user ? (WebSocketCloseStatus.NormalClosure, "The user closed it.")
            : (WebSocketCloseStatus.NormalClosure, "The guest's console ended.");
        _isClosing = true;
        await over.CancelAsync();
        await Quiet(limit);
        await Quiet(screen);
        await Close(user, status, reason);
        await abort.CancelAsync();
        await Quiet(user);
        _idle.Dispose();
        return reason;
    }

    private async Task TakeFromUser(CancellationToken ct)
    {
        var buffer = new byte[PieceBytes];
        while (await socket.ReceiveAsync(buffer.AsMemory(), ct) is { MessageType: not WebSocketMessageType.Close } got)
        {
            // What comes while it is being closed is for nobody.
            if (_isClosing)
                continue;

            FromUser += got.Count;
            Touch();
            if (got.Count > 0)
                await guest.Write(buffer.AsMemory(0, got.Count), ct);
        }
    }

    private async Task TakeFromGuest(CancellationToken ct)
    {
        while (await guest.Read(ct) is { Length: > 0 } bytes)
        {
            Touch();
            await socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, ct);
            FromGuest += bytes.Length;
        }
    }

    // The close is said, and the other end's answer waited for; a client that says nothing is cut off.
    private async Task Close(Task user, WebSocketCloseStatus status, string reason)
    {
        using var patience = new CancellationTokenSource(LastWords, time);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, reason, patience.Token);
            if (socket.State is WebSocketState.CloseSent)
                await user.WaitAsync(patience.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    private void Touch()
    {
        if (!_isClosing)
            _idle.CancelAfter(TimeSpan.FromSeconds(options.IdleSeconds));
    }

    private static async Task Quiet(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
