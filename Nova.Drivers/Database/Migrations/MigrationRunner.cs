using System.Globalization;
using Dapper;
using Nova.Modules.Shared;

namespace Nova.Drivers.Database.Migrations;

/// <summary>
/// Applies the files of the schema's history. Everything here can be killed at any point and run again; two processes
/// do not get in each other's way (<see cref="ISchemaOwner.OpenSchema"/> waits for its turn).
/// </summary>
public sealed class MigrationRunner(Nova.Modules.Shared.Database.Database database, IReadOnlyList<Migration> migrations, TimeProvider time)
{
    /// <summary>The most rows that a slice of a backfill touches.</summary>
    public const int SliceRows = 200;

    private readonly ISchemaOwner _owner = (ISchemaOwner)database;

    /// <summary>Called before each statement; a test throws from it to see what a killed process leaves.</summary>
    internal Action<string> BeforeStatement { get; init; } = _ => { };

    /// <summary>The files for this database, in order.</summary>
    public IReadOnlyList<Migration> Files { get; } = [.. migrations.Where(m => m.Dialect is null || m.Dialect == database.Dialect.Name)];

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Applies every expand file that is not there yet, each in a transaction with its version row.</summary>
    /// <returns>How many were applied.</returns>
    /// <exception cref="DatabaseProblem">The schema is newer than this release, or an applied file has changed.</exception>
    public Task<int> Expand(CancellationToken ct) => Apply("expand", _ => { }, ct);

    /// <summary>Runs every backfill to its end, slice by slice; goes on where an earlier run stopped.</summary>
    /// <returns>How many slices were run.</returns>
    public async Task<int> Backfill(CancellationToken ct)
    {
        await using var connection = await _owner.OpenSchema(ct);
        var history = await Open(connection);
        var applied = (await history.Rows()).ToDictionary(r => r.Version);
        var slices = 0;
        foreach (var file in Files.Where(f => f.Phase == "backfill"))
        {
            var row = applied.GetValueOrDefault(file.Version);
            if (row?.FinishedAt is not null)
                continue;
            if (row is null)
                await history.Add(file, Level.Own.Schema, Now, finishedAt: null);

            var cursor = row?.Cursor;
            do
            {
                ct.ThrowIfCancellationRequested();
                cursor = await RunSlice(file, cursor, ct);
                slices++;
            }
            while (cursor is not null);
        }

        return slices;
    }

    /// <summary>Applies every contract file that is not there yet.</summary>
    /// <returns>How many were applied.</returns>
    /// <exception cref="DatabaseProblem">An older release still runs, or a backfill is not complete: nothing was changed.</exception>
    public async Task<int> Contract(CancellationToken ct)
    {
        var cloud = await Levels.Read(database, Level.Own, ct);
        if (cloud.Schema < Level.Own.Schema)
            throw DatabaseProblem.OlderReleaseRuns(cloud.Schema, Level.Own.Schema);

        return await Apply("contract", applied => RefuseUnfinished(applied), ct);
    }

    private async Task<int> Apply(string phase, Action<IReadOnlyList<AppliedMigration>> check, CancellationToken ct)
    {
        await using var connection = await _owner.OpenSchema(ct);
        var history = await Open(connection);
        var applied = await history.Rows();
        check(applied);
        var count = 0;
        foreach (var file in Files.Where(f => f.Phase == phase))
        {
            ct.ThrowIfCancellationRequested();
            var row = applied.FirstOrDefault(r => r.Version == file.Version);
            if (row?.FinishedAt is not null)
                continue;

            await (file switch
            {
                { HasTransaction: false } => RunOutside(connection, history, file, row),
                { Rebuild: { } table } => RunRebuild(connection, history, file, table),
                _ => RunInside(connection, history, file),
            });
            count++;
        }

        return count;
    }

    private async Task<SchemaHistory> Open(SchemaConnection connection)
    {
        var history = new SchemaHistory(connection);
        await history.Prepare();
        SchemaCheck.Refuse(Files, await history.Rows());
        return history;
    }

    private void RefuseUnfinished(IReadOnlyList<AppliedMigration> applied)
    {
        var unfinished = Files.FirstOrDefault(f => f.Phase is "expand" or "backfill" && !applied.Any(r => r.Version == f.Version && r.FinishedAt is not null));
        if (unfinished is not null)
            throw DatabaseProblem.Unfinished(unfinished);
    }

