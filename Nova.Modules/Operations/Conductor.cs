using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Operations;

/// <summary>
/// One conductor among several: it keeps a lease while it lives, takes its former incarnation's operations back at once,
/// and those of others whose lease it has not seen change for 2.5 s of its own clock. Nobody compares clocks.
/// </summary>
public sealed class Conductor(
    ConductorIdentity identity, ConductorPeers peers, OperationStore operations, OperationRunner runner, Database database, TimeProvider time, ILogger<Conductor> logger)
{
    private const int TakeAtOnce = 200;

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(2.5);

    private readonly Dictionary<Guid, Seen> _others = [];
    private long _counter;
    private string _address = identity.Address;

    /// <summary>Writes this incarnation's lease and goes on with what the former one of the same identity left.</summary>
    /// <param name="address">HOST:PORT where other roles reach it, when it is known only now; null for the identity's own.</param>
    /// <param name="ct">Cancels.</param>
    public async Task Start(string? address, CancellationToken ct)
    {
        _address = address ?? identity.Address;
        await database.Write(tx => Enlist(tx, _address), ct);
        await peers.Refresh(ct);
        await TakeOwnerless(ct);
    }

    /// <summary>
    /// Renews the lease and watches the others until cancelled. Needed only where several conductors share a database. One
    /// that another has declared dead enlists again: what was taken from it is fenced, what it accepts from then on is its own.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another process uses this identity.</exception>
    public async Task Watch(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                if (!await database.Write(Renew, ct))
                    logger.WasTakenForDead();
                if (await FindDead(ct) is { Count: > 0 } dead)
                    await Bury(dead, ct);
                await TakeOwnerless(ct);
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                logger.CouldNotRenew(fault.Message);
            }
        }
    }

    // The lease of the former incarnation gives way to this one's, so that its operations have no living owner any more.
    private void Enlist(Tx tx, string address) => tx.Execute(
        """
        INSERT INTO instances (id, incarnation, counter, address, release, wire_level, schema_level, started_at)
        VALUES (@Id, @Incarnation, 0, @address, @release, @wire, @schema, @now)
        ON CONFLICT (id) DO UPDATE SET
            incarnation = excluded.incarnation, counter = 0, address = excluded.address, release = excluded.release,
            wire_level = excluded.wire_level, schema_level = excluded.schema_level, started_at = excluded.started_at
        """,
        new
        {
            identity.Id, identity.Incarnation, address, release = Release.Version, wire = Release.WireLevel,
            schema = Release.SchemaLevel, now = time.GetUtcNow().ToUnixTimeMilliseconds(),
        });

    // A conductor that buried another may have died before it took what was left; an owner without a lease is dead.
    private async Task TakeOwnerless(CancellationToken ct)
    {
        if (await operations.OwnersWithoutLease(ct) is { Count: > 0 } dead)
            await Take(dead, ct);
    }

    // A machine that stood still for too long finds its lease removed and its operations taken: it goes on with new ones,
    // because each save and each command is fenced by itself. Another incarnation in the row is another process.
    private bool Renew(Tx tx)
    {
        var counter = ++_counter;
        if (tx.Execute("UPDATE instances SET counter = @counter WHERE id = @Id AND incarnation = @Incarnation", new { counter, identity.Id, identity.Incarnation }) > 0)
            return true;
        if (tx.Find<Guid?>("SELECT incarnation FROM instances WHERE id = @Id", new { identity.Id }) is not null)
            throw new InvalidOperationException("Another process uses the identity of this conductor (conductor.id in its data directory). Stop one of them.");

        Enlist(tx, _address);
        return false;
    }

    private async Task<List<ConductorPeer>> FindDead(CancellationToken ct)
    {
        var leases = await peers.Refresh(ct);
        var now = time.GetTimestamp();
        var dead = new List<ConductorPeer>();
        foreach (var lease in leases.Where(lease => lease.Id != identity.Id))
        {
            if (!_others.TryGetValue(lease.Id, out var seen) || seen.Counter != lease.Counter || seen.Incarnation != lease.Incarnation)
                _others[lease.Id] = new(lease.Incarnation, lease.Counter, now);
            else if (time.GetElapsedTime(seen.At, now) >= DeadAfter)
                dead.Add(lease);
        }

        return dead;
    }

    // Removing the lease comes first: should its owner still live, it finds the lease gone and stops.
    private async Task Bury(List<ConductorPeer> dead, CancellationToken ct)
    {
        foreach (var lease in dead)
        {
            await database.Write(tx => tx.Execute("DELETE FROM instances WHERE id = @Id AND incarnation = @Incarnation", new { lease.Id, lease.Incarnation }), ct);
            _others.Remove(lease.Id);
        }

        await Take([.. dead.Select(d => d.Incarnation)], ct);
    }

    private async Task Take(IReadOnlyList<Guid> dead, CancellationToken ct)
    {
        for (var taken = int.MaxValue; taken > 0;)
        {
            var rows = await database.Write(tx => operations.TakeOver(tx, dead, runner.Owner, TakeAtOnce), ct);
            foreach (var row in rows)
                if (row.WaitsFor is null && row.Status is not OperationStatus.Stuck)
                    runner.Start(row);
            taken = rows.Count;
            if (taken > 0)
                logger.Took(taken, string.Join(", ", dead));
        }
    }

    private sealed record Seen(Guid Incarnation, long Counter, long At);
}

/// <summary>Who this conductor is.</summary>
/// <param name="Id">Kept in the data directory, so that a restarted conductor takes its own operations back at once.</param>
/// <param name="Incarnation">New with every start; the owner column of operations.</param>
/// <param name="Address">Where other roles reach it.</param>
public sealed record ConductorIdentity(Guid Id, Guid Incarnation, string Address);

internal static partial class ConductorLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Took {Count} operations over from {Dead}")]
    public static partial void Took(this ILogger logger, int count, string dead);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another conductor took this one for dead, and its operations; it takes new ones again. The machine stood still, or has too much to do")]
    public static partial void WasTakenForDead(this ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease could not be renewed yet: {Reason}")]
    public static partial void CouldNotRenew(this ILogger logger, string reason);
}
