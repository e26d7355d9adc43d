using System.CommandLine;
using Nova.Drivers.Database.Migrations;
using Nova.Drivers.Database.Postgres;
using Nova.Drivers.Database.Sqlite;
using Nova.Host.Configuration;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary><c>nova-host db …</c>: the schema's history and its oldest rows. The only commands that open the database themselves.</summary>
internal static class DatabaseCommand
{
    public static Command Create(SettingOptions options)
    {
        var db = new Command("db", "The database: what was applied to its schema, what is to do, and what may go.");
        db.Add(Phase(options, "status", "Lists the files of the schema's history, and what became of each.", mustExist: true, (_, _) => Task.FromResult<DatabaseChange?>(null)));
        db.Add(Phase(options, "expand", "Adds what this release needs; the previous release goes on working.", mustExist: false, async (admin, ct) => await admin.Expand(ct)));
        db.Add(Phase(options, "backfill", "Fills what was added, in slices; can be interrupted and run again.", mustExist: true, async (admin, ct) => await admin.Backfill(ct)));
        db.Add(Phase(options, "contract", "Removes what no living release uses; refuses while an older one lives.", mustExist: true, async (admin, ct) => await admin.Contract(ct)));
        db.Add(DatabasePurgeCommand.Create(options, settings => Open(settings, mustExist: true)));
        return db;
    }

    private static Command Phase(SettingOptions options, string name, string description, bool mustExist, Func<DatabaseAdmin, CancellationToken, Task<DatabaseChange?>> work)
    {
        var command = new Command(name, description);
        command.SetAction(async (line, ct) =>
        {
            await using var database = Open(options.Bind(line), mustExist);
            var admin = new DatabaseAdmin(database, new MigrationRunner(database, Migration.In(typeof(NovaApp).Assembly), TimeProvider.System));
            var change = await work(admin, ct);
            Print(line.InvocationConfiguration.Output, change, change?.After ?? await admin.Status(ct));
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Database Open(BoundSettings settings, bool mustExist)
    {
        var database = settings.Get<DatabaseSettings>();
        if (database.Kind == DatabaseKind.Postgres)
            return new PostgresDatabase(database.Connection!.Value.Reveal);

        var data = settings.Get<ServerSettings>().Data;
        return new SqliteDatabase(Path.Combine(mustExist ? Path.GetFullPath(data) : DataDirectory.Prepare(data), "nova.db"), mustExist: mustExist);
    }

    private static void Print(TextWriter output, DatabaseChange? change, DatabaseStatus status)
    {
        foreach (var file in status.Files)
            output.WriteLine($"{file.Version:D4}  {file.Phase,-8}  {file.State.ToString().ToLowerInvariant(),-8}  {Time(file.FinishedAt),-20}  {file.Description}");
        output.WriteLine($"{status.Dialect}; schema level {status.OwnLevel} of this release, {status.CloudLevel} of the cloud");
        if (change is not null)
            output.WriteLine($"{change.Phase}: {(change.Count == 0 ? "nothing was left to do" : $"{change.Count} done")}");
    }

    private static string Time(long? milliseconds) =>
        milliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture) : "-";
}
