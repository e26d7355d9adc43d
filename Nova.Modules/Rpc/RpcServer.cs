using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;

namespace Nova.Modules.Rpc;

/// <summary>
/// The server's side of gRPC over HTTP/2, as the protocol describes it in doc/PROTOCOL-HTTP2.md of gRPC. One plain
/// request delegate: give <see cref="Handle"/> to a listener of its own (<see cref="RpcListener"/>), or
/// <see cref="Map"/> it among other routes.
/// </summary>
public sealed partial class RpcServer
{
    private readonly FrozenDictionary<string, RpcMethod> _methods;
    private readonly RpcOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;

    /// <param name="services">Each with a handler for each of its methods.</param>
    /// <param name="options">The size limits.</param>
    /// <param name="time">Measures deadlines.</param>
    /// <param name="logger">For handlers that threw something else than a fault.</param>
    /// <param name="stopping">Ends streams, which would otherwise keep a server from stopping. Unary calls are let finish.</param>
    public RpcServer(IEnumerable<RpcService> services, RpcOptions options, TimeProvider time, ILogger<RpcServer> logger, CancellationToken stopping = default)
    {
        var methods = new Dictionary<string, RpcMethod>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            service.RequireComplete();
            foreach (var method in service.Methods)
                methods.Add(RpcMethod.PathOf(method.Descriptor), method);
        }

        (_methods, _options, _time, _logger, _stopping) = (methods.ToFrozenDictionary(StringComparer.Ordinal), options, time, logger, stopping);
    }

    /// <summary>Maps each method, and answers Unimplemented for methods that these services do not have.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var path in _methods.Keys)
            endpoints.Map(path, Handle);
        foreach (var service in _methods.Values.Select(m => m.Descriptor.Service.FullName).Distinct())
            endpoints.Map($"/{service}/{{method}}", Handle);
    }

    /// <summary>Answers one call.</summary>
    public async Task Handle(HttpContext http)
    {
        if (RefusalOf(http.Request) is { } refusal)
        {
            http.Response.StatusCode = refusal;
            return;
        }

        http.Response.ContentType = "application/grpc";
        if (!_methods.TryGetValue(http.Request.Path.Value ?? "", out var method))
            Finish(http, null, new(RpcCode.Unimplemented, $"There is no method {http.Request.Path}."));
        else if (!TryTimeout(http.Request, out var timeout))
            Finish(http, null, new(RpcCode.Internal, "The grpc-timeout cannot be read."));
        else
            await Call(http, method, timeout);
    }

    // Not calls at all: answered by HTTP status alone.
    private static int? RefusalOf(HttpRequest request)
    {
        if (!HttpProtocol.IsHttp2(request.Protocol))
            return StatusCodes.Status426UpgradeRequired;
        if (!HttpMethods.IsPost(request.Method))
            return StatusCodes.Status405MethodNotAllowed;

        return IsGrpc(request.ContentType) ? null : StatusCodes.Status415UnsupportedMediaType;
    }

    private static bool IsGrpc(ReadOnlySpan<char> contentType)
    {
        var semicolon = contentType.IndexOf(';');
        var type = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim();
        return type.Equals("application/grpc", StringComparison.OrdinalIgnoreCase) || type.Equals("application/grpc+proto", StringComparison.OrdinalIgnoreCase);
    }

    private static bool TryTimeout(HttpRequest request, out TimeSpan? timeout)
    {
        timeout = null;
        if (!request.Headers.TryGetValue("grpc-timeout", out var text))
            return true;

        var known = RpcText.TryParseTimeout(text.ToString(), out var value);
        timeout = value;
        return known;
    }

    private async Task Call(HttpContext http, RpcMethod method, TimeSpan? timeout)
    {
        LiftLimitsOfRequests(http);
        using var scope = new CallScope(timeout, _time, http.RequestAborted, method.IsStream ? _stopping : default);
        var context = new RpcContext(http, scope.Token, timeout is { } wait ? _time.GetUtcNow() + wait : null);
        var status = RpcStatus.Ok;
        using var about = LogScope.Enter(ScopeHeaders.Read(http.Request.Headers));
        try
        {
            await method.Serve(http, context, _options);
        }
#pragma warning disable CA1031 // A handler may throw anything; the caller always gets a status.
        catch (Exception e)
#pragma warning restore CA1031
        {
            status = StatusOf(e, scope, method);
        }

        Finish(http, context, status);
    }

    private RpcStatus StatusOf(Exception exception, in CallScope scope, RpcMethod method)
    {
        if (scope.IsOver && exception is OperationCanceledException)
            return CallScope.Expired;
        if (RpcStatus.Of(exception) is { } known)
            return known;
        if (scope.Caller.IsCancellationRequested)
            return new(RpcCode.Cancelled, "The caller gave up.");
        if (_stopping.IsCancellationRequested && exception is OperationCanceledException)
            return new(RpcCode.Unavailable, "The server is stopping.");

        LogBug(_logger, exception, method.Descriptor.FullName);
        return new(RpcCode.Internal, "The call failed for an unexpected reason, which is in the log of the server.");
    }

    // HTTP limits are made for documents; a stream has no length and may be silent for days. Messages have our own limit.
    private static void LiftLimitsOfRequests(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }

    // Without a message before it the status goes out as headers: a trailers-only response.
    private static void Finish(HttpContext http, RpcContext? context, RpcStatus status)
    {
        if (http.RequestAborted.IsCancellationRequested)
            return;

        var target = http.Response.HasStarted ? http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers : http.Response.Headers;
        context?.OwnTrailers?.CopyTo(target);
        target["grpc-status"] = NumberOf(status.Code);
        if (status.Message.Length > 0)
            target["grpc-message"] = RpcText.EncodeMessage(RpcFault.Shorten(status.Message));
        if (status.Fault is { } fault)
            target["grpc-status-details-bin"] = RpcFault.Encode(status.Code, fault);
        if (status.Code == RpcCode.Unimplemented)
            target["grpc-accept-encoding"] = "identity";
    }

    private static string NumberOf(RpcCode code) => code == RpcCode.Ok ? "0" : ((int)code).ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} threw something that is not a fault")]
    private static partial void LogBug(ILogger logger, Exception exception, string method);
}
