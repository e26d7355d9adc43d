using Nova.Drivers.Network.Embedded.Qos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Nova.Drivers.Network.Embedded.Agents;
using Nova.Drivers.Network.Embedded.Bindings;
using Nova.Drivers.Network.Embedded.FloatingIps;
using Nova.Drivers.Network.Embedded.Routers;
using Nova.Drivers.Network.Embedded.Tags;
using Nova.Modules.Networks;
using Nova.Modules.Shared.Http;
using Nova.Modules.Servers.Audit;

namespace Nova.Drivers.Network.Embedded;

/// <summary>What the host program calls.</summary>
public static class EmbeddedNetworkRegistration
{
    /// <summary>The embedded network service; needs <see cref="Nova.Modules.Compute.Live.LiveChanges"/>. Settings are those registered before, or the defaults.</summary>
    public static IServiceCollection AddEmbeddedNetwork(this IServiceCollection services)
    {
        services.TryAddSingleton<NetworkSettings>();
        services.AddSingleton<PictureCache>();
        services.AddSingleton<GroupMembers>();
        services.AddSingleton<ISecurityGroups>(s => s.GetRequiredService<GroupMembers>());
        services.AddSingleton<ServerPortRows>();
        services.AddSingleton<DefaultGroups>();
        services.AddSingleton<AutoNetworks>();
        services.AddSingleton<NetworkPlanner>();
        services.AddSingleton<AttachPlanner>();
        services.AddSingleton<EmbeddedNetwork>();
        services.AddSingleton<INetworkProvider>(s => s.GetRequiredService<EmbeddedNetwork>());
        services.AddSingleton<ITransactionalNetwork>(s => s.GetRequiredService<EmbeddedNetwork>());
        services.AddSingleton<NetworkQuotas>();
        services.AddSingleton<NetworkService>();
        services.AddSingleton<SubnetService>();
        services.AddSingleton<PortService>();
        services.AddSingleton<QosService>();
        services.AddSingleton<QosEndpoints>();
        services.AddSingleton<SecurityGroupService>();
        services.AddSingleton<ServicePorts>();
        services.AddSingleton<RouterService>();
        services.AddSingleton<RouterLegService>();
        services.AddSingleton<FloatingIpService>();
        services.AddSingleton<PortBindingService>();
        services.AddSingleton<TagService>();
        services.AddSingleton<INetworkCatalog, NetworkCatalog>();
        services.AddSingleton<NetworkSurface>();
        services.AddSingleton<NetworkEndpoints>();
        services.AddSingleton<RouterEndpoints>();
        services.AddSingleton<FloatingIpEndpoints>();
        services.AddSingleton<PortBindingEndpoints>();
        services.AddSingleton<TagEndpoints>();
        services.AddSingleton<AgentEndpoints>();
        services.AddSingleton<IpAvailabilityEndpoints>();
        services.AddSingleton<NetworkExtraEndpoints>();
        services.AddSingleton<IAuditPart, NetworkAudit>();
        return services;
    }

    /// <summary>Adds its routes below <c>/network</c>.</summary>
    public static void AddEmbeddedNetwork(this RouteTable routes, IServiceProvider services) => routes.Add(
        services.GetRequiredService<NetworkSurface>(),
        "/network",
        [
            services.GetRequiredService<NetworkEndpoints>(),
            services.GetRequiredService<RouterEndpoints>(),
            services.GetRequiredService<FloatingIpEndpoints>(),
            services.GetRequiredService<PortBindingEndpoints>(),
            services.GetRequiredService<TagEndpoints>(),
            services.GetRequiredService<AgentEndpoints>(),
            services.GetRequiredService<IpAvailabilityEndpoints>(),
            services.GetRequiredService<QosEndpoints>(),
            services.GetRequiredService<NetworkExtraEndpoints>(),
        ]);
}
