using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Nova.Modules.Rpc;

namespace Nova.Tests.Rpc;

/// <summary>The echo service with a channel to it: by direct calls, or over a real connection on loopback.</summary>
internal sealed class EchoWire(EchoService echo, RpcChannel channel, RpcListener? listener) : IAsyncDisposable
{
    private Errors _errors = new();

    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    public EchoService Echo => echo;
    public RpcChannel Channel => channel;
    public RpcListener? Listener => listener;
    /// <summary>What the server logged as an error.</summary>
    public IReadOnlyCollection<string> Logged => _errors.Seen;

    public int Port => listener!.Address.Port;

    public static async Task<EchoWire> Open(bool direct, RpcOptions? options = null, TimeProvider? clock = null, RpcOptions? ofClient = null)
    {
        var echo = new EchoService();
        var time = clock ?? TimeProvider.System;
        if (direct)
            return new(echo, new LocalRpcChannel([echo.Service], time), null);

        var errors = new Errors();

        // The server keeps the machine's time: a test that moves the client's clock sees what the client does.
        var listener = await RpcListener.Start(
            new(IPAddress.Loopback, 0), [echo.Service], options ?? new(), TimeProvider.System, new LoggerFactory([errors]), default);
        return new(echo, new HttpRpcChannel("127.0.0.1", listener.Address.Port, ofClient ?? options ?? new(), time), listener) { _errors = errors };
    }

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        if (listener is not null)
            await listener.DisposeAsync();
    }
}

/// <summary>Keeps what is logged as an error.</summary>
internal sealed class Errors : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Seen { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Seen.Enqueue($"{formatter(state, exception)}: {exception}");
    }

    public void Dispose()
    {
    }
}

/// <summary>A clock that a test moves; timers fire inside <see cref="Advance"/>.</summary>
internal sealed class MovedClock : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_timers)
            _timers.Add(timer);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        Timer[] due;
        lock (_timers)
        {
            _now += by;
            due = [.. _timers.Where(t => t.Due <= _now)];
        }

        foreach (var timer in due)
            timer.Fire();
    }

    private sealed class Timer(MovedClock clock, Action callback) : ITimer
    {
        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : clock._now + dueTime;
            return true;
        }

        public void Fire()
        {
            Due = DateTimeOffset.MaxValue;
            callback();
        }

        public void Dispose() => Due = DateTimeOffset.MaxValue;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
