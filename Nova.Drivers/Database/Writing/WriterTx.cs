using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Writing;

/// <summary>
/// Counts the statements of a unit and notes which took longest, for the log of slow units. <paramref name="shared"/>: where a unit
/// that may assume leaves shared work; null for one that may not.
/// </summary>
internal abstract class WriterTx(DatabaseCounters counters, TimeProvider time, SharedQueue? shared) : Tx
{
    private readonly long _begun = time.GetTimestamp();
    private long _current;
    private string? _sql;
    private TimeSpan _longest;

    /// <summary>The statement that took longest so far, or null before the first.</summary>
    public string? SlowestSql { get; private set; }

    /// <summary>Ends the last statement; returns how long the unit took.</summary>
    public TimeSpan Stop()
    {
        EndStatement(time.GetTimestamp());
        return time.GetElapsedTime(_begun);
    }

    protected override SharedQueue? Shared => shared;

    protected override void SettleShared() => shared!.Settle(ForShared(counters, time));

    /// <summary>What does shared work: on the same connection, and for no unit.</summary>
    protected abstract Tx ForShared(DatabaseCounters counters, TimeProvider time);

    protected override void Count(string sql)
    {
        counters.AddStatement();
        var now = time.GetTimestamp();
        EndStatement(now);
        (_sql, _current) = (sql, now);
    }

    private void EndStatement(long now)
    {
        if (_sql is not null && time.GetElapsedTime(_current, now) is var took && took >= _longest)
            (SlowestSql, _longest) = (_sql, took);
        _sql = null;
    }
}
