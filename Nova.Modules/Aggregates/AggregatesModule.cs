using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Aggregates.Images;
using Nova.Modules.Api;
using Nova.Modules.AvailabilityZones;

namespace Nova.Modules.Aggregates;

/// <summary>Registers the module.</summary>
public static class AggregatesModule
{
    /// <summary>Host aggregates and the zones that follow from them. Wants hosts, servers and Placement.</summary>
    public static IServiceCollection AddAggregates(this IServiceCollection services) => services
        .AddSingleton<HostZones>()
        .AddSingleton<AggregateStore>()
        .AddSingleton<AggregateService>()
        .AddSingleton<ImageOrderStore>()
        .AddSingleton<ImageOrders>()
        .AddComputeEndpoints<AggregateEndpoints>();
}
