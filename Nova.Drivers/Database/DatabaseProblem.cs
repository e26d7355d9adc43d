using Nova.Drivers.Database.Migrations;

namespace Nova.Drivers.Database;

/// <summary>Why a database cannot be used. The number is the exit code of the command line (docs/storage.md).</summary>
public enum DatabaseProblemKind
{
    /// <summary>Any other reason, worded by the database itself.</summary>
    Unusable = 20,
    /// <summary>The directory of the SQLite file does not exist.</summary>
    MissingDirectory = 21,
    /// <summary>There is no database where one is expected.</summary>
    MissingDatabase = 22,
    /// <summary>A later release has changed the schema beyond what this one can work with.</summary>
    NewerSchema = 23,
    /// <summary>Files of this release have not been applied yet.</summary>
    OlderSchema = 24,
    /// <summary>The file is not a database, or parts of it are missing.</summary>
    Damaged = 25,
    /// <summary>No space is left.</summary>
    DiskFull = 26,
    /// <summary>The file or its directory may not be written.</summary>
    ReadOnly = 27,
    /// <summary>Another process holds the file.</summary>
    Locked = 28,
    /// <summary>The PostgreSQL server does not answer, or refuses the credentials.</summary>
    Unreachable = 29,
    /// <summary>A file of the schema's history differs from the one that was applied.</summary>
    ChangedHistory = 30,
    /// <summary>An older release still runs, or a backfill is not complete.</summary>
    NotYet = 31,
}

/// <summary>A database that cannot be used: what is wrong, and what the operator can do. Nothing was changed.</summary>
/// <param name="kind">What kind of problem; also the exit code.</param>
/// <param name="message">One sentence that says what is wrong, with the path or address.</param>
/// <param name="advice">One or two sentences that say what to do.</param>
/// <param name="inner">What the library or the system said, if anything.</param>
public sealed class DatabaseProblem(DatabaseProblemKind kind, string message, string advice, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of problem.</summary>
    public DatabaseProblemKind Kind => kind;

    /// <summary>What to do.</summary>
    public string Advice => advice;

    /// <summary>The exit code of the command line.</summary>
    public int ExitCode => (int)kind;

    internal static DatabaseProblem MissingDirectory(string directory) => new(
        DatabaseProblemKind.MissingDirectory, $"The directory {directory} does not exist.", "Create it, or name another one with --data.");

    internal static DatabaseProblem MissingDatabase(string path) => new(
        DatabaseProblemKind.MissingDatabase, $"There is no database at {path}.", "Check --data or --connection. To make a new one: on SQLite run nova-host db expand; on PostgreSQL run createdb first.");

    internal static DatabaseProblem Damaged(string path, string what, Exception? inner) => new(
        DatabaseProblemKind.Damaged, $"The database {path} is damaged: {what}.",
        "Stop every process that uses it, copy the file together with its -wal file away, and restore a backup.", inner);

    internal static DatabaseProblem DiskFull(string path, Exception inner) => new(
        DatabaseProblemKind.DiskFull, $"No space is left for the database {path}.", "Free some space on that file system and start again; what was committed is kept.", inner);

    internal static DatabaseProblem ReadOnly(string path, Exception inner) => new(
        DatabaseProblemKind.ReadOnly, $"{path} cannot be opened for writing ({inner.Message.TrimEnd('.')}).",
        "Give the user of this process the right to write the file and its directory, or name another directory with --data.", inner);

    internal static DatabaseProblem Locked(string directory, string holder) => new(
        DatabaseProblemKind.Locked, $"The database in {directory} is in use by the process {holder}.",
        "Only one process may hold a SQLite database. Stop that process, or use the commands that talk to the running service.");

    internal static DatabaseProblem Unusable(string path, string what, Exception? inner) => new(
        DatabaseProblemKind.Unusable, $"The database {path} cannot be used: {what.TrimEnd('.')}.", "Look at the reason and start again.", inner);

    internal static DatabaseProblem Unreachable(string address, Exception inner) => new(
        DatabaseProblemKind.Unreachable, $"The database server at {address} cannot be used: {inner.Message.TrimEnd('.')}.",
        "Check that it runs, and that address, database, user and password of --connection are right.", inner);

    internal static DatabaseProblem NewerSchema(AppliedMigration row) => new(
        DatabaseProblemKind.NewerSchema, $"The database was changed by a later release ({row.Version:D4}_{row.Name}.{row.Phase}).",
        "Run that release or a later one. To go back to this one, restore a backup from before the upgrade.");

    internal static DatabaseProblem OlderSchema(IReadOnlyList<Migration> missing) => new(
        DatabaseProblemKind.OlderSchema, $"The database lacks {missing.Count} file(s) of this release, first {missing[0].Version:D4}_{missing[0].Name}.",
        "Run: nova-host db expand. The previous release goes on working with the result.");

    internal static DatabaseProblem ChangedHistory(AppliedMigration row) => new(
        DatabaseProblemKind.ChangedHistory, $"The file {row.Version:D4}_{row.Name}.{row.Phase} differs from the one that was applied to this database.",
        "A file that was applied is never changed: use an unmodified release, or put the change into a file of its own.");

    internal static DatabaseProblem OlderReleaseRuns(int level, int own) => new(
        DatabaseProblemKind.NotYet, $"A service of an older release is still registered (schema level {level}, this release has {own}).",
        "Upgrade or remove every older service, then run: nova-host db contract again.");

    internal static DatabaseProblem Unfinished(Migration file) => new(
        DatabaseProblemKind.NotYet, $"The {file.Phase} file {file.Version:D4}_{file.Name} is not complete.",
        $"Run: nova-host db {file.Phase}, then nova-host db contract again.");
}
