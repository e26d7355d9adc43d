using System.Threading.Channels;
using Google.Protobuf;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Consoles;

/// <summary>
/// A console whose other end is in another process. What arrives is always read at once, and never more than a window of it
/// waits here: the other end sends no more than that until it was taken.
/// </summary>
internal abstract class WiredConsole : IConsoleStream
{
    /// <summary>Bytes on their way that were not taken.</summary>
    public const int Window = 64 * 1024;

    private const int LargestPiece = 16 * 1024;

    private readonly Channel<ByteString> _arrived = Channel.CreateUnbounded<ByteString>(new() { SingleReader = true, SingleWriter = true });
    private readonly Lock _gate = new();
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _mayCome = Window, _maySend = Window, _untold;
    private bool _isOver;

    /// <inheritdoc />
    public async ValueTask<ReadOnlyMemory<byte>> Read(CancellationToken ct)
    {
        if (_untold >= Window / 4)
        {
            // Allowed before it is told: what comes for it must find it allowed.
            Interlocked.Add(ref _mayCome, _untold);
            var told = _untold;
            _untold = 0;
            await Send(new() { Taken = told }, ct);
        }

        if (!await _arrived.Reader.WaitToReadAsync(ct) || !_arrived.Reader.TryRead(out var bytes))
            return default;

        _untold += bytes.Length;
        return bytes.Memory;
    }

    /// <inheritdoc />
    public async ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (bytes.Length > 0)
        {
            var piece = await Room(Math.Min(bytes.Length, LargestPiece), ct);
            await Send(new() { Data = ByteString.CopyFrom(bytes.Span[..piece]) }, ct);
            bytes = bytes[piece..];
        }
    }

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();

    /// <summary>Sends one message, after those before it.</summary>
    protected abstract Task Send(ConsoleBytes message, CancellationToken ct);

    /// <summary>Takes in what comes until it ends.</summary>
    protected async Task TakeIn(IAsyncEnumerator<ConsoleBytes> incoming)
    {
        try
        {
            while (await incoming.MoveNextAsync())
                Take(incoming.Current);
        }
        catch (Exception e) when (e is RpcException or Fault or IOException or OperationCanceledException)
        {
            // A broken way is an end like any other: what had arrived can still be read.
        }
        finally
        {
            End();
            await incoming.DisposeAsync();
        }
    }

    // Nothing more comes, and nothing more can be sent.
    private void End()
    {
        _arrived.Writer.TryComplete();
        lock (_gate)
        {
            _isOver = true;
            _room.TrySetResult();
        }
    }

    private void Take(ConsoleBytes message)
    {
        if (message.Taken > 0)
            lock (_gate)
            {
                _maySend = Math.Min(Window, _maySend + message.Taken);
                _room.TrySetResult();
            }

        if (message.Data.Length == 0)
            return;
        if (Interlocked.Add(ref _mayCome, -message.Data.Length) < 0)
            throw new IOException("The other end of the console sends more than was agreed.");

        _arrived.Writer.TryWrite(message.Data);
    }

    private async ValueTask<int> Room(int wanted, CancellationToken ct)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_isOver)
                    throw new IOException("The console is closed.");
                if (_maySend > 0)
                {
                    var granted = Math.Min(wanted, _maySend);
                    _maySend -= granted;
                    return granted;
                }

                if (_room.Task.IsCompleted)
                    _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.WaitAsync(ct);
        }
    }
}

/// <summary>The end that made the call.</summary>
internal sealed class CallingConsole : WiredConsole
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly RpcDuplex<ConsoleBytes, ConsoleBytes> _call;
    private readonly TimeProvider _time;
    private readonly Task _reading;

    private CallingConsole(RpcDuplex<ConsoleBytes, ConsoleBytes> call, IAsyncEnumerator<ConsoleBytes> incoming, TimeProvider time)
    {
        (_call, _time) = (call, time);
        _reading = TakeIn(incoming);
    }

    /// <summary>Sends the first message, and is there when the other end has answered it with its own.</summary>
    /// <exception cref="Fault">The other end refuses it.</exception>
    /// <exception cref="RpcException">The other end is not reached.</exception>
    public static async Task<CallingConsole> Open(RpcDuplex<ConsoleBytes, ConsoleBytes> call, ConsoleBytes first, TimeProvider time, CancellationToken ct)
    {
        try
        {
            var incoming = call.Responses.GetAsyncEnumerator(CancellationToken.None);
            await Begin(call, first, ct);
            return await incoming.MoveNextAsync().AsTask().WaitAsync(ct)
                ? new(call, incoming, time)
                : throw new RpcException(RpcCode.Unavailable, "The console was closed at once.");
        }
        catch
        {
            await call.DisposeAsync();
            throw;
        }
    }

    // When the call is over already, its responses say why.
    private static async Task Begin(RpcDuplex<ConsoleBytes, ConsoleBytes> call, ConsoleBytes first, CancellationToken ct)
    {
        try
        {
            await call.Write(first, ct);
        }
        catch (RpcException)
        {
        }
    }

    // What was sent before the end still arrives, unless the other end does not listen.
    public override async ValueTask DisposeAsync()
    {
        await _call.Complete();
        try
        {
            await _reading.WaitAsync(LastWords, _time);
        }
        catch (TimeoutException)
        {
            // Broken off below.
        }

        await _call.DisposeAsync();
        await _reading;
    }

    protected override async Task Send(ConsoleBytes message, CancellationToken ct)
    {
        try
        {
            await _call.Write(message, ct);
        }
        catch (RpcException e)
        {
            throw new IOException("The console is closed.", e);
        }
    }
}

/// <summary>The end that was called: its handler sends a first message of its own and then <see cref="Outgoing"/>, and ends with <see cref="Finish"/>.</summary>
internal sealed class ServedConsole : WiredConsole
{
    // Bounded by the windows of both ways.
    private readonly Channel<ConsoleBytes> _outgoing = Channel.CreateUnbounded<ConsoleBytes>(new() { SingleReader = true });
    private readonly CancellationTokenSource _over;
    private readonly IAsyncEnumerator<ConsoleBytes> _incoming;
    private Task? _reading;

    /// <param name="messages">Those of the call.</param>
    /// <param name="call">Fires when the call is over.</param>
    public ServedConsole(IAsyncEnumerable<ConsoleBytes> messages, CancellationToken call)
    {
        _over = CancellationTokenSource.CreateLinkedTokenSource(call);
        _incoming = messages.GetAsyncEnumerator(_over.Token);
    }

    /// <summary>The first message; null when there is none.</summary>
    public async ValueTask<ConsoleBytes?> First() => await _incoming.MoveNextAsync() ? _incoming.Current : null;

    /// <summary>From here on bytes are taken in.</summary>
    public void Begin() => _reading ??= TakeIn(_incoming);

    /// <summary>What the handler has to send, until this end is disposed of.</summary>
    public IAsyncEnumerable<ConsoleBytes> Outgoing => _outgoing.Reader.ReadAllAsync(_over.Token);

    /// <summary>For the end of the handler: nothing is taken in any more.</summary>
    public async Task Finish()
    {
        await _over.CancelAsync();
        _outgoing.Writer.TryComplete();
        if (_reading is not null)
            await _reading;
        else
            await _incoming.DisposeAsync();
        _over.Dispose();
    }

    public override ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        return default;
    }

    protected override Task Send(ConsoleBytes message, CancellationToken ct) =>
        _outgoing.Writer.TryWrite(message) ? Task.CompletedTask : throw new IOException("The console is closed.");
}
