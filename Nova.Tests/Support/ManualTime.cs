namespace Nova.Tests.Support;

/// <summary>A clock that stands still until the test moves it; timers fire inside <see cref="Advance"/>.</summary>
public sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private TaskCompletionSource _oneWaits = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _timers.Count(t => t.Due is not null);
        }
    }

    /// <summary>Completes when a timer waits; at once when one does already.</summary>
    public Task WhenOneWaits()
    {
        lock (_gate)
            return _timers.Exists(t => t.Due is not null) ? Task.CompletedTask : _oneWaits.Task;
    }

    /// <summary>Moves the clock to the next timer and fires it; does nothing when none waits.</summary>
    public void AdvanceToNext()
    {
        TimeSpan by;
        lock (_gate)
            by = (_timers.Where(t => t.Due is not null).MinBy(t => t.Due)?.Due ?? _now) - _now;
        Advance(by > TimeSpan.Zero ? by : TimeSpan.Zero);
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    /// <inheritdoc />
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Moves the clock and fires what has become due, in order.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset end;
        lock (_gate)
            end = _now + by;
        while (NextDue(end) is { } timer)
            timer.Fire();
        lock (_gate)
            _now = end;
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        TaskCompletionSource waiting;
        lock (_gate)
        {
            _timers.Add(timer);
            (waiting, _oneWaits) = (_oneWaits, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        waiting.SetResult();
        return timer;
    }

    private Timer? NextDue(DateTimeOffset end)
    {
        lock (_gate)
        {
            var next = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
            if (next is not null)
                _now = next.Due!.Value > _now ? next.Due.Value : _now;
            return next;
        }
    }

    private sealed class Timer(ManualTime clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                _period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
                return true;
            }
        }

        public void Fire()
        {
            lock (clock._gate)
                Due = _period > TimeSpan.Zero ? clock._now + _period : null;
            callback(state);
        }

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
