using System.Data;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Npgsql;
using Nova.Drivers.Database.Writing;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Postgres;

/// <summary>
/// One to four threads, each with a connection of its own. A batch is one transaction. First its members run on the assumption that
/// what they do together succeeds, and statements that need no answer at once travel with the next that does. When an assumption
/// is wrong, or a member throws after it has changed something, they run again, each in a savepoint; and when the transaction itself
/// fails, each in one of its own.
/// </summary>
internal sealed class PostgresWriters : GroupWriter
{
    // A unit takes about 1 ms here, most of it round trips: 2 ms would close each batch after two of them.
    private static readonly TimeSpan BatchesOpenFor = TimeSpan.FromMilliseconds(20);

    public PostgresWriters(NpgsqlDataSource source, int writers, DatabaseCounters counters, OutboxSignal eventsWritten, int queueLimit, TimeProvider time, ILogger logger)
        : base("postgres-writer", BatchesOpenFor, queueLimit, eventsWritten, time, logger)
    {
        for (var i = 0; i < writers; i++)
        {
            var writer = new PostgresWriter(source, counters, time, logger);
            Start(writer.Run, writer.Dispose);
        }
    }
}

/// <summary>One writer: its connection, and how it runs a batch on it. Used by one thread.</summary>
internal sealed partial class PostgresWriter(NpgsqlDataSource source, DatabaseCounters counters, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>How often a unit is repeated that lost to another one (deadlock, serialization).</summary>
    private const int RepeatLimit = 5;

    private readonly SharedQueue _shared = new();
    private readonly Optimism _optimism = new();
    private NpgsqlConnection? _connection;
    private PostgresStatements? _statements;

    private enum End
    {
        /// <summary>Durable, or failed for good: the members can be answered.</summary>
        Settled,
        /// <summary>Nothing is durable, and the members may be run again.</summary>
        Undone,
    }

    /// <summary>Runs a batch; each member then has a value or a failure.</summary>
    public void Run(WriteBatch batch)
    {
        if (!TryConnect(batch.FailAll))
            return;
        if (_optimism.MayTry && Together(batch) is End.Settled || !TryConnect(batch.FailAll) || OneByOne(batch) is End.Settled)
            return;

        foreach (var unit in batch.Members)
            RunAlone(unit);
    }

    /// <inheritdoc />
    public void Dispose() => Disconnect();

    // What units do together is done at the end, and statements travel together.
    private End Together(WriteBatch batch)
    {
        NpgsqlTransaction? transaction = null;
        try
        {
            transaction = _connection!.BeginTransaction(IsolationLevel.ReadCommitted);
            while (batch.Next() is { } unit)
                if (!RunUnit(unit, transaction, assumes: true))
                    return GiveUp(transaction, batch);

            _shared.Settle(new PostgresTx(_connection!, transaction, _statements!, counters, time, together: true));
            WriteShared(transaction, batch.Members);
        }
        catch (DbException)
        {
            // The connection, an assumption or the outbox failed before the commit.
            return GiveUp(transaction, batch);
        }

        _optimism.Succeeded();
        return Commit(transaction, batch.Members.Count(u => u.HasRun), batch.FailAll);
    }

    private End GiveUp(NpgsqlTransaction? transaction, WriteBatch batch)
    {
        batch.Close();
        _shared.Forget();
        _optimism.Failed();
        return Undo(transaction);
    }

    // Each unit in a savepoint, with true answers; one commit.
    private End OneByOne(WriteBatch batch)
    {
        NpgsqlTransaction? transaction = null;
        try
        {
            transaction = _connection!.BeginTransaction(IsolationLevel.ReadCommitted);
            foreach (var unit in batch.Again())
            {
                _statements!.Send("SAVEPOINT unit", null, []);
                if (!RunUnit(unit, transaction, assumes: false))
                    _statements.RollBackTo("unit");
                _statements.Send("RELEASE SAVEPOINT unit", null, []);
                if (IsWorthRepeating(unit.Failure))
                    return Undo(transaction);
            }

            WriteShared(transaction, batch.Members);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // The connection or the outbox failed before the commit: the members are run each by itself, and those at fault told.
            batch.Close();
            return Undo(transaction);
        }

        return Commit(transaction, batch.Members.Count(u => u.HasRun), batch.FailAll);
    }

    private static bool IsWorthRepeating(Exception? failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    private void RunAlone(WriteUnit unit)
    {
        if (unit.IsCancelled)
            return;

        for (var repeats = 0; ; repeats++)
        {
            if (!TryConnect(e => unit.Failure = e))
                return;
            if (TryAlone(unit) is End.Settled)
                return;

            var isLost = _connection!.State != ConnectionState.Open;
            var isTransient = isLost || unit.Failure is null || IsWorthRepeating(unit.Failure);
            if (!isTransient)
                return;
            if (repeats == RepeatLimit)
            {
                unit.Failure = isLost ? NotWritten(unit.Failure) : unit.Failure;
                return;
            }

            LogRepeated(unit.Failure, repeats + 1, RepeatLimit);
        }
    }

    private End TryAlone(WriteUnit unit)
    {
        NpgsqlTransaction? transaction = null;
        try
        {
            transaction = _connection!.BeginTransaction(IsolationLevel.ReadCommitted);
            if (!RunUnit(unit, transaction, assumes: false) || !unit.HasRun)
                return Undo(transaction);

            WriteShared(transaction, [unit]);
        }
        catch (DbException e)
        {
            unit.Failure = e;
            return Undo(transaction);
        }

        return Commit(transaction, 1, e => unit.Failure = e);
    }

    // False when the transaction must be rolled back. A unit that changed nothing and whose statements all succeeded
    // (a refused compare-and-set, say) fails without undoing its neighbours.
    private bool RunUnit(WriteUnit unit, NpgsqlTransaction transaction, bool assumes)
    {
        var tx = new PostgresTx(_connection!, transaction, _statements!, counters, time, together: assumes, assumes ? _shared : null);
        var succeeded = unit.Run(tx);
        SlowUnits.Look(logger, tx);
        return succeeded || tx is { HasChanged: false, HasFailedStatement: false };
    }

    private void WriteShared(NpgsqlTransaction transaction, IReadOnlyList<WriteUnit> members)
    {
        var tx = new PostgresTx(_connection!, transaction, _statements!, counters, time, together: false);
        SharedInsert.WriteAll(tx, members.SelectMany(u => u.Appended));
        Outbox.Insert(tx, members.SelectMany(u => u.Events), time.GetUtcNow().ToUnixTimeMilliseconds());
        _statements!.Flush();
    }

    private End Commit(NpgsqlTransaction transaction, int units, Action<Exception> fail)
    {
        if (units == 0)
        {
            Undo(transaction);
            return End.Settled;
        }

        try
        {
            transaction.Commit();
            transaction.Dispose();
            counters.AddCommit(units, syncs: 0);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("40", StringComparison.Ordinal) || e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            // The server itself says that it rolled back.
            fail(e);
            return Undo(transaction);
        }
#pragma warning disable CA1031 // However the commit failed, the answer is the same: it may be durable.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogCommitFailed(e, units);
            Disconnect();
            counters.AddUnknownOutcome();
            fail(new UnknownOutcomeException(e));
        }

        return End.Settled;
    }

    private End Undo(NpgsqlTransaction? transaction)
    {
        _statements?.Forget();
        try
        {
            transaction?.Rollback();
            transaction?.Dispose();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // A connection that cannot roll back is lost; the server rolls back when it notices.
            LogRollbackFailed(e);
            _connection!.Close();
        }

        return End.Undone;
    }

    private bool TryConnect(Action<Exception> fail)
    {
        if (_connection?.State == ConnectionState.Open)
            return true;

        Disconnect();
        try
        {
            _connection = source.OpenConnection();
            _statements = new(_connection);
            return true;
        }
        catch (Exception e) when (e is DbException or TimeoutException or InvalidOperationException)
        {
            LogUnreachable(e.Message);
            Disconnect();
            fail(NotWritten(e));
            return false;
        }
    }

    private void Disconnect()
    {
        _statements?.Dispose();
        _connection?.Dispose();
        (_statements, _connection) = (null, null);
    }

    private static Fault NotWritten(Exception? e) =>
        new(FaultKind.Unavailable, Message.Of($"The database could not be written. Nothing was changed."), e?.Message) { RetryAfterSeconds = 1 };

    [LoggerMessage(Level = LogLevel.Information, Message = "A unit of work is repeated ({Repeat} of {Limit})")]
    private partial void LogRepeated(Exception? exception, int repeat, int limit);

    [LoggerMessage(Level = LogLevel.Error, Message = "The commit of {Units} units failed; whether they are durable is not known")]
    private partial void LogCommitFailed(Exception exception, int units);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A writer lost its connection to the database before the commit")]
    private partial void LogRollbackFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database server cannot be reached: {Reason}")]
    private partial void LogUnreachable(string reason);
}
