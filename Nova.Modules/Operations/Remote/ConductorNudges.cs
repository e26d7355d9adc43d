using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;

namespace Nova.Modules.Operations.Remote;

/// <summary>
/// Chooses conductors for new operations and nudges them: one call for all that waits, never awaited by a request. A nudge
/// that is lost costs at most the second after which each conductor looks for itself.
/// </summary>
public sealed class ConductorNudges : IAsyncDisposable
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SuspectFor = TimeSpan.FromSeconds(3);

    private readonly ConductorPeers _peers;
    private readonly ConductorClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Nudge> _queue = Channel.CreateUnbounded<Nudge>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<Guid, long> _suspects = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _sending;
    private long _readAt;
    private int _next;

    /// <summary>Sends from now on.</summary>
    public ConductorNudges(ConductorPeers peers, ConductorClient client, TimeProvider time, ILogger<ConductorNudges> logger)
    {
        (_peers, _client, _time, _logger) = (peers, client, time, logger);
        _sending = Task.Run(Send);
    }

    /// <summary>The incarnation of a conductor that lives as far as is known, each in its turn.</summary>
    /// <exception cref="Fault">503: there is none.</exception>
    public Guid Choose()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _readAt)) > ReadAgainAfter)
            _queue.Writer.TryWrite(Nudge.ReadPeers);
        var alive = _peers.Alive;
        if (alive.Count == 0)
            throw new Fault(FaultKind.Unavailable, Message.Of($"The service is temporarily unavailable."), "no conductor holds a lease") { RetryAfterSeconds = 1 };

        var first = (uint)Interlocked.Increment(ref _next);
        for (var i = 0; i < alive.Count; i++)
            if (alive[(int)((first + i) % alive.Count)] is var peer && !IsSuspect(peer.Incarnation))
                return peer.Incarnation;

        return alive[(int)(first % alive.Count)].Incarnation;
    }

    /// <summary>The operation was inserted for this conductor.</summary>
    public void Start(Guid owner, Guid operationId) => _queue.Writer.TryWrite(new(owner, operationId, false));

    /// <summary>The operation of this conductor was asked to turn round.</summary>
    public void TurnRound(Guid owner, Guid operationId) => _queue.Writer.TryWrite(new(owner, operationId, true));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _sending;
        _stopping.Dispose();
    }

    private bool IsSuspect(Guid incarnation) =>
        _suspects.TryGetValue(incarnation, out var since) && _time.GetElapsedTime(since) < SuspectFor;

    private async Task Send()
    {
        try
        {
            var waiting = new List<Nudge>();
            while (await _queue.Reader.WaitToReadAsync(_stopping.Token))
            {
                waiting.Clear();
                while (_queue.Reader.TryRead(out var nudge))
                    waiting.Add(nudge);
                if (waiting.Exists(n => n == Nudge.ReadPeers) && _time.GetElapsedTime(_readAt) > ReadAgainAfter)
                    await Refresh();
                await Task.WhenAll(waiting.Where(n => n != Nudge.ReadPeers).GroupBy(n => n.Owner).Select(Send));
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process ends; conductors find what was not said.
        }
    }

    private async Task Send(IGrouping<Guid, Nudge> nudges)
    {
        if (_peers.Find(nudges.Key) is null)
            await Refresh();
        if (_peers.Find(nudges.Key) is not { Address.Length: > 0 } peer)
            return; // Its lease is gone: another conductor takes its operations over.

        try
        {
            await _client.Nudge(peer, nudges.Where(n => !n.IsCancel).Select(n => n.Operation), nudges.Where(n => n.IsCancel).Select(n => n.Operation), _stopping.Token);
            _suspects.TryRemove(nudges.Key, out _);
        }
        catch (Fault fault)
        {
            _suspects[nudges.Key] = _time.GetTimestamp();
            _logger.NotNudged(peer.Address, fault.Details ?? fault.Message);
            await Refresh();
        }
    }

    private async Task Refresh()
    {
        try
        {
            await _peers.Refresh(_stopping.Token);
            Volatile.Write(ref _readAt, _time.GetTimestamp());
        }
        catch (Fault fault)
        {
            _logger.NotRead(fault.Message);
        }
    }

    private sealed record Nudge(Guid Owner, Guid Operation, bool IsCancel)
    {
        public static readonly Nudge ReadPeers = new(Guid.Empty, Guid.Empty, false);
    }
}

internal static partial class ConductorNudgesLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The conductor at {Address} could not be nudged and finds its operations itself: {Reason}")]
    public static partial void NotNudged(this ILogger logger, string address, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The conductors' leases could not be read: {Reason}")]
    public static partial void NotRead(this ILogger logger, string reason);
}
