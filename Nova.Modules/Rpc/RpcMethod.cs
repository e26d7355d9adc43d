using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Rpc;

/// <summary>Which sides of a method are streams.</summary>
internal readonly record struct RpcKind(bool ClientStreams, bool ServerStreams);

/// <summary>A method with its handler: how a call of its kind is read, carried out and answered on HTTP.</summary>
internal abstract class RpcMethod(MethodDescriptor descriptor, RpcKind kind, Type request, Type response)
{
    public MethodDescriptor Descriptor => descriptor;
    public RpcKind Kind => kind;
    public Type Request => request;
    public Type Response => response;
    public bool IsStream => kind.ClientStreams || kind.ServerStreams;

    /// <summary>Reads the request, runs the handler and writes messages; the status is the server's to write.</summary>
    public abstract Task Serve(HttpContext http, RpcContext context, RpcOptions limits);

    public static string PathOf(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    /// <summary>Refuses a method that is used as what it is not.</summary>
    public static void Check(MethodDescriptor method, RpcKind kind, Type request, Type response)
    {
        if (method.IsClientStreaming != kind.ClientStreams || method.IsServerStreaming != kind.ServerStreams)
            throw new ArgumentException($"{method.FullName} is of another kind: which sides stream is said in its .proto file.");
        if (method.InputType.ClrType != request || method.OutputType.ClrType != response)
            throw new ArgumentException($"{method.FullName} takes {method.InputType.ClrType.Name} and answers {method.OutputType.ClrType.Name}.");
    }

    protected static async ValueTask<T> ReadOne<T>(HttpContext http, RpcContext context, RpcOptions limits) where T : class, IMessage<T>, new() =>
        await Guard(RpcFrames.ReadOnly<T>(http.Request.BodyReader, limits.MaxReceiveBytes, context.Cancellation))
        ?? throw new RpcException(RpcCode.Internal, "The request has no message.");

    protected static async IAsyncEnumerable<T> ReadAll<T>(HttpContext http, RpcContext context, RpcOptions limits, [EnumeratorCancellation] CancellationToken ct = default)
        where T : class, IMessage<T>, new()
    {
        // The call's own token is always there; a handler that passes another one gets both.
        using var both = ct.CanBeCanceled && ct != context.Cancellation ? CancellationTokenSource.CreateLinkedTokenSource(ct, context.Cancellation) : null;
        var token = both?.Token ?? context.Cancellation;
        while (await Guard(RpcFrames.Read<T>(http.Request.BodyReader, limits.MaxReceiveBytes, token)) is { } message)
            yield return message;
    }

    // Named here, where it is certainly the connection's: an IOException of a handler is another matter.
    private static async ValueTask<T?> Guard<T>(ValueTask<T?> read) where T : class
    {
        try
        {
            return await read;
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            throw new RpcException(RpcCode.Cancelled, "The caller is gone.", e);
        }
    }

    protected static async Task WriteOne<T>(HttpContext http, RpcContext context, RpcOptions limits, T message) where T : class, IMessage<T>
    {
        var body = await Begin(http, context);
        RpcFrames.Write(body, message, limits.MaxSendBytes);
    }

    // Flushed when the handler makes us wait or enough is there: a burst becomes few writes, a lone message leaves at once.
    protected static async Task WriteAll<T>(HttpContext http, RpcContext context, RpcOptions limits, IAsyncEnumerable<T> messages) where T : class, IMessage<T>
    {
        const int Enough = 32 * 1024;
        await using var source = messages.GetAsyncEnumerator(context.Cancellation);
        PipeWriter? body = null;
        while (true)
        {
            var next = source.MoveNextAsync();
            var flush = body is { UnflushedBytes: > 0 } && (!next.IsCompleted || body.UnflushedBytes > Enough);
            if (!(flush ? await FlushMeanwhile(body!, next, context.Cancellation) : await next))
                return;

            body ??= await Begin(http, context);
            RpcFrames.Write(body, source.Current, limits.MaxSendBytes);
        }
    }

    // An iterator that is moving cannot be disposed, so a failing flush waits for it; the call's token has fired for both.
    private static async ValueTask<bool> FlushMeanwhile(PipeWriter body, ValueTask<bool> next, CancellationToken ct)
    {
        try
        {
            await body.FlushAsync(ct);
        }
        catch
        {
            await ((Task)next.AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return await next;
    }

    // Starting first lets Kestrel hand out its own buffers; before the start it would give us a copy to fill.
    private static async ValueTask<PipeWriter> Begin(HttpContext http, RpcContext context)
    {
        context.OwnResponseHeaders?.CopyTo(http.Response.Headers);
        await http.Response.StartAsync(context.Cancellation);
        return http.Response.BodyWriter;
    }
}

internal sealed class UnaryMethod<TReq, TRes>(MethodDescriptor descriptor, Func<TReq, RpcContext, Task<TRes>> handler)
    : RpcMethod(descriptor, new(false, false), typeof(TReq), typeof(TRes))
    where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new()
{
    public Func<TReq, RpcContext, Task<TRes>> Handler => handler;

    public override async Task Serve(HttpContext http, RpcContext context, RpcOptions limits) =>
        await WriteOne(http, context, limits, await handler(await ReadOne<TReq>(http, context, limits), context));
}

internal sealed class ServerStreamMethod<TReq, TRes>(MethodDescriptor descriptor, Func<TReq, RpcContext, IAsyncEnumerable<TRes>> handler)
    : RpcMethod(descriptor, new(false, true), typeof(TReq), typeof(TRes))
    where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new()
{
    public Func<TReq, RpcContext, IAsyncEnumerable<TRes>> Handler => handler;

    public override async Task Serve(HttpContext http, RpcContext context, RpcOptions limits) =>
        await WriteAll(http, context, limits, handler(await ReadOne<TReq>(http, context, limits), context));
}

internal sealed class ClientStreamMethod<TReq, TRes>(MethodDescriptor descriptor, Func<IAsyncEnumerable<TReq>, RpcContext, Task<TRes>> handler)
    : RpcMethod(descriptor, new(true, false), typeof(TReq), typeof(TRes))
    where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new()
{
    public Func<IAsyncEnumerable<TReq>, RpcContext, Task<TRes>> Handler => handler;

    public override async Task Serve(HttpContext http, RpcContext context, RpcOptions limits) =>
        await WriteOne(http, context, limits, await handler(ReadAll<TReq>(http, context, limits), context));
}

internal sealed class DuplexMethod<TReq, TRes>(MethodDescriptor descriptor, Func<IAsyncEnumerable<TReq>, RpcContext, IAsyncEnumerable<TRes>> handler)
    : RpcMethod(descriptor, new(true, true), typeof(TReq), typeof(TRes))
    where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new()
{
    public Func<IAsyncEnumerable<TReq>, RpcContext, IAsyncEnumerable<TRes>> Handler => handler;

    public override Task Serve(HttpContext http, RpcContext context, RpcOptions limits) =>
        WriteAll(http, context, limits, handler(ReadAll<TReq>(http, context, limits), context));
}
