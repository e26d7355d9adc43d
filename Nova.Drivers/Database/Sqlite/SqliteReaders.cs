using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>
/// The read-only connections, each with its prepared statements. Opened without any pragma that writes: a reader that
/// sets the journal mode while the writer runs stalls it.
/// </summary>
internal sealed class SqliteReaders : IDisposable
{
    private const int OpenedAtStart = 4;

    /// <summary>More readers than this wait for one another; they would only share two cores' worth of file cache.</summary>
    private const int Limit = 64;

    private readonly string _path;
    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private readonly SemaphoreSlim _free = new(Limit);
    private volatile bool _disposed;

    public SqliteReaders(string path)
    {
        _path = path;
        for (var i = 0; i < OpenedAtStart; i++)
            _idle.Add(new(path));
    }

    /// <summary>Takes a connection, opening one when none is idle.</summary>
    public async ValueTask<SqliteReader> Take(CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _idle.TryTake(out var reader) ? reader : new(_path);
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    /// <summary>Gives a connection back.</summary>
    public void Return(SqliteReader reader)
    {
        if (_disposed)
            reader.Dispose();
        else
            _idle.Add(reader);
        _free.Release();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var reader))
            reader.Dispose();
    }
}

/// <summary>A read-only connection with its prepared statements.</summary>
internal sealed class SqliteReader : IDisposable
{
    public SqliteReader(string path)
    {
        Connection = SqliteFile.Connect(path, SqliteOpenMode.ReadOnly);
        Statements = new(Connection.Handle!);
    }

    public SqliteConnection Connection { get; }

    public SqliteStatements Statements { get; }

    public void Dispose()
    {
        Statements.Dispose();
        Connection.Dispose();
    }
}

/// <summary>A reader as its user sees it. SQLite answers synchronously; the tasks are complete when they are returned.</summary>
internal sealed class SqliteRows(SqliteReader reader, CancellationToken ct) : Rows(reader.Connection, null, SqliteDialect.Instance, ct)
{
    public override Task<List<T>> Many<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> values)
    {
        Cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(reader.Statements.Many(sql, read, values));
    }

    public override Task<T?> One<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> values) where T : default
    {
        Cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(reader.Statements.One(sql, read, values));
    }
}
