using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Nova.Modules.Shared.Limits;

namespace Nova.Modules.Shared.Http;

/// <summary>Registers endpoints with the surface that they belong to.</summary>
public static class WireServices
{
    /// <summary>Adds a class of endpoints to the surface of that name, such as <c>ComputeSurface.Key</c>.</summary>
    public static IServiceCollection AddEndpoints<T>(this IServiceCollection services, string surface) where T : class, IEndpoints =>
        services.AddKeyedSingleton<IEndpoints, T>(surface);

    /// <summary>Adds what every surface needs beside an <see cref="IPolicy"/>.</summary>
    public static IServiceCollection AddRouteTable(this IServiceCollection services)
    {
        services.TryAddSingleton<HttpSettings>();
        services.TryAddSingleton<InFlight>();
        services.TryAddSingleton<LimitSettings>();
        services.TryAddSingleton<RequestLimits>();
        services.TryAddSingleton<RouteTable>();
        return services;
    }
}
