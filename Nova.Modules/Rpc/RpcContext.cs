using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Rpc;

/// <summary>What a handler may know of its call beside the message.</summary>
public sealed class RpcContext
{
    private readonly HttpContext? _http;
    private RpcMetadata? _headers;
    private RpcMetadata? _responseHeaders;
    private RpcMetadata? _trailers;

    internal RpcContext(HttpContext http, CancellationToken cancellation, DateTimeOffset? deadline)
    {
        _http = http;
        Cancellation = cancellation;
        Deadline = deadline;
    }

    internal RpcContext(RpcMetadata? headers, CancellationToken cancellation, DateTimeOffset? deadline)
    {
        _headers = headers ?? [];
        Cancellation = cancellation;
        Deadline = deadline;
    }

    /// <summary>Fires when the caller gave up or is gone, when the deadline passed and, for a stream, when the server stops.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>When the caller stops waiting, by our own clock; null when it waits for ever.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>What the caller sent with the request.</summary>
    public RpcMetadata Headers => _headers ??= RpcMetadata.From(_http!.Request.Headers);

    /// <summary>Goes out before the first message; later additions are lost.</summary>
    public RpcMetadata ResponseHeaders => _responseHeaders ??= [];

    /// <summary>Goes out with the status.</summary>
    public RpcMetadata Trailers => _trailers ??= [];

    /// <summary>Where the caller is; null within one process.</summary>
    public IPEndPoint? Peer => _http?.Connection is { RemoteIpAddress: { } address } connection ? new(address, connection.RemotePort) : null;

    /// <summary>The certificate that the caller showed, already checked; null within one process and in clear text.</summary>
    public X509Certificate2? PeerCertificate => _http?.Connection.ClientCertificate;

    /// <summary>Null when the handler set none, so that the usual call allocates nothing.</summary>
    internal RpcMetadata? OwnResponseHeaders => _responseHeaders;

    internal RpcMetadata? OwnTrailers => _trailers;
}
