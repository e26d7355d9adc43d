using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Nova.Modules.Rpc;

/// <summary>
/// A service: the methods of a <c>service</c> in a .proto file, each with the handler that carries it out. The same
/// object serves callers on the wire (<see cref="RpcServer"/>) and in this process (<see cref="LocalRpcChannel"/>).
/// <code>
/// new RpcService(ComputeReflection.Descriptor.Services[0])
///     .Unary&lt;SpawnRequest, SpawnReply&gt;("Spawn", compute.Spawn)
///     .Duplex&lt;Report, Command&gt;("Attach", compute.Attach)
/// </code>
/// Handlers throw <see cref="Shared.Fault"/> for what the caller did or met. They do not change a request, and nobody
/// changes a message that was handed out: within one process it is the same object.
/// </summary>
public sealed class RpcService(ServiceDescriptor descriptor)
{
    private readonly Dictionary<MethodDescriptor, RpcMethod> _methods = [];

    /// <summary>The service as its .proto file declares it.</summary>
    public ServiceDescriptor Descriptor => descriptor;

    internal IReadOnlyCollection<RpcMethod> Methods => _methods.Values;

    /// <summary>One request, one response.</summary>
    public RpcService Unary<TReq, TRes>(string name, Func<TReq, RpcContext, Task<TRes>> handler)
        where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new() =>
        Bind(name, m => new UnaryMethod<TReq, TRes>(m, handler));

    /// <summary>One request, a stream of responses.</summary>
    public RpcService ServerStream<TReq, TRes>(string name, Func<TReq, RpcContext, IAsyncEnumerable<TRes>> handler)
        where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new() =>
        Bind(name, m => new ServerStreamMethod<TReq, TRes>(m, handler));

    /// <summary>A stream of requests, one response.</summary>
    public RpcService ClientStream<TReq, TRes>(string name, Func<IAsyncEnumerable<TReq>, RpcContext, Task<TRes>> handler)
        where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new() =>
        Bind(name, m => new ClientStreamMethod<TReq, TRes>(m, handler));

    /// <summary>Both streams, each at its own pace.</summary>
    public RpcService Duplex<TReq, TRes>(string name, Func<IAsyncEnumerable<TReq>, RpcContext, IAsyncEnumerable<TRes>> handler)
        where TReq : class, IMessage<TReq>, new() where TRes : class, IMessage<TRes>, new() =>
        Bind(name, m => new DuplexMethod<TReq, TRes>(m, handler));

    internal RpcMethod? Find(MethodDescriptor method) => _methods.GetValueOrDefault(method);

    /// <summary>A method without a handler is a mistake of ours, found at start and not by the first caller.</summary>
    internal void RequireComplete()
    {
        foreach (var method in descriptor.Methods)
            if (!_methods.ContainsKey(method))
                throw new InvalidOperationException($"{method.FullName} has no handler.");
    }

    private RpcService Bind(string name, Func<MethodDescriptor, RpcMethod> bind)
    {
        var method = descriptor.FindMethodByName(name) ?? throw new ArgumentException($"{descriptor.FullName} has no method {name}.", nameof(name));
        var bound = bind(method);
        RpcMethod.Check(method, bound.Kind, bound.Request, bound.Response);
        _methods.Add(method, bound);
        return this;
    }
}
