using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Database.Migrations;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>
/// One SQLite file, held by exactly one process (<see cref="DirectoryLock"/>): a writer thread with group commit
/// (<see cref="SqliteWriter"/>), read-only connections, and checkpoints beside the writer.
/// </summary>
public sealed class SqliteDatabase : Nova.Modules.Shared.Database.Database, ISchemaOwner
{
    private readonly string _path;
    private readonly DirectoryLock _lock;
    private readonly SqliteReaders _readers;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly SqliteWriter _writer;
    private readonly SemaphoreSlim _schema = new(1);
    private bool _isDisposed;

    /// <summary>Opens the file, creating it when it is missing, and takes <c>nova.lock</c> in its directory.</summary>
    /// <param name="path">The file; its directory must exist.</param>
    /// <param name="queueLimit">How many units may wait; one more is answered 503.</param>
    /// <param name="logger">Told of slow units, failed commits and a writer that died.</param>
    /// <param name="time">Moves the closing of batches and the times of events.</param>
    /// <param name="mustExist">Refuses to create the file.</param>
    /// <exception cref="DatabaseProblem">The file cannot be used; says why and what to do.</exception>
    public SqliteDatabase(string path, int queueLimit = 4096, ILogger<SqliteDatabase>? logger = null, TimeProvider? time = null, bool mustExist = false)
    {
        SQLitePCL.Batteries_V2.Init();
        DapperTypes.Register();
        _path = path;
        _lock = DirectoryLock.Take(Path.GetDirectoryName(Path.GetFullPath(path))!);
        SqliteConnection? writing = null;
        try
        {
            writing = SqliteFile.OpenForWriting(path, mustExist);
            _readers = new(path);
            _checkpoints = new(SqliteFile.OpenForCheckpoints(path), logger ?? NullLogger<SqliteDatabase>.Instance);
        }
        catch
        {
            writing?.Dispose();
            _readers?.Dispose();
            _lock.Dispose();
            throw;
        }

        _writer = new(writing, _checkpoints, Counters, EventsWritten, queueLimit, time ?? TimeProvider.System, logger ?? NullLogger<SqliteDatabase>.Instance);
    }

    /// <inheritdoc />
    public override SqlDialect Dialect => SqliteDialect.Instance;

    /// <inheritdoc />
    public override string? Problem => _writer.Problem;

    /// <summary>The frames of 4 kB in the write-ahead log when it was last looked at.</summary>
    public int LogFrames => _checkpoints.Frames;

    /// <summary>How often the writer had to restart the write-ahead log.</summary>
    public long LogRestarts => _checkpoints.Restarts;

    /// <inheritdoc />
    public override async Task<T> Read<T>(Func<Rows, Task<T>> work, CancellationToken ct)
    {
        var reader = await _readers.Take(ct);
        try
        {
            reader.Statements.Run("BEGIN", []);
            try
            {
                return await work(new SqliteRows(reader, ct));
            }
            finally
            {
                reader.Statements.Run("COMMIT", []);
            }
        }
        finally
        {
            _readers.Return(reader);
        }
    }

    /// <inheritdoc />
    public override async Task<T> ReadOne<T>(Func<Rows, Task<T>> work, CancellationToken ct)
    {
        var reader = await _readers.Take(ct);
        try
        {
            return await work(new SqliteRows(reader, ct));
        }
        finally
        {
            _readers.Return(reader);
        }
    }

    /// <inheritdoc />
    public override Task<T> Write<T>(Func<Tx, T> work, CancellationToken ct) => _writer.Enqueue(work, ct);

    /// <inheritdoc />
    async Task<SchemaConnection> ISchemaOwner.OpenSchema(CancellationToken ct)
    {
        await _schema.WaitAsync(ct);
        return new(SqliteFile.Connect(_path, SqliteOpenMode.ReadWrite), Dialect, () =>
        {
            _schema.Release();
            return ValueTask.CompletedTask;
        });
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;

        await _writer.DisposeAsync();
        _checkpoints.Dispose();
        _readers.Dispose();
        _lock.Dispose();
        _schema.Dispose();
    }
}
