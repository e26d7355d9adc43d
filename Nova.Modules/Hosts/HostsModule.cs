using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Hosts.Live;
using Nova.Modules.Scheduling;

namespace Nova.Modules.Hosts;

/// <summary>Registers the module.</summary>
public static class HostsModule
{
    /// <summary>Hosts as conductors see them.</summary>
    public static IServiceCollection AddHosts(this IServiceCollection services) => services
        .AddSingleton<HostDirectory>()
        .AddSingleton<HostStates>()
        .AddSingleton<AggregateStates>()
        .AddSingleton<GroupStates>()
        .AddSingleton<HostRegistry>()
        .AddSingleton<HostReconciler>()
        .AddSingleton<HostPictures>();
}
