namespace Nova.Drivers.Database.Migrations;

/// <summary>The table <c>schema_versions</c>: which files were applied, and how far those that go step by step have come.</summary>
internal sealed class SchemaHistory(SchemaConnection connection)
{
    public const string SelectAll =
        "SELECT version, name, phase, checksum, level, cursor, applied_at, finished_at FROM schema_versions ORDER BY version";

    /// <summary>Makes the table when it is not there.</summary>
    public Task Prepare() => connection.Execute(
        """
        CREATE TABLE IF NOT EXISTS schema_versions (
            version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, phase TEXT NOT NULL, checksum TEXT NOT NULL,
            level INTEGER NOT NULL, cursor TEXT, applied_at BIGINT NOT NULL, finished_at BIGINT)
        """);

    /// <summary>The rows, in order.</summary>
    public Task<IReadOnlyList<AppliedMigration>> Rows() => connection.Query<AppliedMigration>(SelectAll);

    /// <summary>Notes that a file was begun, or (with <paramref name="finishedAt"/>) applied in one go.</summary>
    public Task Add(Migration migration, int level, long now, long? finishedAt) => connection.Execute(
        """
        INSERT INTO schema_versions (version, name, phase, checksum, level, cursor, applied_at, finished_at)
        VALUES (@Version, @Name, @Phase, @Checksum, @level, NULL, @now, @finishedAt)
        """,
        new { migration.Version, migration.Name, migration.Phase, migration.Checksum, level, now, finishedAt });

    /// <summary>Notes how far a file has come.</summary>
    public Task Move(int version, string? cursor, long? finishedAt) => connection.Execute(
        "UPDATE schema_versions SET cursor = @cursor, finished_at = @finishedAt WHERE version = @version", new { version, cursor, finishedAt });
}

/// <summary>A row of <c>schema_versions</c>.</summary>
/// <param name="Version">The file's number.</param>
/// <param name="Name">The words of its name.</param>
/// <param name="Phase">expand, backfill or contract.</param>
/// <param name="Checksum">SHA-256 of its text.</param>
/// <param name="Level">The schema level of the release that applied it.</param>
/// <param name="Cursor">How far it has come: the last key of a backfill, or the number of statements of a file without transaction.</param>
/// <param name="AppliedAt">When it was begun, in milliseconds since 1970 UTC.</param>
/// <param name="FinishedAt">When it was complete, or null while it is not.</param>
public sealed record AppliedMigration(
    int Version, string Name, string Phase, string Checksum, int Level, string? Cursor, long AppliedAt, long? FinishedAt);
