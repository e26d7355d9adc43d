using Nova.Drivers.Database.Migrations;
using Nova.Drivers.Identity.Embedded;
using Nova.Drivers.Image.Embedded;
using Nova.Modules.Aggregates.Images;
using Nova.Modules.AvailabilityZones;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hosts;
using Nova.Modules.Hosts.Live;
using Nova.Modules.Operations;
using Nova.Modules.Retention;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers.DeferredDelete;
using Nova.Modules.Scheduling.Remote;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Parts;

/// <summary>
/// What happens before the first request, in this order: schema, picture of all hosts, the port for other roles, hosts,
/// operations that a former incarnation left. Then what runs for as long as the process does. Each role does its part.
/// </summary>
internal sealed class Startup(RolePlan plan, IServiceProvider services, RoleListener listener, ILogger<Startup> logger) : IHostedService
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _background = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var identity = Task.CompletedTask;
        if (plan.HasDatabase)
        {
            await Get<MigrationRunner>().Expand(cancellationToken);

            // Deriving the first passwords takes as long as much of the rest: beside it.
            if (plan.Api && services.GetService<IdentityBootstrap>() is { } bootstrap)
                identity = MakeIdentities(bootstrap, cancellationToken);
            await ReadDatabase(cancellationToken);
        }

        if (plan.OpensRpc)
            await listener.Start(cancellationToken);
        if (plan.Conductor)
            TellHosts();
        if (plan.HasLocalHosts)
            await ConnectHosts(cancellationToken);
        if (plan.Conductor)
            await StartConductor(cancellationToken);
        else if (plan.Api)
            await Get<ConductorPeers>().Refresh(cancellationToken);
        if (plan.Follows)
            Begin("following the outbox", Get<PictureFollower>().Follow);
        if (plan.HasDatabase)
            Begin("following the level of the cloud", token => Get<Levels>().Follow(Get<Database>(), Get<TimeProvider>(), token));
        if (plan.Dials)
            Begin("serving conductors", Get<ComputeRole>().Run);
        Begin("watching files of settings", Get<Reloader>().Watch);
        await identity;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (plan.Conductor)
            await Get<OperationRunner>().DisposeAsync();
        await listener.DisposeAsync();
        await Task.WhenAll(_background).WaitAsync(cancellationToken);
        _stopping.Dispose();
    }

    private async Task MakeIdentities(IdentityBootstrap bootstrap, CancellationToken ct) => Get<FirstStart>().Passwords = await bootstrap.Run(ct);

    private async Task ReadDatabase(CancellationToken ct)
    {
        await Get<Levels>().Refresh(Get<Database>(), ct);
        if (plan.Api)
            await Get<ImageService>().Reconcile(plan.IsAlone, ct);
        if (plan.Conductor)
            await Get<HostZones>().SettleDefault(ct);
        if (plan.Follows)
            await Get<PictureFollower>().Begin(ct);
        if (plan is { Conductor: true, IsAlone: false })
            await Get<LiveFollower>().Begin(ct);
        if (!plan.Scheduler && !plan.Follows)
            return;

        var snapshot = await Get<Database>().Read(PictureSnapshot.Read, ct);
        if (plan.Scheduler)
            await Get<Scheduler>().Load(snapshot);
        foreach (var host in snapshot.Hosts)
            services.GetService<HostHealthBoard>()?.HostChanged(host);
    }

    private void TellHosts()
    {
        Begin("telling hosts of changes", Get<HostPictures>().Run);
        if (!plan.IsAlone)
            Begin("following changes for guests", Get<LiveFollower>().Follow);
    }

    private async Task ConnectHosts(CancellationToken ct)
    {
        var hosts = Get<LocalHosts>();
        await hosts.Connect(ct);
        Begin("watching hosts", hosts.Watch);
    }

    private async Task StartConductor(CancellationToken ct)
    {
        if (plan.OpensRpc)
        {
            Get<ConductorPeers>().Changed += Get<HostLinkService>().TellConductors;
            Begin("watching which hosts are lost", Get<HostWatch>().Watch);
        }

        await Get<Conductor>().Start(listener.Address, ct);
        Begin("caching images", Get<ImageOrders>().Watch);
        if (plan.TakesOperations)
            Begin("looking for operations", Get<OperationIntake>().Watch);
        if (!plan.IsAlone)
            Begin("watching conductors", Get<Conductor>().Watch);
        Begin("removing what is no longer kept", token => Get<RetentionSweep>().Watch(IsLeader, token));
        Begin("removing servers that were deleted", token => Get<Reclaim>().Watch(IsLeader, token));
    }

    // Of the conductors that live, the one with the least id does what one alone should do.
    private bool IsLeader() => plan.IsAlone || (Get<ConductorPeers>().Alive is [var first, ..] && first.Id == Get<ConductorIdentity>().Id);

    private T Get<T>() where T : notnull => services.GetRequiredService<T>();

    private void Begin(string what, Func<CancellationToken, Task> work) => _background.Add(Background(what, work));

    private async Task Background(string what, Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process ends.
        }
#pragma warning disable CA1031 // A part that ends by a bug must be seen in the log; the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.PartFailed(e, what);
        }
    }
}

internal static partial class StartupLog
{
    [LoggerMessage(Level = LogLevel.Critical, Message = "A part of the process ended unexpectedly: {What}. Restart it")]
    public static partial void PartFailed(this ILogger logger, Exception exception, string what);
}
