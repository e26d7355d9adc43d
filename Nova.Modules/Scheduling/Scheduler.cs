using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling;

/// <summary>
/// The one thread that owns the picture. Requests and changes come through a queue without locks; each pass takes all that
/// wait, applies the changes in order and chooses for all requests, those of one shape from one scan.
/// </summary>
public sealed partial class Scheduler : IScheduler, IPictureFeed, IAsyncDisposable
{
    // About 10 µs: longer than a caller needs to ask again, shorter than waking a thread.
    private const int IdleSpins = 60;

    private static readonly object Stop = new();

    private readonly Chooser _chooser;
    private readonly ILogger<Scheduler> _logger;
    private readonly ConcurrentQueue<object> _queue = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Pending> _batch = [];
    private int _sleeping;
    private int _stopping;

    /// <summary>Starts the thread, with an empty picture.</summary>
    public Scheduler(SchedulerOptions options, TimeProvider time, ILogger<Scheduler> logger)
    {
        (_chooser, _logger) = (new(options, time), logger);
        new Thread(Loop) { Name = "scheduler", IsBackground = true }.Start();
    }

    /// <inheritdoc />
    public ValueTask<Selection> Choose(PlacementRequest request, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (Volatile.Read(ref _stopping) != 0)
            throw Stopped();

        var pending = new Pending(request, ct);
        Post(pending);

        // The thread may have ended between the look and the queue.
        if (Volatile.Read(ref _stopping) != 0)
            pending.TrySetException(Stopped());
        return new(pending.Task);
    }

    /// <inheritdoc />
    public void HostChanged(HostState host) => Post(host);

    /// <inheritdoc />
    public void HostRemoved(Guid hostId) => Post(hostId);

    /// <inheritdoc />
    public void AggregateChanged(AggregateState aggregate) => Post(aggregate);

    /// <inheritdoc />
    public void AggregateRemoved(Guid aggregateId) => Post(new GoneAggregate(aggregateId));

    /// <inheritdoc />
    public void MemberChanged(GroupMember member) => Post(member);

    /// <inheritdoc />
    public void GroupRemoved(Guid groupId) => Post(new GoneGroup(groupId));

    /// <inheritdoc />
    public void ProviderChanged(ProviderState provider) => Post(provider);

    /// <inheritdoc />
    public void UsageChanged(ProviderUsage usage) => Post(usage);

    /// <inheritdoc />
    public void HardwareChanged(HardwareChange change) => Post(change);

    /// <inheritdoc />
    public void ServerBusy(Guid serverId, bool isBusy) => Post(new Business(serverId, isBusy));

    /// <inheritdoc />
    public void BuildFailed(Guid hostId) => Post(new FailedBuild(hostId));

    /// <summary>
    /// Takes in what the database held at one moment. May run while changes arrive: what they said stays, because it is newer.
    /// </summary>
    public async Task Load(PictureSnapshot snapshot)
    {
        var load = new Loading(snapshot);
        Post(load);
        await load.Task;
        LogLoaded(snapshot.Hosts.Count, snapshot.Providers.Count);
    }

    /// <summary>Ends the thread; what still waits is answered 503.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 0)
            Post(Stop);
        await _ended.Task;
    }

    private void Post(object work)
    {
        _queue.Enqueue(work);
        if (Interlocked.Exchange(ref _sleeping, 0) == 1)
            _wake.Release();
    }

    private void Loop()
    {
        while (Pass())
            Rest();

        while (_queue.TryDequeue(out var late))
        {
            (late as Pending)?.TrySetException(Stopped());
            (late as Loading)?.TrySetException(Stopped());
            (late as Looking)?.Refuse(Stopped());
        }

        _ended.SetResult();
    }

    private bool Pass()
    {
        var isStopping = false;
        while (!isStopping && _queue.TryDequeue(out var work))
            isStopping = !Take(work);

        _chooser.Begin();
        foreach (var pending in _batch)
            Answer(pending);
        _batch.Clear();
        return !isStopping;
    }

    private bool Take(object work)
    {
        switch (work)
        {
            case Pending pending: _batch.Add(pending); break;
            case ProviderUsage usage: _chooser.UsageChanged(usage); break;
            case HardwareChange change: _chooser.HardwareChanged(change); break;
            case Business busy: _chooser.ServerBusy(busy.ServerId, busy.IsBusy); break;
            case FailedBuild failed: _chooser.BuildFailed(failed.HostId); break;
            case ProviderState provider: _chooser.ProviderChanged(provider); break;
            case HostState host: _chooser.HostChanged(host); break;
            case Guid gone: _chooser.HostRemoved(gone); break;
            case AggregateState aggregate: _chooser.AggregateChanged(aggregate); break;
            case GoneAggregate aggregate: _chooser.AggregateRemoved(aggregate.Id); break;
            case GroupMember member: _chooser.MemberChanged(member); break;
            case GoneGroup group: _chooser.GroupRemoved(group.Id); break;
            case Loading load: load.Apply(_chooser); break;
            case Looking looking: looking.At(_chooser); break;
            default: return false;
        }

        return true;
    }

    private void Answer(Pending pending)
    {
        if (pending.Cancellation.IsCancellationRequested)
        {
            pending.TrySetCanceled(pending.Cancellation);
            return;
        }

        try
        {
            pending.TrySetResult(_chooser.Choose(pending.Request));
        }
#pragma warning disable CA1031 // Whatever a filter threw goes to the caller; the thread serves the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            pending.TrySetException(e);
        }
    }

    private void Rest()
    {
        for (var i = 0; i < IdleSpins && _queue.IsEmpty; i++)
            Thread.SpinWait(16);
        if (!_queue.IsEmpty)
            return;

        // Announced first, looked at again after: whoever enqueues later sees the announcement.
        Interlocked.Exchange(ref _sleeping, 1);
        if (_queue.IsEmpty || Interlocked.Exchange(ref _sleeping, 0) == 0)
            _wake.Wait();
    }

    private static Fault Stopped() => Fault.Unavailable($"The scheduler is stopping. Please try again.");

    private sealed record GoneAggregate(Guid Id);

    private sealed record Business(Guid ServerId, bool IsBusy);

    private sealed record FailedBuild(Guid HostId);

    private sealed record GoneGroup(Guid Id);

    private sealed class Pending(PlacementRequest request, CancellationToken ct)
        : TaskCompletionSource<Selection>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public PlacementRequest Request => request;

        public CancellationToken Cancellation => ct;
    }

    private sealed class Loading(PictureSnapshot snapshot) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public void Apply(Chooser chooser)
        {
            chooser.Load(snapshot);
            TrySetResult();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The scheduler's picture holds {Hosts} hosts and {Providers} providers")]
    private partial void LogLoaded(int hosts, int providers);
}
