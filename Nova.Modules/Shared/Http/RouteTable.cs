using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Nova.Modules.Identity;
using Nova.Modules.Shared.Limits;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// All routes of the process, and the way of a request through them: token, version, route by version, policy, handler,
/// answer. Each address is one plain delegate, because hundreds of typed ones take a second to start
/// (docs/adding-an-endpoint.md).
/// </summary>
public sealed class RouteTable(IPolicy policy, IIdentityProvider identity, Ids ids, InFlight inFlight, ILogger<RouteTable> logger, RequestLimits? limits = null)
{
    private static readonly Caller Nobody = new() { UserId = "" };

    private readonly List<Route> _routes = [];
    private readonly SortedDictionary<string, ApiSurface> _surfaces = new(StringComparer.Ordinal);

    /// <summary>Every route, for the tests that compare them with the reference.</summary>
    public IReadOnlyList<Route> All => _routes;

    /// <summary>Adds the routes of an API below a prefix.</summary>
    public void Add(ApiSurface surface, string prefix, IEnumerable<IEndpoints> endpoints)
    {
        _surfaces[prefix] = surface;
        var routes = new Routes(surface, prefix, _routes);
        foreach (var endpoint in endpoints)
            endpoint.Map(routes);
    }

    /// <summary>Adds one more route of a surface that is there.</summary>
    public void Add(Route route) => _routes.Add(route);

    /// <summary>Registers everything with ASP.NET's router: one endpoint per address, and one per surface for addresses that it does not have.</summary>
    public void MapTo(IEndpointRouteBuilder app)
    {
        foreach (var address in _routes.GroupBy(r => r.Template))
        {
            Route[] routes = [.. address];
            app.Map(address.Key, (RequestDelegate)(http => Serve(http, routes[0].Surface, routes)));
        }

        foreach (var (prefix, surface) in _surfaces.Where(s => s.Key.Length > 0))
            app.Map(prefix + "/{**path}", (RequestDelegate)(http => Serve(http, surface, [])));
    }

    /// <summary>The first parts of the addresses below a prefix, such as <c>servers</c>.</summary>
    public HashSet<string> FirstPartsBelow(string prefix) =>
    [
        .. _routes.Where(r => r.Template.StartsWith(prefix + "/", StringComparison.Ordinal))
            .Select(r => r.Template[(prefix.Length + 1)..].Split('/')[0]),
    ];

    /// <summary>The API below whose prefix an address lies, or null.</summary>
    public ApiSurface? SurfaceOf(string path) =>
        _surfaces.LastOrDefault(s => s.Key.Length > 0 && path.StartsWith(s.Key, StringComparison.Ordinal) && (path.Length == s.Key.Length || path[s.Key.Length] == '/')).Value;

    private async Task Serve(HttpContext http, ApiSurface surface, Route[] routes)
    {
        Microversion? version = null;
        RequestContext? caller = null;
        Answer answer;
        using var about = LogScope.Enter(new() { RequestId = RequestIds.Of(http, ids), ServerId = ServerOf(http, routes) });
        try
        {
            limits?.CountAddress(http.Connection.RemoteIpAddress);
            var who = Array.Exists(routes, r => !r.NeedsToken) ? Nobody : await Authenticate(http, surface);
            LogScope.Add(new() { ProjectId = who.ProjectId });
            limits?.CountCaller(who);
            IdentityHeaders.Drop(http.Request.Headers);
            using var place = inFlight.Enter(who.ProjectId ?? who.UserId);
            version = surface.Negotiate(http.Request);
            caller = new(http, surface, version.Value, who, RequestIds.Of(http, ids), policy);
            surface.Inspect(http.Request, who);
            answer = await Dispatch(caller, routes);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
#pragma warning disable CA1031 // The edge: whatever was not expected is a bug, logged and answered without detail.
        catch (Exception e)
#pragma warning restore CA1031
        {
            answer = Failed(e, http, surface, caller);
        }

        await Write(http, surface, version, answer, caller);
    }

    private static Guid? ServerOf(HttpContext http, Route[] routes) =>
        routes is [{ ServerPart: { } part }, ..] && Guid.TryParse(http.Request.RouteValues[part] as string, out var server) ? server : null;

    // A document that cannot be serialised is a bug too, and is answered as one.
    private async Task Write(HttpContext http, ApiSurface surface, Microversion? version, Answer answer, RequestContext? caller)
    {
        var id = RequestIds.Of(http, ids);
        try
        {
            await AnswerWriter.Write(http, surface, version, answer, id);
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or System.Text.Json.JsonException && !http.Response.HasStarted)
        {
            await AnswerWriter.Write(http, surface, version, Failed(e, http, surface, caller), id);
        }
    }

    private static async Task<Answer> Dispatch(RequestContext caller, Route[] routes)
    {
        var method = HttpMethods.IsHead(caller.Http.Request.Method) && !Array.Exists(routes, r => r.Method == "HEAD") ? "GET" : caller.Http.Request.Method;
        var candidates = Array.FindAll(routes, r => r.Method == method);
        if (routes.Length == 0)
            throw caller.Surface.UnknownPath(caller.Http.Request.Path);
        if (candidates.Length == 0)
            throw NotAllowed(caller, method, routes);
        if (candidates[0].Action is not null)
            candidates = await ActionDispatcher.Choose(caller, candidates, caller.Http.RequestAborted);

        var route = Array.Find(candidates, r => r.FirstMinor <= caller.Version.Minor && caller.Version.Minor <= r.LastMinor)
            ?? throw caller.Surface.UnknownPath(caller.Http.Request.Path);
        if (route.Rule is { } rule)
            caller.Require(rule);
        return await route.Handler(caller, caller.Http.RequestAborted);
    }

    private static Fault NotAllowed(RequestContext caller, string method, Route[] routes)
    {
        var fault = caller.Surface.WrongMethod(method);
        if (fault.Kind == FaultKind.MethodNotAllowed)
            caller.Http.Response.Headers.Allow = string.Join(", ", routes.Select(r => r.Method).Distinct());
        return fault;
    }

    private Answer Failed(Exception exception, HttpContext http, ApiSurface surface, RequestContext? caller)
    {
        if (exception is Fault fault)
            return FaultAnswer.Of(http, surface, fault, caller);
        if (exception is BadHttpRequestException bad)
            return surface.Render(http, surface.Rejected(bad), caller) with { Status = bad.StatusCode };

        logger.RequestFailed(exception, http.Request.Method, http.Request.Path, RequestIds.Of(http, ids));
        return surface.Render(http, new Fault(FaultKind.Internal, Message.Of($"Unexpected API Error. Please report it to the operator of this cloud, with the request id.")), caller);
    }

    private async ValueTask<Caller> Authenticate(HttpContext http, ApiSurface surface)
    {
        var token = http.Request.Headers["X-Auth-Token"].ToString();
        if (token.Length == 0)
            throw surface.Unauthorized();

        var caller = await identity.Authenticate(token, http.Request.Headers, http.RequestAborted) ?? throw surface.Unauthorized();
        return caller.IsWithinRules(surface.Name, http.Request.Method, http.Request.Path.Value ?? "") ? caller : throw surface.Unauthorized();
    }
}

internal static partial class RouteTableLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed ({RequestId})")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string path, string requestId);
}
