using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Nova.Drivers.Database.Writing;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using SQLitePCL;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>
/// The only writer of a SQLite file: one thread, one COMMIT for all units of a batch. First they run on the assumption that what
/// they do together succeeds; when it does not, or one fails, they run again, each in a SAVEPOINT that is rolled back alone.
/// </summary>
internal sealed partial class SqliteWriter : GroupWriter
{
    private static readonly TimeSpan BatchesOpenFor = TimeSpan.FromMilliseconds(10);

    private readonly SharedQueue _shared = new();
    private readonly Optimism _optimism = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteStatements _statements;
    private readonly DatabaseCounters _counters;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public SqliteWriter(SqliteConnection connection, SqliteCheckpoints checkpoints, DatabaseCounters counters, OutboxSignal eventsWritten, int queueLimit, TimeProvider time, ILogger logger)
        : base("sqlite-writer", BatchesOpenFor, queueLimit, eventsWritten, time, logger)
    {
        (_connection, _checkpoints, _counters, _time, _logger) = (connection, checkpoints, counters, time, logger);
        _statements = new(connection.Handle!);
        Start(Run, End);
    }

    private void Run(WriteBatch batch)
    {
        if (!_optimism.MayTry || !TryTogether(batch))
            OneByOne(batch);
    }

    // Without savepoints, and with shared work at the end; false when nothing is durable and the units are to be run one by one.
    private bool TryTogether(WriteBatch batch)
    {
        try
        {
            _statements.Run("BEGIN IMMEDIATE", []);
            while (batch.Next() is { } unit)
                if (!TryAssuming(unit))
                    return GiveUp(batch);
            _shared.Settle(new SqliteTx(_connection, _statements, _counters, _time));
        }
        catch (Exception e) when (e is SqliteException or WrongAssumptionException)
        {
            return GiveUp(batch);
        }

        _optimism.Succeeded();
        Commit(batch);
        return true;
    }

    private bool TryAssuming(WriteUnit unit)
    {
        var tx = new SqliteTx(_connection, _statements, _counters, _time, _shared);
        var succeeded = unit.Run(tx);
        SlowUnits.Look(_logger, tx);
        return succeeded || tx is { HasChanged: false, HasFailedStatement: false };
    }

    private bool GiveUp(WriteBatch batch)
    {
        batch.Close();
        _shared.Forget();
        _optimism.Failed();
        TryRollback();
        return false;
    }

    private void OneByOne(WriteBatch batch)
    {
        try
        {
            _statements.Run("BEGIN IMMEDIATE", []);
            foreach (var unit in batch.Again())
                RunUnit(unit);
        }
        catch (SqliteException e)
        {
            TryRollback();
            LogFailed(e, "batch", batch.Members.Count);
            batch.FailAll(NotWritten(e));
            return;
        }

        Commit(batch);
    }

    private void Commit(WriteBatch batch)
    {
        var committing = false;
        try
        {
            var units = batch.Members.Count(u => u.HasRun);
            WriteShared(batch);
            committing = units > 0;
            _statements.Run(committing ? "COMMIT" : "ROLLBACK", []);
            if (committing)
                _counters.AddCommit(units, syncs: 1);
        }
        catch (SqliteException e)
        {
            TryRollback();
            LogFailed(e, committing ? "COMMIT" : "batch", batch.Members.Count);
            if (committing)
                _counters.AddUnknownOutcome();
            batch.FailAll(committing ? new UnknownOutcomeException(e) : NotWritten(e));
            return;
        }

        _checkpoints.AfterCommit(_connection.Handle!);
    }

    private void RunUnit(WriteUnit unit)
    {
        _statements.Run("SAVEPOINT unit", []);
        var tx = new SqliteTx(_connection, _statements, _counters, _time);
        var succeeded = unit.Run(tx);
        SlowUnits.Look(_logger, tx);

        // A full disk and an I/O error roll back the whole transaction: the members before this one are gone as well.
        if (!succeeded && raw.sqlite3_get_autocommit(_connection.Handle!) != 0)
            throw unit.Failure as SqliteException ?? new SqliteException("The transaction was rolled back.", raw.SQLITE_ABORT);
        if (!succeeded)
            _statements.Run("ROLLBACK TO unit", []);
        _statements.Run("RELEASE unit", []);
    }

    private void WriteShared(WriteBatch batch)
    {
        var tx = new SqliteTx(_connection, _statements, _counters, _time);
        SharedInsert.WriteAll(tx, batch.Members.SelectMany(u => u.Appended));
        Outbox.Insert(tx, batch.Members.SelectMany(u => u.Events), _time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private void TryRollback()
    {
        if (raw.sqlite3_get_autocommit(_connection.Handle!) == 0)
            _statements.Run("ROLLBACK", []);
    }

    private static Fault NotWritten(SqliteException e) =>
        new(FaultKind.Unavailable, Message.Of($"The database could not be written. Nothing was changed."), e.Message) { RetryAfterSeconds = 1 };

    private void End()
    {
        _statements.Dispose();
        _connection.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A {What} of {Members} units failed")]
    private partial void LogFailed(Exception exception, string what, int members);
}
