using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>
/// Turns the daemon's lifecycle events into changes of power and tells them to all who watch. After a reconnection it
/// lists the domains and tells what changed meanwhile, so nobody who watches misses a change.
/// </summary>
internal sealed partial class GuestWatch(LibvirtLink link, GuestDomains domains, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, GuestStatus> _last = [];
    private readonly Lock _gate = new();
    private readonly List<Channel<GuestStatus>> _watchers = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _pump = Task.CompletedTask;
    private bool _pictured;

    /// <summary>Begins to follow the events; the link must be open.</summary>
    public void Begin() => _pump = Task.Run(Pump);

    /// <summary>
    /// A queue of the changes from now on, to be given back with <see cref="Leave"/>. It holds 1,024; a watcher that is
    /// further behind loses the oldest, and should list.
    /// </summary>
    public Channel<GuestStatus> Join()
    {
        var watcher = Channel.CreateBounded<GuestStatus>(new BoundedChannelOptions(1024) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
            _watchers.Add(watcher);
        return watcher;
    }

    public void Leave(Channel<GuestStatus> watcher)
    {
        lock (_gate)
            _watchers.Remove(watcher);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            foreach (var watcher in _watchers)
                watcher.Writer.TryComplete();
        _stopping.Dispose();
    }

    private async Task Pump()
    {
        await foreach (var happened in link.Events.ReadAllAsync(_stopping.Token))
        {
            try
            {
                await Handle(happened);
            }
            catch (Exception e) when (e is Fault or LibvirtException)
            {
                Log.EventLost(logger, e);
                await ListAgain();
            }
        }
    }

    // The connection broke; or it holds, and the daemon refused because it has just come back and is still finding its guests.
    private async Task ListAgain()
    {
        while (true)
        {
            await Task.Delay(BetweenTries, time, _stopping.Token);
            try
            {
                await CatchUp();
                return;
            }
            catch (Exception e) when (e is Fault or LibvirtException)
            {
                // It is tried until it succeeds.
            }
        }
    }

    private Task Handle(LinkEvent happened) => happened switch
    {
        LinkEvent.Lifecycle { Kind: LifecycleEvent.Undefined } gone => Forget(gone.Id),
        LinkEvent.Lifecycle change => PowerAfter(change) is { } power ? Tell(change.Id, change.Name, power) : Task.CompletedTask,
        _ => CatchUp(),
    };

    private Task Forget(Guid id)
    {
        domains.Forget(id);
        _last.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    private async Task Tell(Guid id, string name, Power power) =>
        Tell(new(id, power, await domains.IsOurs(id, _stopping.Token), name));

    private void Tell(GuestStatus now)
    {
        if (_last.TryGetValue(now.ServerId, out var before) && before.Power == now.Power)
            return;

        _last[now.ServerId] = now;
        lock (_gate)
            foreach (var watcher in _watchers)
                watcher.Writer.TryWrite(now);
    }

    private async Task CatchUp()
    {
        var list = await domains.List(_stopping.Token);
        foreach (var now in list)
            if (_pictured)
                Tell(now);
            else
                _last.TryAdd(now.ServerId, now);

        // What is there at the start is no change.
        _pictured = true;
        foreach (var gone in _last.Keys.Except(list.Select(g => g.ServerId)).ToList())
            if (_last.TryGetValue(gone, out var before))
            {
                Tell(before with { Power = Power.Off });
                await Forget(gone);
            }
    }

    private static Power? PowerAfter(LinkEvent.Lifecycle change) => change.Kind switch
    {
        LifecycleEvent.Started or LifecycleEvent.Resumed => Power.On,
        LifecycleEvent.Suspended => Power.Paused,
        LifecycleEvent.Stopped => change.IsSaved ? Power.Suspended : Power.Off,
        LifecycleEvent.PmSuspended => Power.Suspended,
        LifecycleEvent.Crashed => Power.Crashed,
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Could not follow an event of libvirt; the guests are listed when it answers again")]
        public static partial void EventLost(ILogger logger, Exception e);
    }
}
