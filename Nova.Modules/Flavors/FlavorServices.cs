using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Api;

namespace Nova.Modules.Flavors;

/// <summary>Registers the slice.</summary>
public static class FlavorServices
{
    /// <summary>Adds flavors, their extra specs and access lists.</summary>
    public static IServiceCollection AddFlavors(this IServiceCollection services) => services
        .AddSingleton<FlavorStore>()
        .AddSingleton<FlavorService>()
        .AddComputeEndpoints<FlavorEndpoints>()
        .AddComputeEndpoints<FlavorDetailEndpoints>();
}
