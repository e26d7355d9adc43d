using System.Data.Common;
using Dapper;

namespace Nova.Modules.Shared.Database;

/// <summary>
/// The one handle with which stores write. Lives only inside the delegate of <see cref="Database.Write{T}"/>.
/// Two ways to say a statement: Dapper (<c>@Name</c> parameters from an object) for whatever is rare, and
/// <see cref="Run"/>/<see cref="One{T}"/> (<c>$1, $2…</c>, prepared once per connection) on the hot units.
/// </summary>
public abstract class Tx
{
    private readonly List<EventRow> _events = [];
    private readonly List<Action> _afterCommit = [];
    private readonly List<SharedRow> _appended = [];

    /// <summary>How this database spells the few things that differ.</summary>
    public abstract SqlDialect Dialect { get; }

    /// <summary>The connection with the open transaction.</summary>
    protected abstract DbConnection Connection { get; }

    /// <summary>The transaction object, where the driver wants it on each command.</summary>
    protected virtual DbTransaction? Transaction => null;

    /// <summary>
    /// True when a statement was refused. Such a unit is not committed even if it swallowed the exception: PostgreSQL has
    /// aborted its transaction by then, and SQLite is held to the same.
    /// </summary>
    public bool HasFailedStatement { get; private set; }

    /// <summary>True when the unit may have changed a row; a unit that changed none can fail without undoing its neighbours.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>
    /// True when the unit may leave work to be done with that of the other units of its batch, on the assumption that it succeeds.
    /// When it turns out wrong everything is rolled back and the unit runs again with false here, and gets true answers.
    /// </summary>
    public bool Assumes => Shared is not null;

    /// <summary>The shared work of the batch, while units may assume; else null.</summary>
    protected virtual SharedQueue? Shared => null;

    /// <summary>Called before each statement.</summary>
    protected abstract void Count(string sql);

    /// <summary>Does the shared work that waits.</summary>
    protected virtual void SettleShared()
    {
    }

    /// <summary>Executes a statement; returns the number of rows that it changed.</summary>
    public int Execute(string sql, object? args = null)
    {
        Before(sql);
        try
        {
            return Changed(Connection.Execute(sql, args, Transaction));
        }
        catch (DbException)
        {
            HasFailedStatement = true;
            throw;
        }
    }

    /// <summary>All rows of a query.</summary>
    public IReadOnlyList<T> Query<T>(string sql, object? args = null)
    {
        Begin(sql);
        try
        {
            return Connection.Query<T>(sql, args, Transaction).AsList();
        }
        catch (DbException)
        {
            HasFailedStatement = true;
            throw;
        }
    }

    /// <summary>The only row of a query, or the default when there is none.</summary>
    public T? Find<T>(string sql, object? args = null)
    {
        Begin(sql);
        try
        {
            return Connection.QuerySingleOrDefault<T>(sql, args, Transaction);
        }
        catch (DbException)
        {
            HasFailedStatement = true;
            throw;
        }
    }

    /// <summary>Executes a prepared statement with <c>$1…</c> parameters; returns the number of rows that it changed.</summary>
    public int Run(string sql, params ReadOnlySpan<SqlValue> values)
    {
        Before(sql);
        try
        {
            return Changed(RunPrepared(sql, values));
        }
        catch (DbException)
        {
            HasFailedStatement = true;
            throw;
        }
    }

    /// <summary>
    /// Executes a prepared statement whose outcome does not matter here. It may travel together with later statements of the
    /// batch, in their order; a refusal then shows with them.
    /// </summary>
    public void Send(string sql, params ReadOnlySpan<SqlValue> values) => Send(sql, null, values);

    /// <summary>
    /// Executes a prepared statement that is expected to change so many rows; true when it did. It may travel together with
    /// later statements: the answer is then assumed, and when it turns out wrong everything is rolled back and the unit runs
    /// again, alone, with the true answer.
    /// </summary>
    public bool Changes(int rows, string sql, params ReadOnlySpan<SqlValue> values) => Send(sql, rows, values);

