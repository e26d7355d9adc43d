using System.Reflection;
using Microsoft.Extensions.Logging;
using Nova.Drivers.Database.Migrations;
using Nova.Drivers.Database.Postgres;
using Nova.Drivers.Database.Sqlite;
using Nova.Host;
using Xunit.Sdk;

namespace Nova.Tests.Support;

/// <summary>Gives a theory the row "sqlite"; with <see cref="EachWire"/> one row for each way in which roles call each other.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnSqliteAttribute : DataAttribute
{
    /// <summary>The theory takes the wire too: "direct" and "grpc".</summary>
    public bool EachWire { get; set; }

    /// <inheritdoc />
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => TestDatabases.Rows("sqlite", EachWire);
}

/// <summary>Gives a theory the row "postgres", which is skipped with the reason where PostgreSQL is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnPostgresAttribute : DataAttribute
{
    /// <summary>Looks whether PostgreSQL is there.</summary>
    public OnPostgresAttribute() => Skip = Machine.ReasonToSkip(Need.Postgres);

    /// <summary>The theory takes the wire too: "direct" and "grpc".</summary>
    public bool EachWire { get; set; }

    /// <inheritdoc />
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => TestDatabases.Rows("postgres", EachWire);
}

/// <summary>Fresh databases for tests: <c>[Theory, OnSqlite, OnPostgres] … (string kind)</c>, then <see cref="Create"/>.</summary>
public static class TestDatabases
{
    /// <summary>Both kinds, for <c>[NeedsTheory(Need.Postgres), MemberData(…)]</c>.</summary>
    public static TheoryData<string> Both => ["sqlite", "postgres"];

    /// <summary>The rows of a theory over databases, and over wires if it wants them.</summary>
    public static IEnumerable<object[]> Rows(string kind, bool eachWire) => eachWire ? [[kind, "direct"], [kind, "grpc"]] : [[kind]];

    /// <summary>A database with the whole schema, of its own for this test; removed when disposed.</summary>
    public static Task<TestDatabase> Create(string kind, TimeProvider? time = null, ILoggerFactory? loggers = null, int queueLimit = 4096) =>
        Create(kind, isMigrated: true, time, loggers, queueLimit);

    /// <summary>The same without any table.</summary>
    public static Task<TestDatabase> CreateEmpty(string kind, TimeProvider? time = null, ILoggerFactory? loggers = null, int queueLimit = 4096) =>
        Create(kind, isMigrated: false, time, loggers, queueLimit);

    private static async Task<TestDatabase> Create(string kind, bool isMigrated, TimeProvider? time, ILoggerFactory? loggers, int queueLimit)
    {
        if (kind == "postgres")
        {
            var address = isMigrated ? await PostgresServer.Shared.CreateMigrated() : await PostgresServer.Shared.CreateEmpty();
            return new(
                new PostgresDatabase(address, writers: 2, queueLimit: queueLimit, logger: loggers?.CreateLogger<PostgresDatabase>(), time: time),
                address,
                () => PostgresServer.Shared.Drop(address));
        }

        var directory = Directory.CreateTempSubdirectory("nova-db-").FullName;
        var path = Path.Combine(directory, "nova.db");
        var database = new SqliteDatabase(path, queueLimit, loggers?.CreateLogger<SqliteDatabase>(), time);
        if (isMigrated)
            await new MigrationRunner(database, Migration.In(typeof(NovaApp).Assembly), TimeProvider.System).Expand(CancellationToken.None);
        return new(database, path, () =>
        {
            Directory.Delete(directory, recursive: true);
            return Task.CompletedTask;
        });
    }
}

/// <summary>A database of one test.</summary>
/// <param name="database">Open.</param>
/// <param name="address">The path of the SQLite file, or the connection string.</param>
/// <param name="remove">Removes what is on disk.</param>
public sealed class TestDatabase(Nova.Modules.Shared.Database.Database database, string address, Func<Task> remove) : IAsyncDisposable
{
    /// <summary>The database.</summary>
    public Nova.Modules.Shared.Database.Database Database => database;

    /// <summary>The path of the SQLite file, or the connection string.</summary>
    public string Address => address;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await remove();
    }
}
