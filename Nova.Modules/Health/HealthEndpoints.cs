using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Nova.Modules.Health;

/// <summary>
/// <c>/healthcheck</c> (the process answers) and <c>/healthcheck/ready</c> (it can serve, else 503 with reasons) on every
/// listener; <c>/metrics</c> on the admin listener alone, which has nothing else.
/// </summary>
public static class HealthEndpoints
{
    private static readonly object AdminMark = new();

    /// <summary>Marks the connections of the admin listener; called by the listener's connection middleware.</summary>
    public static void MarkAdmin(IDictionary<object, object?> connectionItems) => connectionItems[AdminMark] = true;

    /// <summary>Adds the checks and the metrics.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services) => services
        .AddSingleton<IReadiness, DatabaseReadiness>()
        .AddSingleton<MetricsText>();

    /// <summary>The same for a process without the API, which has the admin listener alone.</summary>
    public static IServiceCollection AddAdmin(this IServiceCollection services, bool hasDatabase)
    {
        services.AddRouting().AddSingleton<MetricsText>();
        return hasDatabase ? services.AddSingleton<IReadiness, DatabaseReadiness>() : services;
    }

    /// <summary>Maps what such a process serves.</summary>
    public static void MapAdmin(this WebApplication app)
    {
        app.UseAdminListener();
        app.UseRouting();
        app.MapHealth();
    }

    /// <summary>Lets the admin listener serve its addresses and nothing else; before routing.</summary>
    public static void UseAdminListener(this IApplicationBuilder app)
    {
        // Made at start, so that it counts from the first request on.
        app.ApplicationServices.GetRequiredService<MetricsText>();
        app.Use((http, next) =>
        {
            var isOwn = http.Request.Path == "/metrics" || http.Request.Path.StartsWithSegments("/healthcheck");
            if (!IsAdmin(http) || isOwn)
                return next(http);

            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <summary>Maps the addresses.</summary>
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthcheck", (RequestDelegate)(http => http.Response.WriteAsJsonAsync(new { status = "ok" })));
        app.MapGet("/healthcheck/ready", (RequestDelegate)Ready);
        app.MapGet("/metrics", (RequestDelegate)Metrics);
    }

    private static async Task Ready(HttpContext http)
    {
        var problems = new Dictionary<string, string>();
        foreach (var check in http.RequestServices.GetServices<IReadiness>())
            if (await check.Problem(http.RequestAborted) is { } problem)
                problems[check.Name] = problem;

        http.Response.StatusCode = problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await http.Response.WriteAsJsonAsync(new { status = problems.Count == 0 ? "ready" : "not ready", problems }, http.RequestAborted);
    }

    private static Task Metrics(HttpContext http)
    {
        if (!IsAdmin(http))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return http.Response.WriteAsync(http.RequestServices.GetRequiredService<MetricsText>().Render(), http.RequestAborted);
    }

    private static bool IsAdmin(HttpContext http) =>
        http.Features.Get<IConnectionItemsFeature>() is { } connection && connection.Items.ContainsKey(AdminMark);
}
