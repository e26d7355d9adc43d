namespace Nova.Modules.Shared.Database;

/// <summary>
/// The one way to the rows. Reads use pooled read-only connections; every write goes through the group-commit writer, so
/// that many small units share one durable commit (docs/decisions/0002-one-writer.md).
/// </summary>
public abstract class Database : IAsyncDisposable
{
    /// <summary>How this database spells the few things that differ.</summary>
    public abstract SqlDialect Dialect { get; }

    /// <summary>What was executed since the start; read by /metrics and the benchmarks.</summary>
    public DatabaseCounters Counters { get; } = new();

    /// <summary>Raised after each commit of this process that wrote events.</summary>
    public OutboxSignal EventsWritten { get; } = new();

    /// <summary>
    /// Reads on a pooled connection in one consistent snapshot. The result is complete when this returns: a slow reader
    /// of the answer must not pin the write-ahead log.
    /// </summary>
    public abstract Task<T> Read<T>(Func<Rows, Task<T>> work, CancellationToken ct);

    /// <summary>
    /// As <see cref="Read{T}"/> for work that is a single statement: it is consistent by itself, so that the cost of
    /// opening and ending a snapshot is saved.
    /// </summary>
    public virtual Task<T> ReadOne<T>(Func<Rows, Task<T>> work, CancellationToken ct) => Read(work, ct);

    /// <summary>Why the database cannot be written now, or null when it can; for the readiness check.</summary>
    public virtual string? Problem => null;

    /// <summary>
    /// Runs <paramref name="work"/> as one unit and completes when its commit is durable.
    /// </summary>
    /// <param name="work">
    /// Synchronous, SQL only, and re-runnable: a failed batch is run again one by one. A unit that swallows the exception
    /// of a refused statement is not committed; let it pass, or throw a <see cref="Fault"/>.
    /// </param>
    /// <param name="ct">Cancels only while the unit waits; a unit that has begun is never dropped.</param>
    /// <exception cref="Fault">503 when the queue is full, or the database cannot be written; nothing has changed.</exception>
    /// <exception cref="UnknownOutcomeException">The commit failed: the unit may or may not be durable. Look, do not repeat.</exception>
    public abstract Task<T> Write<T>(Func<Tx, T> work, CancellationToken ct);

    /// <summary>As the other overload, for units without a result.</summary>
    public Task Write(Action<Tx> work, CancellationToken ct) => Write(
        tx =>
        {
            work(tx);
            return true;
        },
        ct);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}

/// <summary>The commit failed after the unit had run: whether it is durable has to be looked up.</summary>
public sealed class UnknownOutcomeException(Exception inner)
    : Exception("The commit failed; whether the change is durable has to be looked up.", inner);

/// <summary>Counts of what the database did; all only ever rise.</summary>
public sealed class DatabaseCounters
{
    private long _commits, _statements, _units, _syncs, _unknownOutcomes;

    /// <summary>Durable commits.</summary>
    public long Commits => Interlocked.Read(ref _commits);

    /// <summary>Statements executed by units of work, without BEGIN, SAVEPOINT and COMMIT.</summary>
    public long Statements => Interlocked.Read(ref _statements);

    /// <summary>Units of work that were committed.</summary>
    public long Units => Interlocked.Read(ref _units);

    /// <summary>File synchronisations that the commits caused, where the driver can tell.</summary>
    public long Syncs => Interlocked.Read(ref _syncs);

    /// <summary>Commits of which nobody knows whether they are durable: what is kept of the rows in memory is to be read again.</summary>
    public long UnknownOutcomes => Interlocked.Read(ref _unknownOutcomes);

    /// <summary>Adds one commit that failed without saying how it ended.</summary>
    public void AddUnknownOutcome() => Interlocked.Increment(ref _unknownOutcomes);

    /// <summary>Adds one executed statement.</summary>
    public void AddStatement() => Interlocked.Increment(ref _statements);

    /// <summary>Adds one commit of <paramref name="units"/> units.</summary>
    public void AddCommit(int units, int syncs)
    {
        Interlocked.Increment(ref _commits);
        Interlocked.Add(ref _units, units);
        Interlocked.Add(ref _syncs, syncs);
    }
}
