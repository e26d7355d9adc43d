using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Nova.Modules.Rpc;

/// <summary>
/// The client's side of gRPC over HTTP/2. One object per server, for the life of the process: it keeps the connection,
/// pings it, and makes a new one with the next call when it broke.
/// </summary>
public sealed class HttpRpcChannel : RpcChannel
{
    private readonly HttpMessageInvoker _http;
    private readonly Uri _server;
    private readonly RpcOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<MethodDescriptor, Uri> _addresses = [];

    /// <param name="host">Name or address; with TLS also the name that the server's certificate must have.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="options">Limits, pings, TLS.</param>
    /// <param name="time">Measures deadlines.</param>
    public HttpRpcChannel(string host, int port, RpcOptions options, TimeProvider time)
    {
        _server = new UriBuilder(options.Tls is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, host, port).Uri;
        _options = options;
        _time = time;
        _http = new(Handler(options));
    }

    /// <inheritdoc />
    public override Task<TRes> Unary<TReq, TRes>(MethodDescriptor method, TReq request, CallOptions options, CancellationToken ct) =>
        Single<TReq, TRes>(method, new(false, false), new OneMessage<TReq>(request, _options.MaxSendBytes), options, ct);

    /// <inheritdoc />
    public override Task<TRes> ClientStream<TReq, TRes>(MethodDescriptor method, IAsyncEnumerable<TReq> requests, CallOptions options, CancellationToken ct) =>
        Single<TReq, TRes>(method, new(true, false), new ManyMessages<TReq>(requests, _options.MaxSendBytes), options, ct);

    /// <inheritdoc />
    public override async IAsyncEnumerable<TRes> ServerStream<TReq, TRes>(
        MethodDescriptor method, TReq request, CallOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        using var call = Begin<TReq, TRes>(method, new(false, true), new OneMessage<TReq>(request, _options.MaxSendBytes), options, ct);
        while (await call.Next<TRes>() is { } message)
            yield return message;
    }

    /// <inheritdoc />
    public override RpcDuplex<TReq, TRes> Duplex<TReq, TRes>(MethodDescriptor method, CallOptions options, CancellationToken ct)
    {
        var content = new OpenStream();
        var abandon = new CancellationTokenSource();
        var call = Begin<TReq, TRes>(method, new(true, true), content, options, ct, abandon.Token);
        return new HttpDuplex<TReq, TRes>(call, content, _options.MaxSendBytes, abandon);
    }

    /// <inheritdoc />
    public override ValueTask DisposeAsync()
    {
        _http.Dispose();
        return default;
    }

    private async Task<TRes> Single<TReq, TRes>(MethodDescriptor method, RpcKind kind, RpcContent content, CallOptions options, CancellationToken ct)
        where TRes : class, IMessage<TRes>, new()
    {
        using var call = Begin<TReq, TRes>(method, kind, content, options, ct);
        var response = await call.Next<TRes>();
        if (response is not null && await call.Next<TRes>() is not null)
            throw new RpcException(RpcCode.Internal, "There was more than one message where one is expected.");

        return response ?? throw new RpcException(RpcCode.Internal, "The call succeeded without a response.");
    }

    private HttpCall Begin<TReq, TRes>(
        MethodDescriptor method, RpcKind kind, RpcContent content, CallOptions options, CancellationToken ct, CancellationToken abandon = default)
    {
        if (!_addresses.TryGetValue(method, out var address))
        {
            RpcMethod.Check(method, kind, typeof(TReq), typeof(TRes));
            address = _addresses.GetOrAdd(method, new Uri(_server, RpcMethod.PathOf(method)));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        Describe(request, options);
        return new(_http, request, content, options, _options.MaxReceiveBytes, new(options.Timeout, _time, ct, abandon));
    }

    private static void Describe(HttpRequestMessage request, CallOptions options)
    {
        var headers = request.Headers;
        headers.TryAddWithoutValidation("te", "trailers");
        headers.TryAddWithoutValidation("grpc-accept-encoding", "identity");
        headers.TryAddWithoutValidation("user-agent", "grpc-nova-host");
        if (options.Timeout is { } timeout)
            headers.TryAddWithoutValidation("grpc-timeout", RpcText.FormatTimeout(timeout));
        ScopeHeaders.Write(headers);
        if (options.Headers is { } metadata)
            foreach (var (key, value) in metadata)
                headers.TryAddWithoutValidation(key, value);
    }

    private static SocketsHttpHandler Handler(RpcOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAliveDelay,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Tls is { } tls)
            handler.SslOptions = new()
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(tls.Certificate, null, offline: true),
                CertificateChainPolicy = tls.ChainPolicy(),
            };
        return handler;
    }
}
