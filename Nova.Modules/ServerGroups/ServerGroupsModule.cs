using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Api;
using Nova.Modules.Quotas;
using Nova.Modules.Servers.Audit;

namespace Nova.Modules.ServerGroups;

/// <summary>Registers the module.</summary>
public static class ServerGroupsModule
{
    /// <summary>Server groups. Wants servers, quotas and hosts.</summary>
    public static IServiceCollection AddServerGroups(this IServiceCollection services) => services
        .AddSingleton<ServerGroupStore>()
        .AddSingleton<IGroupCount>(provider => provider.GetRequiredService<ServerGroupStore>())
        .AddSingleton<ServerGroupService>()
        .AddSingleton<IAuditPart, ServerGroupAudit>()
        .AddComputeEndpoints<ServerGroupEndpoints>();
}
