using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Consoles;

/// <summary>
/// What of the listeners belongs to consoles: websockets at <c>/</c>, <c>/console</c> and <c>/websockify</c>, and pages below
/// <c>/console/</c>; on the API's port, or alone on one of their own.
/// </summary>
public sealed class ConsoleGate(RequestDelegate next, ConsoleOptions options, ConsoleProxy proxy, ConsolePages pages)
{
    private static readonly object Mark = new();
    private const string Pages = "/console";
    private static readonly string[] Sockets = ["/", Pages, Pages + "/", "/websockify"];
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(30);

    /// <summary>Marks the connections of the consoles' own listener; called by its connection middleware.</summary>
    public static void MarkOwn(IDictionary<object, object?> connectionItems) => connectionItems[Mark] = true;

    /// <summary>Puts the gate before the routes; what can be of no console passes by it.</summary>
    public static void Use(IApplicationBuilder app, ConsoleOptions options) => app.UseWhen(
        options.Listen is null ? static http => IsPath(http.Request.Path.Value!) : IsOwn,
        gate =>
        {
            gate.UseWebSockets(new() { KeepAliveInterval = PingEvery, KeepAliveTimeout = PingEvery });
            gate.UseMiddleware<ConsoleGate>();
        });

    /// <summary>Serves what is of consoles, and hands on what is not.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (http.WebSockets.IsWebSocketRequest && Sockets.Contains(http.Request.Path.Value))
            return proxy.Serve(http);
        if (http.Request.Path.StartsWithSegments(Pages, out var page) && page.HasValue)
            return pages.Serve(http, page.Value!);
        if (options.Listen is null || http.Request.Path.StartsWithSegments("/healthcheck"))
            return next(http);

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static bool IsPath(string path) => path.StartsWith(Pages, StringComparison.Ordinal) || Sockets.Contains(path);

    private static bool IsOwn(HttpContext http) => http.Features.Get<IConnectionItemsFeature>()?.Items.ContainsKey(Mark) == true;
}
