using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;

namespace Nova.Modules.Rpc;

/// <summary>
/// Hands each message directly to the service: no serialisation, no copy. Deadlines, cancellation, metadata and failures
/// are as over the network, so that a test may run either way.
/// </summary>
public sealed class LocalRpcChannel(IEnumerable<RpcService> services, TimeProvider time) : RpcChannel
{
    private readonly Dictionary<ServiceDescriptor, RpcService> _services = ByDescriptor(services);

    /// <inheritdoc />
    public override async Task<TRes> Unary<TReq, TRes>(MethodDescriptor method, TReq request, CallOptions options, CancellationToken ct)
    {
        var bound = (UnaryMethod<TReq, TRes>)Find(method, new(false, false), typeof(TReq), typeof(TRes));
        using var call = new LocalCall(options, time, ct);
        try
        {
            return await bound.Handler(request, call.Context).WaitAsync(call.Context.Cancellation);
        }
        catch (Exception e) when (call.Translate(e) is { } failure)
        {
            throw failure;
        }
        finally
        {
            call.Answer();
        }
    }

    /// <inheritdoc />
    public override IAsyncEnumerable<TRes> ServerStream<TReq, TRes>(MethodDescriptor method, TReq request, CallOptions options, CancellationToken ct)
    {
        var bound = (ServerStreamMethod<TReq, TRes>)Find(method, new(false, true), typeof(TReq), typeof(TRes));
        return Read(context => bound.Handler(request, context), options, ct);
    }

    /// <inheritdoc />
    public override async Task<TRes> ClientStream<TReq, TRes>(MethodDescriptor method, IAsyncEnumerable<TReq> requests, CallOptions options, CancellationToken ct)
    {
        var bound = (ClientStreamMethod<TReq, TRes>)Find(method, new(true, false), typeof(TReq), typeof(TRes));
        using var call = new LocalCall(options, time, ct);
        var own = new StrongBox<Exception?>();
        try
        {
            return await bound.Handler(Offer(requests, own), call.Context).WaitAsync(call.Context.Cancellation);
        }
        catch (Exception e) when ((own.Value ?? call.Translate(e)) is { } failure)
        {
            throw failure;
        }
        finally
        {
            call.Answer();
        }
    }

    /// <inheritdoc />
    public override RpcDuplex<TReq, TRes> Duplex<TReq, TRes>(MethodDescriptor method, CallOptions options, CancellationToken ct)
    {
        var bound = (DuplexMethod<TReq, TRes>)Find(method, new(true, true), typeof(TReq), typeof(TRes));
        return new LocalDuplex<TReq, TRes>((requests, token) => Read(context => bound.Handler(requests, context), options, token), ct);
    }

    /// <inheritdoc />
    public override ValueTask DisposeAsync() => default;

    private async IAsyncEnumerable<T> Read<T>(Func<RpcContext, IAsyncEnumerable<T>> handler, CallOptions options, CancellationToken ct, [EnumeratorCancellation] CancellationToken reader = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, reader);
        using var call = new LocalCall(options, time, either.Token);
        await using var source = handler(call.Context).GetAsyncEnumerator(call.Context.Cancellation);
        while (await MoveNext(source, call))
        {
            call.Answer();
            yield return source.Current;
        }
    }

    private static async ValueTask<bool> MoveNext<T>(IAsyncEnumerator<T> source, LocalCall call)
    {
        try
        {
            var more = await source.MoveNextAsync();
            if (!more)
                call.Answer();
            return more;
        }
        catch (Exception e) when (call.Translate(e) is { } failure)
        {
            call.Answer();
            throw failure;
        }
    }

    // When the caller's source fails, the caller gets its own exception and the handler sees a caller who is gone.
    private static async IAsyncEnumerable<T> Offer<T>(IAsyncEnumerable<T> requests, StrongBox<Exception?> failure, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using var source = requests.GetAsyncEnumerator(ct);
        while (await Next())
            yield return source.Current;

        async ValueTask<bool> Next()
        {
            try
            {
                return await source.MoveNextAsync();
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                failure.Value = e;
                throw new RpcException(RpcCode.Cancelled, "The caller is gone.", e);
            }
        }
    }

    private RpcMethod Find(MethodDescriptor method, RpcKind kind, Type request, Type response)
    {
        RpcMethod.Check(method, kind, request, response);
        return _services.GetValueOrDefault(method.Service)?.Find(method)
            ?? throw new RpcException(RpcCode.Unimplemented, $"There is no method {RpcMethod.PathOf(method)}.");
    }

    private static Dictionary<ServiceDescriptor, RpcService> ByDescriptor(IEnumerable<RpcService> services)
    {
        var byDescriptor = new Dictionary<ServiceDescriptor, RpcService>();
        foreach (var service in services)
        {
            service.RequireComplete();
            byDescriptor.Add(service.Descriptor, service);
        }

        return byDescriptor;
    }
}

/// <summary>One call within the process.</summary>
internal readonly struct LocalCall : IDisposable
{
    private readonly CallScope _scope;
    private readonly RpcAnswer? _answer;

    public LocalCall(CallOptions options, TimeProvider time, CancellationToken ct)
    {
        _scope = new(options.Timeout, time, ct);
        _answer = options.Answer;
        Context = new(options.Headers, _scope.Token, options.Timeout is { } wait ? time.GetUtcNow() + wait : null);
    }

    public RpcContext Context { get; }

    public void Answer()
    {
        if (_answer is null)
            return;

        _answer.Headers = Context.ResponseHeaders;
        _answer.Trailers = Context.Trailers;
    }

    /// <summary>Null when the exception may leave as it is.</summary>
    public Exception? Translate(Exception exception)
    {
        if (exception is OperationCanceledException && _scope.Caller.IsCancellationRequested)
            return null;
        if (exception is OperationCanceledException && _scope.IsOver)
            return CallScope.Expired.ToException(exception);

        return RpcStatus.Of(exception) is null ? new RpcException(RpcCode.Internal, "The call failed for an unexpected reason.", exception) : null;
    }

    public void Dispose() => _scope.Dispose();
}
