using System.Threading.Channels;

namespace Nova.Modules.Rpc;

/// <summary>The handler runs by itself, a few messages ahead of either side, as it would behind a network.</summary>
internal sealed class LocalDuplex<TReq, TRes> : RpcDuplex<TReq, TRes>
{
    private const int Ahead = 16; // a full channel makes the writer wait

    private readonly Channel<TReq> _requests = Channel.CreateBounded<TReq>(Ahead);
    private readonly Channel<TRes> _responses = Channel.CreateBounded<TRes>(Ahead);
    private readonly CancellationTokenSource _end;
    private readonly Task _running;

    public LocalDuplex(Func<IAsyncEnumerable<TReq>, CancellationToken, IAsyncEnumerable<TRes>> serve, CancellationToken ct)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _running = Task.Run(() => Pump(serve(_requests.Reader.ReadAllAsync(_end.Token), _end.Token)), CancellationToken.None);
    }

    public override IAsyncEnumerable<TRes> Responses => _responses.Reader.ReadAllAsync(CancellationToken.None);

    public override async Task Write(TReq message, CancellationToken ct)
    {
        try
        {
            await _requests.Writer.WriteAsync(message, ct);
        }
        catch (ChannelClosedException e)
        {
            throw Over(e);
        }
    }

    public override Task Complete()
    {
        _requests.Writer.TryComplete();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private async Task Pump(IAsyncEnumerable<TRes> responses)
    {
        Exception? failure = null;
        try
        {
            await foreach (var response in responses)
                await _responses.Writer.WriteAsync(response, _end.Token);
        }
#pragma warning disable CA1031 // Whatever ended the handler is for the reader of the responses.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }

        _responses.Writer.TryComplete(failure);
        _requests.Writer.TryComplete();
    }
}
