using System.Globalization;
using Nova.Drivers.Database;
using Nova.Drivers.Database.Postgres;
using Nova.Drivers.Database.Sqlite;
using Nova.Drivers.Database.Writing;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

/// <summary>What callers are told when the database fails, and that nothing acknowledged is lost.</summary>
public class FailureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory, OnSqlite, OnPostgres]
    public async Task A_failed_commit_is_an_unknown_outcome_and_the_next_write_works(string kind)
    {
        await using var home = await WithNotes(kind);
        await home.Database.Write(tx => tx.Execute(FailingCommit(kind)), default);

        await Assert.ThrowsAsync<UnknownOutcomeException>(() => home.Database.Write(tx => tx.Run("INSERT INTO fatal (id) VALUES (99)"), default));

        await home.Database.Write(tx => Insert(tx, 1), default);
        Assert.Equal((0L, 1L), await home.Database.Read(
            async rows => (await rows.Value<long>("SELECT count(*) FROM fatal"), await rows.Value<long>("SELECT count(*) FROM notes")), default));
    }

    [Fact]
    public async Task A_failed_commit_is_unknown_to_every_member_of_the_batch()
    {
        await using var home = await WithNotes("sqlite", new StandingClock());
        await home.Database.Write(tx => tx.Execute(FailingCommit("sqlite")), default);
        using var open = new ManualResetEventSlim();
        var holding = home.Database.Write(_ => open.Wait(Patience), default);

        var members = Enumerable.Range(0, 5).Select(i => home.Database.Write(tx => Insert(tx, i), default)).ToList();
        members.Add(home.Database.Write(tx => tx.Run("INSERT INTO fatal (id) VALUES (99)"), default));
        open.Set();

        foreach (var member in members)
            await Assert.ThrowsAsync<UnknownOutcomeException>(() => member.WaitAsync(Patience));
        await Assert.ThrowsAsync<UnknownOutcomeException>(() => holding);
    }

    [NeedsFact(Need.Postgres)]
    public async Task Units_that_deadlock_are_repeated_until_both_are_durable()
    {
        await using var home = await WithNotes("postgres");
        await home.Database.Write(tx => tx.Execute("INSERT INTO notes (id, text) VALUES (1, ''), (2, '')"), default);
        using var met = new Barrier(2);

        await Task.WhenAll(Change("a", 1, 2), Change("b", 2, 1)).WaitAsync(Patience);

        var texts = await home.Database.Read(rows => rows.Query<string>("SELECT text FROM notes ORDER BY id"), default);
        Assert.All(texts, text => Assert.Equal("ab", string.Concat(text.Order())));

        Task Change(string mark, int first, int second)
        {
            var hasMet = false;
            return home.Database.Write(
                tx =>
                {
                    tx.Run("UPDATE notes SET text = text || $1 WHERE id = $2", mark, first);
                    if (!hasMet)
                        met.SignalAndWait(Patience);
                    hasMet = true;
                    tx.Run("UPDATE notes SET text = text || $1 WHERE id = $2", mark, second);
                },
                default);
        }
    }

    [NeedsFact(Need.Postgres)]
    public async Task While_the_server_is_away_callers_get_503_and_afterwards_everything_acknowledged_is_there()
    {
        using var server = PostgresServer.Start();
        await using var database = new PostgresDatabase(await server.CreateEmpty());
        await database.Write(tx => tx.Execute("CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"), default);
        await database.Write(tx => Insert(tx, 1), default);
        await database.Read(rows => rows.Value<long>("SELECT count(*) FROM notes"), default);

        server.Crash();
        var write = await Assert.ThrowsAsync<Fault>(() => database.Write(tx => Insert(tx, 2), default));
        var read = await Assert.ThrowsAsync<Fault>(() => database.Read(rows => rows.Value<long>("SELECT 1"), default));
        var start = await Assert.ThrowsAsync<DatabaseProblem>(() => database.Check(default));
        server.Restart();

        await database.Write(tx => Insert(tx, 3), default);
        Assert.Equal([1L, 3], await database.Read(rows => rows.Query<long>("SELECT id FROM notes ORDER BY id"), default));
        Assert.Equal((FaultKind.Unavailable, FaultKind.Unavailable, DatabaseProblemKind.Unreachable), (write.Kind, read.Kind, start.Kind));
    }

    [NeedsFact(Need.Postgres)]
    public async Task More_reads_than_connections_wait_and_none_fails()
    {
        const int readers = 3;
        await using var database = new PostgresDatabase(await PostgresServer.Shared.CreateEmpty(), readers: readers);

        var seen = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => database.Read(
            rows => rows.Value<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'nova-host' AND pid <> pg_backend_pid()"), default)));

        Assert.All(seen, others => Assert.InRange(others, 0, readers - 1));
    }

    [NeedsFact(Need.Postgres)]
    public async Task A_database_that_the_server_does_not_have_is_missing()
    {
        await using var database = new PostgresDatabase(PostgresServer.Shared.ConnectionString("nobody_made_me"));

        var problem = await Assert.ThrowsAsync<DatabaseProblem>(() => database.Check(default));

        Assert.Equal(DatabaseProblemKind.MissingDatabase, problem.Kind);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Whatever_was_acknowledged_survives_kill_9_of_the_process(string kind)
    {
        await using var home = await WithNotes(kind);
        if (kind == "sqlite")
            await home.Database.DisposeAsync();

        var acknowledged = new List<long>();
        using (var child = ChildProgram.Start(ChildProgram.WriteNotes, kind, home.Address))
        {
            while (acknowledged.Count < 500 && await child.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
                acknowledged.Add(long.Parse(line, CultureInfo.InvariantCulture));
            if (kind == "sqlite")
            {
                var problem = Assert.Throws<DatabaseProblem>(() => new SqliteDatabase(home.Address));
                Assert.Equal(DatabaseProblemKind.Locked, problem.Kind);
                Assert.Contains($"process {child.Id}.", problem.Message, StringComparison.Ordinal);
            }

            child.Kill();
            foreach (var line in (await child.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                if (long.TryParse(line, CultureInfo.InvariantCulture, out var id))
                    acknowledged.Add(id);
            await child.WaitForExitAsync();
        }

        await using var after = kind == "sqlite" ? (Database)new SqliteDatabase(home.Address) : new PostgresDatabase(home.Address);
        var kept = await after.Read(rows => rows.Query<long>("SELECT id FROM notes"), default);
        Assert.True(acknowledged.Count >= 500, $"{acknowledged.Count} acknowledged");

        // The last line may be cut off: a prefix of a number that was acknowledged.
        Assert.Empty(acknowledged.SkipLast(1).Except(kept));
    }

    [Fact]
    public async Task A_writer_that_dies_fails_everybody_and_says_so()
    {
        using var logs = new LogLines();
        await using var writer = new DyingWriter(logs);

        await Assert.ThrowsAsync<UnknownOutcomeException>(() => writer.Enqueue(_ => 1, default).WaitAsync(Patience));

        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => writer.Enqueue(_ => 1, default))).Kind);
        Assert.Contains("the thread broke", writer.Problem, StringComparison.Ordinal);
        Assert.Contains(logs.Lines, l => l.Contains("nothing can be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_grows_while_a_reader_pins_it_and_starts_again_afterwards()
    {
        await using var home = await WithNotes("sqlite");
        var database = (SqliteDatabase)home.Database;
        var (text, id) = (new string('x', 1 << 20), 0);

        await home.Database.Read(
            async rows =>
            {
                await rows.Value<long>("SELECT count(*) FROM notes");
                while (database.LogRestarts == 0 && id < 600)
                    await Write(1);
                return true;
            },
            default);
        Assert.NotEqual(0, database.LogRestarts);

        // The next checkpoint that is complete lets the log be written from its beginning.
        var restarts = database.LogRestarts;
        while (database.LogRestarts == restarts && id < 1200)
            await Write(1);
        var length = new FileInfo(home.Address + "-wal").Length;
        await Write(30);
        Assert.Equal(length, new FileInfo(home.Address + "-wal").Length);

        async Task Write(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var note = id++;
                await home.Database.Write(tx => tx.Run("INSERT INTO notes (id, text) VALUES ($1, $2)", note, text), default);
            }
        }
    }

    private static string FailingCommit(string kind) => kind == "sqlite"
        ? "CREATE TABLE fatal (id BIGINT NOT NULL REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)"
        : """
          CREATE TABLE fatal (id BIGINT NOT NULL);
          CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
          CREATE CONSTRAINT TRIGGER fatal_die AFTER INSERT ON fatal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()
          """;

    private static void Insert(Tx tx, int id) => tx.Run("INSERT INTO notes (id, text) VALUES ($1, $2)", id, "text");

    private static async Task<TestDatabase> WithNotes(string kind, TimeProvider? time = null)
    {
        var home = await TestDatabases.CreateEmpty(kind, time);
        await home.Database.Write(tx => tx.Execute("CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"), default);
        return home;
    }

    private sealed class DyingWriter : GroupWriter
    {
        public DyingWriter(LogLines logs) : base("dying", TimeSpan.Zero, 4, new OutboxSignal(), TimeProvider.System, logs) =>
            Start(batch => throw new InvalidOperationException("the thread broke"), () => { });
    }
}
