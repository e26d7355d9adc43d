using Nova.Host.Configuration;
using Nova.Modules.Aggregates;
using Nova.Modules.Compute.Link;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;
using Nova.Modules.Operations.Remote;
using Nova.Modules.Placement;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Scheduling.Remote;
using Nova.Modules.ServerGroups;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Host.Parts;

/// <summary>The roles api, scheduler and conductor: each has only what it needs, and reaches the others by calls or messages.</summary>
internal static class ControlParts
{
    public static void AddControl(this IServiceCollection services, BoundSettings settings, RolePlan plan, string dataDirectory)
    {
        if (plan.Accepts)
            services.AddAccepting(settings, plan, dataDirectory);
        if (plan.Scheduler || (plan.Api && !plan.Conductor))
            services.AddPicture(plan);
    }

    private static void AddAccepting(this IServiceCollection services, BoundSettings settings, RolePlan plan, string dataDirectory)
    {
        services.AddHosts().AddServers().AddPlacement().AddAggregates().AddServerGroups().AddRetention();
        services.AddSingleton(new LiveChanges(isShared: !plan.IsAlone));
        services.AddSingleton(settings.Get<PlacementOptions>() is var placement && plan.IsAlone ? placement : placement with { ShareUsage = true });
        if (plan.Conductor)
            services.AddConductor(plan, dataDirectory);
        else
            services.AddRemoteOperations();
        if (plan.Conductor && !plan.DrivesLocally)
            services.AddSingleton<IOperationStarter, RemoteOperations>();
        if (!plan.ChoosesLocally)
            services
                .AddSingleton<IScheduler>(provider => new RemoteScheduler(() => Schedulers(provider, plan), provider.GetRequiredService<RpcPeers>()))
                .AddSingleton<IExplainer>(provider => new RemoteExplainer(() => Schedulers(provider, plan), provider.GetRequiredService<RpcPeers>()));
        if (plan.Server.Schedulers.Count > 0)
            services.AddWaker(plan);
    }

    private static void AddConductor(this IServiceCollection services, RolePlan plan, string dataDirectory)
    {
        services.AddSingleton(provider => Identities.Conductor(dataDirectory, plan.OpensRpc ? plan.Server.Advertised : "", provider.GetRequiredService<Ids>()));
        services.AddOperations();
        services.AddSingleton<IHostLiveness>(provider => provider.GetRequiredService<HostDirectory>());
        services.AddSingleton<IHostConsoles, ConnectedConsoles>().AddSingleton<IHostFigures, ConnectedFigures>();
        services.AddSingleton<HostLinkService>();
        services.AddSingleton<HostWatch>();
        services.AddSingleton<LiveFollower>();
    }

    private static void AddPicture(this IServiceCollection services, RolePlan plan)
    {
        if (plan.Scheduler)
        {
            services.AddScheduler(isServedDirectly: plan.ChoosesLocally || !plan.Accepts);
            services.AddSingleton<SchedulerService>();
        }

        if (plan is { Api: true, Conductor: false })
        {
            services.AddSingleton<HostHealthBoard>();
            services.AddSingleton<IHostLiveness>(provider => provider.GetRequiredService<HostHealthBoard>());
            services.AddSingleton<IHostConsoles, RelayedConsoles>().AddSingleton<IHostFigures, RelayedFigures>();
        }

        if (plan.Follows)
            services.AddSingleton(provider => new PictureFollower(
                provider.GetRequiredService<Database>(), Pictures(provider), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PictureFollower>>()));
    }

    // What wakes other processes is told of our own commits alone, or two processes would wake each other for ever.
    private static IEnumerable<IPictureFeed> Pictures(IServiceProvider provider) =>
        new IPictureFeed?[] { provider.GetService<Scheduler>(), provider.GetService<HostHealthBoard>() }.OfType<IPictureFeed>();

    private static void AddWaker(this IServiceCollection services, RolePlan plan)
    {
        services.AddSingleton(provider => new SchedulerWaker(() => plan.Server.Schedulers, provider.GetRequiredService<RpcPeers>()));
        services.AddSingleton<IPictureFeed>(provider => provider.GetRequiredService<SchedulerWaker>());
        services.AddSingleton<ICapacityFeed>(provider => provider.GetRequiredService<SchedulerWaker>());
    }

    private static IReadOnlyList<string> Schedulers(IServiceProvider provider, RolePlan plan) =>
        plan.Scheduler ? [provider.GetRequiredService<RoleListener>().Address] : plan.Server.Schedulers;
}
