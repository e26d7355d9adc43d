using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Consoles;
using Nova.Modules.Events;
using Nova.Modules.Health;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>Registers and maps the Compute API.</summary>
public static class ApiServices
{
    /// <summary>Adds routing and the Compute surface; the slices add their endpoints with <see cref="AddComputeEndpoints{T}"/>.</summary>
    public static IServiceCollection AddWire(this IServiceCollection services) => services
        .AddRouteTable()
        .AddHealth()
        .AddSingleton<ComputeSurface>()
        .AddSingleton<RootSurface>()
        .AddSingleton<NovaHostSurface>()
        .AddEndpoints<EventEndpoints>(NovaHostSurface.Key)
        .AddComputeEndpoints<VersionEndpoints>();

    /// <summary>Adds a class of endpoints below <c>/v2.1</c>.</summary>
    public static IServiceCollection AddComputeEndpoints<T>(this IServiceCollection services) where T : class, IEndpoints =>
        services.AddEndpoints<T>(ComputeSurface.Key);

    /// <summary>Maps every registered endpoint. Other surfaces are added to the route table before this.</summary>
    public static void MapWire(this WebApplication app)
    {
        var routes = app.Services.GetRequiredService<RouteTable>();
        routes.Add(app.Services.GetRequiredService<ComputeSurface>(), ComputeSurface.Prefix, app.Services.GetKeyedServices<IEndpoints>(ComputeSurface.Key));
        BootAlias.AddTo(routes);
        routes.Add(app.Services.GetRequiredService<NovaHostSurface>(), NovaHostSurface.Prefix, app.Services.GetKeyedServices<IEndpoints>(NovaHostSurface.Key));
        routes.Add(app.Services.GetRequiredService<RootSurface>(), "", [new RootEndpoints(routes)]);
        PublicUrls.Configured = app.Services.GetRequiredService<HttpSettings>().PublicUrl;
        RejectedRequests.Observe(app.Services.GetRequiredService<DiagnosticListener>(), routes);
        app.UseAdminListener();
        app.UseMiddleware<ForwardedHeaders>();
        if (app.Services.GetService<ConsoleProxy>() is not null)
            ConsoleGate.Use(app, app.Services.GetRequiredService<ConsoleOptions>());
        if (app.Services.GetService<CorsSettings>() is { Origins.Count: > 0 } cors)
            app.UseMiddleware<CrossOrigin>(cors);
        app.UseMiddleware<ComputePaths>(routes);
        app.UseRouting();
        app.MapHealth();
        routes.MapTo(app);
    }
}
