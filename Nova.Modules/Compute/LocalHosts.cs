using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hosts;
using Nova.Modules.Hosts.Live;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute;

/// <summary>
/// The compute role in the process of its conductor: makes an agent per hypervisor, reports it, compares its guests with
/// the rows, and connects it. A host is commanded only after that.
/// </summary>
public sealed class LocalHosts(
    ILocalHypervisors hypervisors, IHostNetwork network, HostJournal journal, HostRegistry registry, HostReconciler reconciler, HostDirectory directory,
    HostPictures pictures, HostBoot boot, HostCopies copies, TimeProvider time, ILogger<HostAgent> agentLogger, ILogger<LocalHosts> logger)
{
    private const int AtOnce = 64;

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(10);

    // Bounded by what changes: what is told of the same guest or group follows at a tenth of a second's distance.
    private readonly Channel<(HostAgent Agent, HostPicture Picture)> _news = Channel.CreateUnbounded<(HostAgent, HostPicture)>(new() { SingleReader = true });

    private IReadOnlyList<HostAgent> _agents = [];
    private PictureSubscription[] _subscriptions = [];

    /// <summary>Connects every host of this process.</summary>
    /// <exception cref="Fault">A host's identity or name is another host's, or its hypervisor does not answer.</exception>
    public async Task Connect(CancellationToken ct)
    {
        _agents = [.. hypervisors.All.Select(h => new HostAgent(h.HostId, h.Hypervisor, network, journal, time, agentLogger, copies))];
        await Subscribe(ct);
        await network.Restore(journal.AllGuests().ToDictionary(e => e.ServerId, e => e.Guest!.Nics), ct);

        var reports = new HostReport[_agents.Count];
        await Parallel.ForAsync(0, reports.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (i, token) =>
        {
            var local = hypervisors.All[i];
            reports[i] = new(local.HostId, local.HostName, await local.Hypervisor.Inspect(token), [.. Capabilities.TraitsOf(local.Hypervisor)], Release.Version);
        });
        await registry.Register(reports, ct);
        await Parallel.ForEachAsync(_agents, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (agent, token) =>
        {
            await reconciler.Reconcile(agent, boot.Reported(await agent.ListGuests(token)), token);
            directory.Connect(agent);
        });
        logger.Connected(_agents.Count);
    }

    /// <summary>Takes over what guests do by themselves, until cancelled.</summary>
    public Task Watch(CancellationToken ct) => Task.WhenAll([Sweep(ct), Hear(ct), TellAll(ct), Resume(ct), .. _agents.Select(agent => Watch(agent, ct))]);

    // The groups are known before the network is restored, so that guests which run are never without their rules.
    private async Task Subscribe(CancellationToken ct)
    {
        _subscriptions = new PictureSubscription[_agents.Count];
        GroupKey[] wanted = network is IGroupNetwork ? [.. GroupKey.Of(_agents.SelectMany(agent => agent.Nics))] : [];
        for (var i = 0; i < _subscriptions.Length; i++)
        {
            var agent = _agents[i];
            _subscriptions[i] = await pictures.Subscribe(
                agent.HostId, wanted, picture => _news.Writer.TryWrite((agent, picture)), ct);
        }

        if (network is not IGroupNetwork groups)
            return;

        while (_news.Reader.TryRead(out var first))
            await groups.Apply(first.Picture, ct);
        groups.WantedGroupsChanged += () => Array.ForEach(_subscriptions, subscription => pictures.Want(subscription, groups.WantedGroups));
    }

    // Networks are there since Connect. What could not be started is then seen as what it is.
    private async Task Resume(CancellationToken ct)
    {
        if (!boot.ResumesGuests)
            return;

        foreach (var agent in _agents)
            try
            {
                await agent.Resume(await reconciler.Owned(agent.HostId, ct), ct);
                await SweepOne(agent, ct);
            }
            catch (Fault fault)
            {
                logger.NotSwept(agent.HostId, fault.Message);
            }
    }

    private async Task TellAll(CancellationToken ct)
    {
        foreach (var subscription in _subscriptions)
            await pictures.TellGuests(subscription, ct);
    }

    private async Task Hear(CancellationToken ct)
    {
        await foreach (var (agent, picture) in _news.Reader.ReadAllAsync(ct))
            await agent.Take(picture, ct);
    }

    // What happened while an operation worked on a server was not taken over then; here it is found.
    private async Task Sweep(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(SweepEvery, time);
        while (await timer.WaitForNextTickAsync(ct))
            foreach (var agent in _agents)
                await SweepOne(agent, ct);
    }

    private async Task SweepOne(HostAgent agent, CancellationToken ct)
    {
        try
        {
            await reconciler.Reconcile(agent, agent.ListGuests, ct);
        }
        catch (Fault fault)
        {
            logger.NotSwept(agent.HostId, fault.Message);
        }
    }

    private async Task Watch(HostAgent agent, CancellationToken ct)
    {
        try
        {
            await new OwnPowerChanges(agent, time).Watch((status, token) => Observe(agent, status, token), ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    // Taken over by the next sweep when the database does not answer now.
    private async Task Observe(HostAgent agent, GuestStatus status, CancellationToken ct)
    {
        try
        {
            await reconciler.Observe(agent.HostId, status, ct);
        }
        catch (Fault fault)
        {
            logger.NotSwept(agent.HostId, fault.Message);
        }
    }
}

internal static partial class LocalHostsLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The guests of host {HostId} could not be compared with its servers; the next try is in ten minutes: {Reason}")]
    public static partial void NotSwept(this ILogger logger, Guid hostId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} hosts connected")]
    public static partial void Connected(this ILogger logger, int count);
}
