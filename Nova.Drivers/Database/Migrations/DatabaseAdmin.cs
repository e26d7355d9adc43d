using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Migrations;

/// <summary>What <c>nova-host db status|expand|backfill|contract</c> does; the command prints the records.</summary>
public sealed class DatabaseAdmin(Nova.Modules.Shared.Database.Database database, MigrationRunner runner)
{
    /// <summary>Every file with what became of it, and the level of the cloud. Changes nothing.</summary>
    public async Task<DatabaseStatus> Status(CancellationToken ct)
    {
        var applied = await Applied(ct);
        var files = runner.Files.Select(f => Of(f, applied.FirstOrDefault(r => r.Version == f.Version)));
        var unknown = applied.Where(r => !runner.Files.Any(f => f.Version == r.Version)).Select(Unknown);
        var hasMembers = await database.ReadOne(rows => Has(rows, "instances"), ct);
        var cloud = hasMembers ? await Levels.Read(database, Level.Own, ct) : Level.Own;
        return new(database.Dialect.Name, [.. files.Concat(unknown).OrderBy(f => f.Version)], Level.Own.Schema, cloud.Schema);
    }

    /// <summary>Applies the expand files that are missing.</summary>
    public async Task<DatabaseChange> Expand(CancellationToken ct) => new("expand", await runner.Expand(ct), await Status(ct));

    /// <summary>Runs the backfills to their end; <see cref="DatabaseChange.Count"/> is the number of slices.</summary>
    public async Task<DatabaseChange> Backfill(CancellationToken ct) => new("backfill", await runner.Backfill(ct), await Status(ct));

    /// <summary>Applies the contract files that are missing, if no older release lives.</summary>
    public async Task<DatabaseChange> Contract(CancellationToken ct) => new("contract", await runner.Contract(ct), await Status(ct));

    /// <summary>For the start of a process that does not migrate: refuses a schema that this release cannot work with.</summary>
    /// <exception cref="DatabaseProblem">The schema is newer or older, or its history was changed.</exception>
    public async Task RequireSchema(CancellationToken ct)
    {
        var applied = await Applied(ct);
        SchemaCheck.Refuse(runner.Files, applied);
        SchemaCheck.RefuseOlder(runner.Files, applied);
    }

    private Task<IReadOnlyList<AppliedMigration>> Applied(CancellationToken ct) => database.Read(
        async rows => await Has(rows, "schema_versions") ? await rows.Query<AppliedMigration>(SchemaHistory.SelectAll) : [], ct);

    private static Task<bool> Has(Rows rows, string table) => rows.Value<bool>(
        rows.Dialect.Name == "sqlite"
            ? "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = @table)"
            : "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = @table)",
        new { table });

    private static FileStatus Of(Migration file, AppliedMigration? row) => new(
        file.Version, file.Name, file.Phase, file.Description,
        row switch
        {
            null => FileState.Pending,
            _ when row.Checksum != file.Checksum => FileState.Changed,
            { FinishedAt: null } => FileState.Begun,
            _ => FileState.Applied,
        },
        row?.FinishedAt);

    private static FileStatus Unknown(AppliedMigration row) =>
        new(row.Version, row.Name, row.Phase, "of a later release", FileState.Unknown, row.FinishedAt);
}

/// <summary>What became of a file.</summary>
public enum FileState
{
    /// <summary>Not applied yet.</summary>
    Pending,
    /// <summary>Begun and not complete: run the same command again.</summary>
    Begun,
    /// <summary>Complete.</summary>
    Applied,
    /// <summary>Applied with another text than this release has.</summary>
    Changed,
    /// <summary>Applied by a release that knows more than this one.</summary>
    Unknown,
}

/// <summary>A file of the schema's history.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Name">The words of its name.</param>
/// <param name="Phase">expand, backfill or contract.</param>
/// <param name="Description">One line for people.</param>
/// <param name="State">What became of it.</param>
/// <param name="FinishedAt">When it was complete, in milliseconds since 1970 UTC, or null.</param>
public sealed record FileStatus(int Version, string Name, string Phase, string Description, FileState State, long? FinishedAt);

/// <summary>The state of a database.</summary>
/// <param name="Dialect">sqlite or postgres.</param>
/// <param name="Files">In order.</param>
/// <param name="OwnLevel">The schema level of this release.</param>
/// <param name="CloudLevel">The lowest level that still runs.</param>
public sealed record DatabaseStatus(string Dialect, IReadOnlyList<FileStatus> Files, int OwnLevel, int CloudLevel)
{
    /// <summary>True when a phase has nothing left to do.</summary>
    public bool IsComplete(string phase) => Files.All(f => f.Phase != phase || f.State is FileState.Applied or FileState.Unknown);
}

/// <summary>What a command did.</summary>
/// <param name="Phase">expand, backfill or contract.</param>
/// <param name="Count">Files applied, or slices run.</param>
/// <param name="After">The state now.</param>
public sealed record DatabaseChange(string Phase, int Count, DatabaseStatus After);