    /// <summary>The first row of a prepared statement with <c>$1…</c> parameters (a SELECT or … RETURNING), or the default when there is none.</summary>
    public T? One<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> values)
    {
        Begin(sql);
        try
        {
            return OnePrepared(sql, read, values);
        }
        catch (DbException)
        {
            HasFailedStatement = true;
            throw;
        }
    }

    /// <summary>All rows of a prepared statement with <c>$1…</c> parameters.</summary>
    public List<T> Many<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> values)
    {
        Begin(sql);
        try
        {
            return ManyPrepared(sql, read, values);
        }
        catch (DbException)
        {
            HasFailedStatement = true;
            throw;
        }
    }

    /// <summary>Executes a statement now or with a later one; whether it changes the expected number of rows, as far as is known.</summary>
    protected virtual bool SendPrepared(string sql, int? rows, ReadOnlySpan<SqlValue> values) => RunPrepared(sql, values) is var changed && (rows ?? changed) == changed;

    /// <summary>What <see cref="Run"/> does.</summary>
    protected abstract int RunPrepared(string sql, ReadOnlySpan<SqlValue> values);

    /// <summary>What <see cref="One{T}"/> does.</summary>
    protected abstract T? OnePrepared<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values);

    /// <summary>What <see cref="Many{T}"/> does.</summary>
    protected abstract List<T> ManyPrepared<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values);

    /// <summary>Adds a row to the outbox; the rows of a whole batch are one INSERT.</summary>
    public void Emit(EventRow row) => _events.Add(row);

    /// <summary>
    /// Has something done together with the same work of the other units of the batch, or, when the unit may not assume, now.
    /// Whether it could be done, as far as is known.
    /// </summary>
    public bool Join<T>(SharedWork<T> work, T item)
    {
        if (Shared is not { } shared)
            return work.TryRun(this, [item]);

        HasChanged = true;
        shared.Add(work, item);
        return true;
    }

    /// <summary>
    /// Adds a row to a table that nobody can look at before the commit; the rows of a whole batch are one INSERT. Not for
    /// what a later statement of this unit, or another unit of the batch, may have to see.
    /// </summary>
    public void Append(SharedInsert insert, params ReadOnlySpan<SqlValue> values)
    {
        if (Shared is { } shared)
        {
            HasChanged = true;
            shared.Add(insert, values.ToArray());
        }
        else
        {
            _appended.Add(new(insert, values.ToArray()));
        }
    }

    /// <summary>Runs after the commit is durable, on the writer's thread: it must only hand over (nudge, set, enqueue).</summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>What this unit put into the outbox; for the writer.</summary>
    public IReadOnlyList<EventRow> Events => _events;

    /// <summary>What this unit appended; for the writer.</summary>
    public IReadOnlyList<SharedRow> Appended => _appended;

    /// <summary>What this unit wants done after the commit; for the writer.</summary>
    public IReadOnlyList<Action> CommitActions => _afterCommit;

    private bool Send(string sql, int? rows, ReadOnlySpan<SqlValue> values)
    {
        Before(sql);
        HasChanged = true;
        try
        {
            return SendPrepared(sql, rows, values);
        }
        catch (DbException)
        {
            HasFailedStatement = true;
            throw;
        }
    }

    private void Before(string sql)
    {
        if (Shared?.Concerns(sql) == true)
        {
            try
            {
                SettleShared();
            }
            catch (DbException)
            {
                HasFailedStatement = true;
                throw;
            }
        }

        Count(sql);
    }

    // A statement that returns rows may also change some (… RETURNING); one that begins with SELECT does not.
    private void Begin(string sql)
    {
        Before(sql);
        HasChanged |= !sql.AsSpan().TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase);
    }

    private int Changed(int rows)
    {
        HasChanged |= rows != 0;
        return rows;
    }
}

/// <summary>One change, as pictures, watchers and notifications read it. The number is given at the commit.</summary>
/// <param name="Kind">What happened, such as <c>server.updated</c>.</param>
/// <param name="Subject">Whose id it concerns.</param>
/// <param name="ProjectId">The project that may see it, or null when only admins may.</param>
/// <param name="Body">JSON.</param>
public sealed record EventRow(string Kind, string Subject, string? ProjectId, string Body);
