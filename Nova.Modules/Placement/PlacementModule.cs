using Microsoft.Extensions.DependencyInjection;

namespace Nova.Modules.Placement;

/// <summary>Registers the module.</summary>
public static class PlacementModule
{
    /// <summary>The store of capacity. Wants <see cref="PlacementOptions"/> and a TimeProvider; tells every registered <see cref="ICapacityFeed"/>.</summary>
    public static IServiceCollection AddPlacement(this IServiceCollection services) => services
        .AddSingleton<PlacementStore>()
        .AddSingleton<IClaims>(provider => provider.GetRequiredService<PlacementStore>());
}
