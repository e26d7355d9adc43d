using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Api;
using Nova.Modules.Compute.Link;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;
using Nova.Modules.Quotas;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Addresses;
using Nova.Modules.Servers.Console;
using Nova.Modules.Servers.Audit;
using Nova.Modules.Servers.CrashDump;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.DeferredDelete;
using Nova.Modules.Servers.Delete;
using Nova.Modules.Servers.Diagnostics;
using Nova.Modules.Servers.Explain;
using Nova.Modules.Servers.ExternalEvents;
using Nova.Modules.Servers.InstanceActions;
using Nova.Modules.Servers.Interfaces;
using Nova.Modules.Servers.List;
using Nova.Modules.Servers.Lock;
using Nova.Modules.Servers.Metadata;
using Nova.Modules.Servers.Migrations;
using Nova.Modules.Servers.Moves;
using Nova.Modules.Servers.NetworkInfo;
using Nova.Modules.Servers.Password;
using Nova.Modules.Servers.Rebuild;
using Nova.Modules.Servers.Rescue;
using Nova.Modules.Servers.ResetState;
using Nova.Modules.Servers.Shares;
using Nova.Modules.Servers.Snapshots;
using Nova.Modules.Servers.Tags;
using Nova.Modules.Servers.Topology;
using Nova.Modules.Servers.VolumeAttachments;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers;

/// <summary>Registers the module.</summary>
public static class ServersModule
{
    /// <summary>Servers with their operations.</summary>
    public static IServiceCollection AddServers(this IServiceCollection services) => services
        .AddQuotas()
        .AddSingleton<IServerCount, ServerCount>()
        .AddSingleton<IClassCount, ClassCount>()
        .AddSingleton<ServerStore>()
        .AddSingleton<ServerPlacement>()
        .AddSingleton<HardwareClaims>()
        .AddSingleton<HostWork>()
        .AddSingleton<NeedsReader>()
        .AddSingleton<GuestSpecs>()
        .AddSingleton<CreateService>()
        .AddSingleton<ServerActions>()
        .AddSingleton<ServerAccess>()
        .AddSingleton<ServerViews>()
        .AddSingleton<ServerUpdates>()
        .AddSingleton<ServerList>()
        .AddSingleton<BootLookups>()
        .AddSingleton<CreateRequests>()
        .AddSingleton<CreateEndpoint>()
        .AddSingleton<IdempotencyKeys>()
        .AddComputeEndpoints<ServerEndpoints>()
        .AddComputeEndpoints<ServerActionEndpoints>()
        .AddComputeEndpoints<ConsoleOutputEndpoints>()
        .AddComputeEndpoints<AddressEndpoints>()
        .AddComputeEndpoints<MetadataEndpoints>()
        .AddComputeEndpoints<TagEndpoints>()
        .AddComputeEndpoints<InstanceActionEndpoints>()
        .AddSingleton<MigrationStore>()
        .AddSingleton<ServerHistory>()
        .AddComputeEndpoints<MigrationEndpoints>()
        .AddComputeEndpoints<ExternalEventEndpoints>()
        .AddSingleton<ServerAudit>()
        .AddEndpoints<AuditEndpoints>(NovaHostSurface.Key)
        .AddSingleton<ServerRequests>()
        .AddEndpoints<PlacementEndpoints>(NovaHostSurface.Key)
        .AddEndpoints<CapacityEndpoints>(NovaHostSurface.Key)
        .AddEndpoints<DryRunEndpoints>(NovaHostSurface.Key)
        .AddSingleton<IAuditPart, CapacityAudit>()
        .AddSingleton<IAuditPart, QuotaAudit>()
        .AddSingleton<IAuditPart, OperationAudit>()
        .AddSingleton<IOperation, CreateServer>()
        .AddSingleton<IOperation, DeleteServer>()
        .AddDeferredDelete()
        .AddSingleton<InstantActions>()
        .AddGuestOperations()
        .AddComputeEndpoints<MoveEndpoints>()
        .AddComputeEndpoints<InterfaceEndpoints>()
        .AddComputeEndpoints<TopologyEndpoints>()
        .AddComputeEndpoints<InjectNetworkInfoEndpoints>()
        .AddComputeEndpoints<VolumeAttachmentEndpoints>()
        .AddComputeEndpoints<ShareEndpoints>()
        .AddComputeEndpoints<LockEndpoints>()
        .AddComputeEndpoints<ResetStateEndpoints>()
        .AddPower();

    private static IServiceCollection AddGuestOperations(this IServiceCollection services) => services
        .AddSingleton<IOperation, RebuildServer>()
        .AddComputeEndpoints<RebuildEndpoints>()
        .AddSingleton<IOperation, RescueServer>()
        .AddSingleton<IOperation, UnrescueServer>()
        .AddComputeEndpoints<RescueEndpoints>()
        .AddSingleton<IOperation, ChangePasswordServer>()
        .AddComputeEndpoints<ChangePasswordEndpoints>()
        .AddSingleton<ServerInterfaces>()
        .AddSingleton<InterfaceService>()
        .AddSingleton<IOperation, AttachInterface>()
        .AddSingleton<IOperation, DetachInterface>()
        .AddComputeEndpoints<FixedIpEndpoints>()
        .AddSingleton<IOperation, CrashDumpServer>()
        .AddComputeEndpoints<CrashDumpEndpoints>()
        .AddSnapshots();

    private static IServiceCollection AddSnapshots(this IServiceCollection services) => services
        .AddSingleton<SnapshotImages>()
        .AddSingleton<IOperation, CreateImageServer>()
        .AddSingleton<IOperation, CreateBackupServer>()
        .AddComputeEndpoints<SnapshotEndpoints>()
        .AddComputeEndpoints<DiagnosticsEndpoints>()
        .AddSingleton<StoredPasswords>()
        .AddSingleton<IHostedPasswords>(provider => provider.GetRequiredService<StoredPasswords>())
        .AddComputeEndpoints<StoredPasswordEndpoints>();

    private static IServiceCollection AddDeferredDelete(this IServiceCollection services) => services
        .AddSingleton<ServerDeletes>()
        .AddSingleton<Reclaim>()
        .AddSingleton<IOperation, Soft>()
        .AddSingleton<IOperation, Restore>()
        .AddComputeEndpoints<DeferredDeleteEndpoints>();

    private static IServiceCollection AddPower(this IServiceCollection services)
    {
        foreach (var action in PowerAction.Operations)
            services.AddSingleton<IOperation>(provider => new ChangePower(
                action.Kind, action.Event, provider.GetRequiredService<HostDirectory>(), provider.GetRequiredService<ServerStore>()));
        return services;
    }
}
