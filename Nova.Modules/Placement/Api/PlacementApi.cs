using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Placement.Aggregates;
using Nova.Modules.Placement.Allocations;
using Nova.Modules.Placement.Candidates;
using Nova.Modules.Placement.Inventories;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Placement.Reshaper;
using Nova.Modules.Placement.ResourceClasses;
using Nova.Modules.Placement.Traits;
using Nova.Modules.Placement.Usages;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Api;

/// <summary>Registers and maps the Placement API. Every process of the role api serves it.</summary>
public static class PlacementApi
{
    /// <summary>Adds the surface; the slices add their endpoints with <see cref="AddPlacementEndpoints{T}"/>.</summary>
    public static IServiceCollection AddPlacementApi(this IServiceCollection services) => services
        .AddSingleton<PlacementSurface>()
        .AddPlacementEndpoints<PlacementVersionEndpoints>()
        .AddPlacementEndpoints<ProviderEndpoints>()
        .AddPlacementEndpoints<InventoryEndpoints>()
        .AddPlacementEndpoints<AggregateEndpoints>()
        .AddPlacementEndpoints<ProviderTraitEndpoints>()
        .AddPlacementEndpoints<TraitEndpoints>()
        .AddPlacementEndpoints<ClassEndpoints>()
        .AddPlacementEndpoints<UsageEndpoints>()
        .AddPlacementEndpoints<AllocationEndpoints>()
        .AddPlacementEndpoints<ReshaperEndpoints>()
        .AddAllocationCandidates();

    /// <summary>Adds a class of endpoints below <c>/placement</c>.</summary>
    public static IServiceCollection AddPlacementEndpoints<T>(this IServiceCollection services) where T : class, IEndpoints =>
        services.AddEndpoints<T>(PlacementSurface.Key);

    /// <summary>Adds the routes to the table.</summary>
    public static void AddPlacement(this RouteTable routes, IServiceProvider services) =>
        routes.Add(services.GetRequiredService<PlacementSurface>(), PlacementSurface.Prefix, services.GetKeyedServices<IEndpoints>(PlacementSurface.Key));
}
