using System.Data;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Nova.Drivers.Database.Migrations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Postgres;

/// <summary>
/// A PostgreSQL database, shared by any number of processes: pooled read-only connections (REPEATABLE READ) and group
/// writers (READ COMMITTED, synchronous_commit=on). When the server is away, callers get 503 until it is back.
/// </summary>
public sealed class PostgresDatabase : Nova.Modules.Shared.Database.Database, ISchemaOwner
{
    /// <summary>The advisory lock of whoever changes the schema; an arbitrary number that nothing else may use.</summary>
    private const long SchemaLock = 0x6e6f_7661_5f64_6201;

    // Beside the writers' own: one that changes the schema and one that checks.
    private const int SchemaConnections = 2;

    /// <summary>Readers when nobody says how many; a server of default settings admits 100 connections of all processes.</summary>
    public const int DefaultReaders = 20;

    private readonly NpgsqlDataSource _readers;
    private readonly SemaphoreSlim _places;
    private readonly NpgsqlDataSource _writing;
    private readonly PostgresWriters _writers;

    /// <summary>Prepares the pools; the first use connects.</summary>
    /// <param name="connectionString">As Npgsql has it: Host, Port, Database, Username, Password.</param>
    /// <param name="writers">Group writers, 1 to 4, each with a connection of its own. Several wait for each other's rows (a project's quota), or deadlock.</param>
    /// <param name="queueLimit">How many units may wait; one more is answered 503.</param>
    /// <param name="logger">Told of slow units, failed commits and lost connections.</param>
    /// <param name="time">Moves the closing of batches and the times of events.</param>
    /// <param name="readers">Read-only connections at once, at least 1; more reads wait for one another.</param>
    public PostgresDatabase(
        string connectionString, int writers = 1, int queueLimit = 4096, ILogger<PostgresDatabase>? logger = null, TimeProvider? time = null,
        int readers = DefaultReaders)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(writers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(writers, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(readers, 1);
        DapperTypes.Register();
        _places = new(readers);
        _readers = Source(connectionString, readers, "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read");
        _writing = Source(connectionString, writers + SchemaConnections, "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed");
        _writers = new(_writing, writers, Counters, EventsWritten, queueLimit, time ?? TimeProvider.System, logger ?? NullLogger<PostgresDatabase>.Instance);
    }

    /// <inheritdoc />
    public override SqlDialect Dialect => PostgresDialect.Instance;

    /// <inheritdoc />
    public override string? Problem => _writers.Problem;

    /// <summary>Fails when the server cannot be reached or refuses; for the start of the process.</summary>
    /// <exception cref="DatabaseProblem">Says why and what to do.</exception>
    public async Task Check(CancellationToken ct)
    {
        try
        {
            await using var connection = await _writing.OpenConnectionAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            throw DatabaseProblem.MissingDatabase(Address);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            throw DatabaseProblem.Unreachable(Address, e.InnerException ?? e);
        }
    }

    /// <inheritdoc />
    public override Task<T> Read<T>(Func<Rows, Task<T>> work, CancellationToken ct) => Guard(
        async connection =>
        {
            // Ending a snapshot that only read is the same by rollback, which disposing does.
            await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
            return await work(new PostgresRows(connection, snapshot, ct));
        },
        ct);

    /// <inheritdoc />
    public override Task<T> ReadOne<T>(Func<Rows, Task<T>> work, CancellationToken ct) =>
        Guard(connection => work(new PostgresRows(connection, null, ct)), ct);

    /// <inheritdoc />
    public override Task<T> Write<T>(Func<Tx, T> work, CancellationToken ct) => _writers.Enqueue(work, ct);

    /// <inheritdoc />
    async Task<SchemaConnection> ISchemaOwner.OpenSchema(CancellationToken ct)
    {
        await Check(ct);
        var connection = await _writing.OpenConnectionAsync(ct);
        var schema = new SchemaConnection(connection, Dialect, async () =>
        {
            if (connection.State == ConnectionState.Open)
                await Execute(connection, $"SELECT pg_advisory_unlock({SchemaLock})", CancellationToken.None);
        });
        await Execute(connection, $"SELECT pg_advisory_lock({SchemaLock})", ct);
        return schema;
    }

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await _writers.DisposeAsync();
        await _writing.DisposeAsync();
        await _readers.DisposeAsync();
        _places.Dispose();
    }

    private string Address
    {
        get
        {
            var parts = new NpgsqlConnectionStringBuilder(_writing.ConnectionString);
            return $"{parts.Host}:{parts.Port}/{parts.Database}";
        }
    }

    private async Task<T> Guard<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken ct)
    {
        // Waiting here has no time limit of its own, as the pool's has, and is no sign that the server is away.
        await _places.WaitAsync(ct);
        try
        {
            await using var connection = await _readers.OpenConnectionAsync(ct);
            return await work(connection);
        }
        catch (NpgsqlException e) when (IsAway(e) || IsExhausted(e))
        {
            // The other idle connections are as dead as this one.
            if (IsAway(e))
                _readers.Clear();
            throw new Fault(FaultKind.Unavailable, Message.Of($"The database cannot be reached. Please try again."), e.Message) { RetryAfterSeconds = 1 };
        }
        finally
        {
            _places.Release();
        }
    }

    // Class 57P: the server was told to stop, or is starting. Without a state: the connection itself failed.
    private static bool IsAway(NpgsqlException e) => e is not PostgresException { SqlState: var state } || state.StartsWith("57P", StringComparison.Ordinal);

    // Class 53: other processes have all its connections, or its memory or disk is used up.
    private static bool IsExhausted(NpgsqlException e) => e is PostgresException { SqlState: var state } && state.StartsWith("53", StringComparison.Ordinal);

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlDataSource Source(string connectionString, int connections, string options) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString)
        {
            Options = options,
            ApplicationName = "nova-host",
            Timeout = 5,
            MaxPoolSize = connections,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
        });
}
