using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Nova.Modules.Rpc;

/// <summary>The body of a request, written to the connection as it comes; its length is not known before.</summary>
internal abstract class RpcContent : HttpContent
{
    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    protected RpcContent() => Headers.ContentType = Grpc;

    /// <summary>Why sending failed, when that was not the connection's fault: the caller is to see this.</summary>
    public Exception? Failure { get; protected set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Send(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken ct) => Send(stream, ct);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected abstract Task Send(Stream stream, CancellationToken ct);
}

internal sealed class OneMessage<T>(T message, int limit) : RpcContent where T : IMessage
{
    protected override async Task Send(Stream stream, CancellationToken ct)
    {
        try
        {
            await RpcFrames.Write(stream, message, limit, ct);
        }
        catch (RpcException e)
        {
            Failure = e;
            throw;
        }
    }
}

internal sealed class ManyMessages<T>(IAsyncEnumerable<T> messages, int limit) : RpcContent where T : IMessage
{
    protected override async Task Send(Stream stream, CancellationToken ct)
    {
        await stream.FlushAsync(ct); // the headers: the server shall know of the call before its first message
        await using var source = messages.GetAsyncEnumerator(ct);
        while (await Next(source, ct))
        {
            await Write(stream, source.Current, ct);
            await stream.FlushAsync(ct);
        }
    }

    private async ValueTask<bool> Next(IAsyncEnumerator<T> source, CancellationToken ct)
    {
        try
        {
            return await source.MoveNextAsync();
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            Failure = e;
            throw;
        }
    }

    private async ValueTask Write(Stream stream, T message, CancellationToken ct)
    {
        try
        {
            await RpcFrames.Write(stream, message, limit, ct);
        }
        catch (RpcException e)
        {
            Failure = e;
            throw;
        }
    }
}

/// <summary>Lends the connection's stream to the writer of a duplex call until the writer is finished.</summary>
internal sealed class OpenStream : RpcContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Stream> Opened => _opened.Task;

    public void Finish() => _finished.TrySetResult();

    public void Abandon()
    {
        _opened.TrySetException(new ObjectDisposedException("the call"));
        _finished.TrySetCanceled();
        _ = _opened.Task.Exception; // seen
    }

    protected override async Task Send(Stream stream, CancellationToken ct)
    {
        await stream.FlushAsync(ct); // the headers: either side may speak first
        if (!_opened.TrySetResult(stream))
            throw new IOException("The connection was lost, and a stream cannot be sent again.");

        await _finished.Task.WaitAsync(ct);
    }
}