    private async Task RunInside(SchemaConnection connection, SchemaHistory history, Migration file)
    {
        await connection.Execute(connection.Dialect.Name == "sqlite" ? "BEGIN IMMEDIATE" : "BEGIN");
        foreach (var statement in file.Statements(connection.Dialect.Name))
            await Run(connection, statement);
        await history.Add(file, Level.Own.Schema, Now, Now);
        await Run(connection, "COMMIT");
    }

    private async Task RunOutside(SchemaConnection connection, SchemaHistory history, Migration file, AppliedMigration? row)
    {
        if (row is null)
            await history.Add(file, Level.Own.Schema, Now, finishedAt: null);

        var done = int.Parse(row?.Cursor ?? "0", CultureInfo.InvariantCulture);
        foreach (var statement in file.Statements(connection.Dialect.Name).Skip(done))
        {
            await Run(connection, statement);
            await history.Move(file.Version, (++done).ToString(CultureInfo.InvariantCulture), finishedAt: null);
        }

        await history.Move(file.Version, cursor: null, Now);
    }

    // https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes".
    private async Task RunRebuild(SchemaConnection connection, SchemaHistory history, Migration file, string table)
    {
        var statements = file.Statements(connection.Dialect.Name).ToLookup(IsIndex);
        await Run(connection, "PRAGMA foreign_keys = OFF");
        await connection.Execute("BEGIN IMMEDIATE");
        foreach (var statement in (string[])[.. statements[false], $"DROP TABLE {table}", $"ALTER TABLE new_{table} RENAME TO {table}", .. statements[true]])
            await Run(connection, statement);

        if ((await connection.Query<string>("SELECT \"table\" || ' row ' || COALESCE(rowid, '?') || ' to ' || parent FROM pragma_foreign_key_check")) is [var first, ..])
            throw new InvalidOperationException($"The migration {file.Version:D4}_{file.Name} would break a foreign key: {first}. It was not applied.");

        await history.Add(file, Level.Own.Schema, Now, Now);
        await Run(connection, "COMMIT");
        await connection.Execute("PRAGMA foreign_keys = ON");
    }

    private async Task Run(SchemaConnection connection, string statement)
    {
        BeforeStatement(statement);
        await connection.Execute(statement);
    }

    private static bool IsIndex(string statement) =>
        statement.StartsWith("CREATE INDEX", StringComparison.Ordinal) || statement.StartsWith("CREATE UNIQUE INDEX", StringComparison.Ordinal);

    // A slice is an ordinary unit of the group writer: it stands in line with the servers that are being created.
    private Task<string?> RunSlice(Migration file, string? cursor, CancellationToken ct)
    {
        var (table, key, type) = file.Slice!.Value;
        var range = new DynamicParameters();
        range.Add("from", Key(cursor, type));
        return database.Write(
            tx =>
            {
                var keys = type switch
                {
                    "uuid" => tx.Query<Guid>(Next(), range).Select(k => (object)k).ToList(),
                    "bigint" => [.. tx.Query<long>(Next(), range).Select(k => (object)k)],
                    _ => [.. tx.Query<string>(Next(), range)],
                };
                if (keys.Count > 0)
                    range.Add("to", keys[^1]);
                foreach (var statement in keys.Count == 0 ? [] : file.Statements(tx.Dialect.Name))
                {
                    BeforeStatement(statement);
                    tx.Execute(statement, range);
                }

                var next = keys.Count < SliceRows ? null : Convert.ToString(keys[^1], CultureInfo.InvariantCulture);
                tx.Execute(
                    "UPDATE schema_versions SET cursor = @next, finished_at = @end WHERE version = @Version",
                    new { next, end = next is null ? Now : (long?)null, file.Version });
                return next;
            },
            ct);

        string Next() => $"SELECT {key} FROM {table} WHERE {key} > @from ORDER BY {key} LIMIT {SliceRows}";
    }

    // Before the first row: no key of ours is the nil UUID or empty.
    private static object Key(string? cursor, string type) => type switch
    {
        "uuid" => cursor is null ? Guid.Empty : Guid.Parse(cursor, CultureInfo.InvariantCulture),
        "bigint" => cursor is null ? long.MinValue : long.Parse(cursor, CultureInfo.InvariantCulture),
        _ => cursor ?? "",
    };
}
