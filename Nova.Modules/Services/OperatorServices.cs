using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Nova.Modules.Api;
using Nova.Modules.AvailabilityZones;
using Nova.Modules.Extensions;
using Nova.Modules.Hosts;
using Nova.Modules.Hypervisors;
using Nova.Modules.ImageProxy;
using Nova.Modules.Limits;
using Nova.Modules.NetworkProxy;
using Nova.Modules.OldHosts;
using Nova.Modules.Quotas;
using Nova.Modules.Removed;
using Nova.Modules.Usage;
using Nova.Modules.Volumes;

namespace Nova.Modules.Services;

/// <summary>Registers what operators look at: services, hypervisors, zones, limits, usage, and what was removed.</summary>
public static class OperatorServices
{
    /// <summary>Adds the slices; whether hosts are alive says the conductor's directory.</summary>
    public static IServiceCollection AddOperatorViews(this IServiceCollection services)
    {
        services.AddQuotas();
        services.TryAddSingleton<HostDirectory>();
        services.TryAddSingleton<IHostLiveness>(all => all.GetRequiredService<HostDirectory>());
        return services
            .AddSingleton<QuotaService>()
            .AddComputeEndpoints<QuotaEndpoints>()
            .AddSingleton<ServiceStore>()
            .AddSingleton<ServiceService>()
            .AddSingleton<HypervisorStore>()
            .AddSingleton<HypervisorReader>()
            .AddComputeEndpoints<ServiceEndpoints>()
            .AddComputeEndpoints<HypervisorEndpoints>()
            .AddComputeEndpoints<ZoneEndpoints>()
            .AddComputeEndpoints<LimitEndpoints>()
            .AddComputeEndpoints<UsageEndpoints>()
            .AddComputeEndpoints<AuditLogEndpoints>()
            .AddComputeEndpoints<RemovedEndpoints>()
            .AddComputeEndpoints<BaremetalEndpoints>()
            .AddComputeEndpoints<OldHostEndpoints>()
            .AddComputeEndpoints<VolumeEndpoints>()
            .AddComputeEndpoints<ImageProxyEndpoints>()
            .AddComputeEndpoints<ImageMetadataEndpoints>()
            .AddComputeEndpoints<NetworkProxyEndpoints>()
            .AddComputeEndpoints<SecurityGroupProxyEndpoints>()
            .AddComputeEndpoints<ServerSecurityGroupEndpoints>()
            .AddComputeEndpoints<FloatingIpEndpoints>()
            .AddComputeEndpoints<ServerFloatingIpEndpoints>()
            .AddComputeEndpoints<ExtensionEndpoints>();
    }
}
