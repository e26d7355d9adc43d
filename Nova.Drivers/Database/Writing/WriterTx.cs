using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Writing;

/// <summary>Counts the statements of a unit and notes which took longest, for the log of slow units.</summary>
internal abstract class WriterTx(DatabaseCounters counters, TimeProvider time) : Tx
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
