using System.Diagnostics;
using System.Globalization;
using Nova.Drivers.Database.Postgres;
using Nova.Drivers.Database.Sqlite;

namespace Nova.Tests.Support;

/// <summary>What the test assembly does when it is started as a program: the part of a test that gets killed.</summary>
public static class ChildProgram
{
    /// <summary>Runs this assembly as a child, with its output redirected. The caller ends it.</summary>
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(ChildProgram).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;

    /// <summary>The first argument of a child that calls <see cref="Run"/>; the kind and the address of a database follow.</summary>
    public const string WriteNotes = "write-notes";

    /// <summary>Writes rows for ever, and prints the id of each once it is durable.</summary>
    public static async Task<int> Run(string kind, string address)
    {
        await using Nova.Modules.Shared.Database.Database database = kind == "sqlite" ? new SqliteDatabase(address) : new PostgresDatabase(address);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Write(database, i)));
        return 0;
    }

    private static async Task Write(Nova.Modules.Shared.Database.Database database, int first)
    {
        for (long id = first; ; id += 8)
        {
            var note = id;
            await database.Write(tx => tx.Run("INSERT INTO notes (id, text) VALUES ($1, $2)", note, "text"), CancellationToken.None);
            Console.Out.WriteLine(id.ToString(CultureInfo.InvariantCulture));
        }
    }
}
