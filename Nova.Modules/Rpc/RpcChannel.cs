using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Nova.Modules.Rpc;

/// <summary>
/// Calls the methods of another role: over the network (<see cref="HttpRpcChannel"/>) or in this process
/// (<see cref="LocalRpcChannel"/>), with the same results. A call fails with the handler's own
/// <see cref="Shared.Fault"/>, with <see cref="RpcException"/>, or, when the caller's token fired, with
/// <see cref="OperationCanceledException"/>. The type arguments must be the method's own.
/// </summary>
public abstract class RpcChannel : IAsyncDisposable
{
    /// <summary>One request, one response.</summary>
    public abstract Task<TRes> Unary<TReq, TRes>(MethodDescriptor method, TReq request, CallOptions options, CancellationToken ct)
        where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new();

    /// <summary>One request, a stream of responses. The call starts with the reading and is cancelled when the reading stops early.</summary>
    public abstract IAsyncEnumerable<TRes> ServerStream<TReq, TRes>(MethodDescriptor method, TReq request, CallOptions options, CancellationToken ct)
        where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new();

    /// <summary>A stream of requests, taken as fast as the server reads; one response.</summary>
    public abstract Task<TRes> ClientStream<TReq, TRes>(MethodDescriptor method, IAsyncEnumerable<TReq> requests, CallOptions options, CancellationToken ct)
        where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new();

    /// <summary>Both streams. The call runs until it is disposed or the server ends it; the token cancels it.</summary>
    public abstract RpcDuplex<TReq, TRes> Duplex<TReq, TRes>(MethodDescriptor method, CallOptions options, CancellationToken ct)
        where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new();

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}

/// <summary>A running duplex call. Disposing it cancels what is not finished.</summary>
public abstract class RpcDuplex<TReq, TRes> : IAsyncDisposable
{
    /// <summary>
    /// Sends a message, after those of earlier callers; returns when it is on its way, which takes as long as the server
    /// does not read. The token gives up waiting for one's turn; a message half sent can only be stopped with the call.
    /// </summary>
    /// <exception cref="RpcException">The call is over; <see cref="Responses"/> ends with the reason.</exception>
    public abstract Task Write(TReq message, CancellationToken ct);

    /// <summary>No more messages will come from here. Safe to call twice.</summary>
    public abstract Task Complete();

    /// <summary>What the server sends, until it ends the call. To be read once.</summary>
    public abstract IAsyncEnumerable<TRes> Responses { get; }

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();

    private protected static RpcException Over(Exception inner) => new(RpcCode.Cancelled, "The call is over; its responses end with the reason.", inner);
}
