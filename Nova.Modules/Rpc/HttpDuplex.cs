using Google.Protobuf;

namespace Nova.Modules.Rpc;

/// <summary>A duplex call on the wire.</summary>
internal sealed class HttpDuplex<TReq, TRes> : RpcDuplex<TReq, TRes>
    where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new()
{
    private readonly HttpCall _call;
    private readonly OpenStream _content;
    private readonly int _limit;
    private readonly CancellationTokenSource _abandon;
    private readonly SemaphoreSlim _turn = new(1);

    public HttpDuplex(HttpCall call, OpenStream content, int limit, CancellationTokenSource abandon) =>
        (_call, _content, _limit, _abandon) = (call, content, limit, abandon);

    public override IAsyncEnumerable<TRes> Responses => Read();

    public override async Task Write(TReq message, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var stream = await Stream();
            await RpcFrames.Write(stream, message, _limit, _call.Token);
            await stream.FlushAsync(_call.Token);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw _call.Translate(e) is OperationCanceledException cancelled ? cancelled : Over(e);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override Task Complete()
    {
        _content.Finish();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        _content.Abandon();
        await _abandon.CancelAsync();
        _call.Dispose();
        _abandon.Dispose();
    }

    // A writer must not wait for a connection that will never be.
    private async ValueTask<Stream> Stream()
    {
        if (!_content.Opened.IsCompleted && await Task.WhenAny(_content.Opened, _call.Sending) == _call.Sending)
            await _call.Sending;

        return await _content.Opened.WaitAsync(_call.Token);
    }

    private async IAsyncEnumerable<TRes> Read()
    {
        while (await _call.Next<TRes>() is { } message)
            yield return message;
    }
}
