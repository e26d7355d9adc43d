using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nova.Drivers.Network.Embedded;
using Nova.Modules.Compute.Live;
using Nova.Modules.Aggregates;
using Nova.Modules.Aggregates.Images;
using Nova.Modules.AvailabilityZones;
using Nova.Modules.Compute.Link;
using Nova.Modules.Hardware;
using Nova.Modules.Hosts;
using Nova.Modules.Images;
using Nova.Modules.Operations;
using Nova.Modules.Placement;
using Nova.Modules.Quotas;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Remote;
using Nova.Modules.ServerGroups;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

/// <summary>One life of the control side: the real modules over what survives it.</summary>
internal sealed class Incarnation : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    /// <param name="survivor">The database.</param>
    /// <param name="plan">What goes wrong.</param>
    /// <param name="time">The test's clock.</param>
    /// <param name="log">Collects what is said.</param>
    /// <param name="conductorId">Who the conductor is.</param>
    /// <param name="isWired">The scheduler is asked over the network, at <see cref="Address"/>.</param>
    /// <param name="changes">Carries what running guests must hear of; null where no other process writes.</param>
    public Incarnation(Database survivor, FaultPlan plan, TimeProvider time, LogLines log, Guid conductorId, bool isWired = false, LiveChanges? changes = null)
    {
        var database = new MortalDatabase(survivor, Life);
        var ids = new Ids(time);
        _services = new ServiceCollection()
            .AddSingleton(time).AddSingleton(ids).AddSingleton(new SecretBox(new byte[32]))
            .AddSingleton<Database>(database)
            .AddSingleton<ILoggerFactory>(log).AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddSingleton(new QuotaOptions { Instances = -1, Cores = -1, Ram = -1 })
            .AddSingleton(new RpcOptions()).AddSingleton(provider => new RpcPeers(provider.GetRequiredService<RpcOptions>(), TimeProvider.System))
            .AddSingleton<HostLinkService>().AddSingleton<SchedulerService>()
            .AddSingleton(changes ?? new(isShared: false))
            .AddSingleton(new PlacementOptions()).AddSingleton(new ZoneOptions()).AddSingleton(new ImageCacheOptions()).AddSingleton(new SchedulerOptions())
            .AddSingleton(new PciOptions { Alias = [FakeCloud.CardAlias] }).AddSingleton(new CreateOptions()).AddSingleton(new ActionOptions())
            .AddSingleton<IImageStore, OneImage>().AddSingleton<IPolicy, AdminPolicy>()
            .AddSingleton(new ConductorIdentity(conductorId, ids.Next(), "here"))
            .AddOperations().AddHosts().AddServers().AddPlacement().AddAggregates().AddServerGroups().AddScheduler().AddEmbeddedNetwork()
            .AddSingleton<IScheduler>(provider => new RefusingScheduler(
                isWired ? new RemoteScheduler(() => [Address], provider.GetRequiredService<RpcPeers>()) : provider.GetRequiredService<Scheduler>()))
            .AddSingleton(provider => new OperationRunner(
                [.. provider.GetServices<IOperation>().Select(o => new FaultyOperation(o, Life, plan))],
                provider.GetRequiredService<OperationStore>(), new FaultyDatabase(database, plan), time, provider.GetRequiredService<SecretBox>(),
                provider.GetRequiredService<ConductorIdentity>().Incarnation, provider.GetRequiredService<ILogger<OperationRunner>>()))
            .BuildServiceProvider();
        Life.Runner = Runner;
    }

    public Life Life { get; } = new();

    /// <summary>Where this life is reached over the network, once it listens.</summary>
    public string Address { get; set; } = "";

    public OperationRunner Runner => Get<OperationRunner>();

    public HostDirectory Hosts => Get<HostDirectory>();

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>The scheduler, which can be told to find no host the next time: a create is then accepted unplaced.</summary>
internal sealed class RefusingScheduler(IScheduler inner) : IScheduler
{
    private int _refusals;

    public void RefuseNext() => Interlocked.Increment(ref _refusals);

    public ValueTask<Selection> Choose(PlacementRequest request, CancellationToken ct) =>
        Interlocked.Decrement(ref _refusals) >= 0 ? new(new Selection([], [], 0)) : Allowed(request, ct);

    private ValueTask<Selection> Allowed(PlacementRequest request, CancellationToken ct)
    {
        Interlocked.Increment(ref _refusals);
        return inner.Choose(request, ct);
    }
}
