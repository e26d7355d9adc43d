using Nova.Drivers.Database;
using Nova.Drivers.Database.Migrations;
using Nova.Host;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

public class MigrationTests
{
    private static readonly IReadOnlyList<Migration> Real = Migration.In(typeof(NovaApp).Assembly);

    [Theory, OnSqlite, OnPostgres]
    public async Task The_whole_schema_is_as_written_down(string kind)
    {
        await using var home = await TestDatabases.Create(kind);

        Snapshot.Compare(
            $"migrations/schema.{kind}.sql",
            $"-- The whole schema on {kind}, generated from the files beside it (UPDATE_SNAPSHOTS=1 ./test.sh MigrationTests).\n{await SchemaText.Of(home.Database)}");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_second_run_changes_nothing(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var before = await SchemaText.Of(home.Database);

        Assert.Equal(0, await Runner(home, Real).Expand(default));

        Assert.Equal(before, await SchemaText.Of(home.Database));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Killed_at_any_statement_and_run_again_it_ends_with_the_whole_schema(string kind)
    {
        await using var whole = await TestDatabases.Create(kind);
        var expected = await SchemaText.Of(whole.Database);
        await using var home = await TestDatabases.CreateEmpty(kind);

        // Each run gets one statement further into a file than the one before and dies; what it leaves is what the next one finds.
        var (kills, next, applied) = (0, 0L, 0L);
        while (await Dies(home, Real, afterStatements: (int)next, r => r.Expand(default)))
        {
            kills++;
            var files = await home.Database.Read(rows => rows.Value<long>("SELECT count(*) FROM schema_versions"), default);
            (next, applied) = (files > applied ? 1 : next + 1, files);
        }

        Assert.Equal(Runner(home, Real).Files.Where(f => f.Phase == "expand").Sum(f => f.Statements(kind).Count + 1), kills);
        Assert.Equal(expected, await SchemaText.Of(home.Database));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Two_at_once_apply_each_file_once(string kind)
    {
        await using var home = await TestDatabases.CreateEmpty(kind);

        var counts = await Task.WhenAll(Runner(home, Real).Expand(default), Runner(home, Real).Expand(default));

        Assert.Equal(Runner(home, Real).Files.Count(f => f.Phase == "expand"), counts.Sum());
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_changed_file_is_refused(string kind)
    {
        await using var home = await TestDatabases.CreateEmpty(kind);
        await Runner(home, [Migration.Parse("0001_a.expand.sql", "CREATE TABLE a (id BIGINT)")]).Expand(default);
        var changed = Runner(home, [Migration.Parse("0001_a.expand.sql", "CREATE TABLE a (id BIGINT, b BIGINT)")]);

        var problem = await Assert.ThrowsAsync<DatabaseProblem>(() => changed.Expand(default));

        Assert.Equal((DatabaseProblemKind.ChangedHistory, 30), (problem.Kind, problem.ExitCode));
        Assert.Equal(FileState.Changed, (await new DatabaseAdmin(home.Database, changed).Status(default)).Files[0].State);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_schema_is_newer_after_a_contract_that_is_unknown_here_or_two_levels_up_and_not_after_the_next_expand(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var admin = new DatabaseAdmin(home.Database, Runner(home, Real));
        await Insert(home, 9001, "expand", Level.Own.Schema + 1);
        await admin.RequireSchema(default);

        await Insert(home, 9002, "contract", Level.Own.Schema + 1);
        Assert.Equal(DatabaseProblemKind.NewerSchema, (await Assert.ThrowsAsync<DatabaseProblem>(() => admin.RequireSchema(default))).Kind);

        await home.Database.Write(tx => tx.Execute("DELETE FROM schema_versions WHERE version = 9002"), default);
        await Insert(home, 9003, "expand", Level.Own.Schema + 2);
        Assert.Equal(DatabaseProblemKind.NewerSchema, (await Assert.ThrowsAsync<DatabaseProblem>(() => admin.Expand(default))).Kind);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_schema_that_lacks_files_is_older(string kind)
    {
        await using var home = await TestDatabases.CreateEmpty(kind);
        var admin = new DatabaseAdmin(home.Database, Runner(home, Real));

        var problem = await Assert.ThrowsAsync<DatabaseProblem>(() => admin.RequireSchema(default));

        Assert.Equal(DatabaseProblemKind.OlderSchema, problem.Kind);
        Assert.Contains("nova-host db expand", problem.Advice, StringComparison.Ordinal);
        Assert.False((await admin.Status(default)).IsComplete("expand"));
        Assert.True((await admin.Expand(default)).After.IsComplete("expand"));
        await admin.RequireSchema(default);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_backfill_goes_in_slices_of_200_and_on_where_it_was_killed(string kind)
    {
        await using var home = await TestDatabases.CreateEmpty(kind);
        IReadOnlyList<Migration> files =
        [
            Migration.Parse("0001_a.expand.sql", "CREATE TABLE a (id {{uuid}} NOT NULL PRIMARY KEY, n BIGINT NOT NULL, turns BIGINT NOT NULL)"),
            Migration.Parse("0002_a.backfill.sql", "-- slice: a.id uuid\nUPDATE a SET turns = turns + 1 WHERE id > @from AND id <= @to"),
        ];
        await Runner(home, files).Expand(default);
        await home.Database.Write(
            tx =>
            {
                for (var i = 1; i <= 450; i++)
                    tx.Run("INSERT INTO a (id, n, turns) VALUES ($1, $2, 0)", new Guid(i, 0, 0, new byte[8]), i);
            },
            default);

        var runs = 0;
        while (await Dies(home, files, afterStatements: 1, r => r.Backfill(default)))
            runs++;

        Assert.Equal(2, runs);
        Assert.Equal([1L], await home.Database.Read(rows => rows.Query<long>("SELECT DISTINCT turns FROM a"), default));
        Assert.Equal(0, await Runner(home, files).Backfill(default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Contract_waits_for_backfills_and_for_older_releases(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        IReadOnlyList<Migration> files =
        [
            .. Real,
            Migration.Parse("9001_b.expand.sql", "CREATE TABLE b (id BIGINT NOT NULL PRIMARY KEY, old BIGINT)"),
            Migration.Parse("9002_b.backfill.sql", "-- slice: b.id bigint\nUPDATE b SET old = NULL WHERE id > @from AND id <= @to"),
            Migration.Parse("9003_b.contract.sql", "ALTER TABLE b RENAME COLUMN old TO gone"),
        ];
        var admin = new DatabaseAdmin(home.Database, Runner(home, files));
        await admin.Expand(default);
        await admin.Backfill(default);

        await home.Database.Write(tx => tx.Execute(
            """
            INSERT INTO instances (id, incarnation, counter, address, release, wire_level, schema_level, started_at)
            VALUES (@id, @id, 1, '', '0.0.9', 0, 0, 0)
            """, new { id = Guid.Empty }), default);
        Assert.Equal(0, (await admin.Status(default)).CloudLevel);
        Assert.Equal(DatabaseProblemKind.NotYet, (await Assert.ThrowsAsync<DatabaseProblem>(() => admin.Contract(default))).Kind);

        await home.Database.Write(tx => tx.Execute("DELETE FROM instances"), default);
        await home.Database.Write(tx => tx.Execute("UPDATE schema_versions SET finished_at = NULL WHERE version = 9002"), default);
        Assert.Contains("backfill", (await Assert.ThrowsAsync<DatabaseProblem>(() => admin.Contract(default))).Message, StringComparison.Ordinal);

        await admin.Backfill(default);
        Assert.Equal(1, (await admin.Contract(default)).Count);
        Assert.True((await admin.Status(default)).IsComplete("contract"));
    }

    [NeedsFact(Need.Postgres)]
    public async Task A_file_without_transaction_goes_on_at_the_statement_where_it_was_killed()
    {
        await using var home = await TestDatabases.CreateEmpty("postgres");
        IReadOnlyList<Migration> files =
        [
            Migration.Parse("0001_a.expand.sql", "CREATE TABLE a (id BIGINT, n BIGINT)"),
            Migration.Parse("0002_a.expand.postgres.sql", "-- transaction: none\nCREATE INDEX CONCURRENTLY a1 ON a (id); CREATE INDEX CONCURRENTLY a2 ON a (n);"),
        ];
        Assert.True(await Dies(home, files, afterStatements: 3, r => r.Expand(default)));
        Assert.Equal(FileState.Begun, (await new DatabaseAdmin(home.Database, Runner(home, files)).Status(default)).Files[1].State);

        Assert.Equal(1, await Runner(home, files).Expand(default));

        Assert.Equal(["a1", "a2"], await home.Database.Read(rows => rows.Query<string>("SELECT indexname FROM pg_indexes WHERE tablename = 'a' ORDER BY 1"), default));
    }

    [Fact]
    public async Task A_rebuild_keeps_rows_indexes_and_references_wherever_it_is_killed()
    {
        await using var home = await TestDatabases.CreateEmpty("sqlite");
        Migration[] files =
        [
            Migration.Parse("0001_p.expand.sql", "CREATE TABLE p (id BIGINT NOT NULL PRIMARY KEY, n BIGINT); CREATE TABLE c (p BIGINT REFERENCES p (id) ON DELETE CASCADE); CREATE INDEX p_n ON p (n)"),
            Migration.Parse("0002_p.expand.sqlite.sql",
                """
                -- rebuild: p
                CREATE TABLE new_p (id BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0 CHECK (n >= 0));
                INSERT INTO new_p (id, n) SELECT id, COALESCE(n, 0) FROM p;
                CREATE INDEX p_n ON p (n);
                """),
        ];
        await Runner(home, files[..1]).Expand(default);
        await home.Database.Write(tx => tx.Execute("INSERT INTO p (id, n) VALUES (1, NULL), (2, 5); INSERT INTO c (p) VALUES (1), (2)"), default);

        var runs = 0;
        while (await Dies(home, files, afterStatements: runs, r => r.Expand(default)))
            runs++;

        Assert.Equal(7, runs);
        Assert.Equal([0L, 5], await home.Database.Read(rows => rows.Query<long>("SELECT n FROM p ORDER BY id"), default));
        Assert.Equal(2, await home.Database.Read(rows => rows.Value<long>("SELECT count(*) FROM c"), default));
        Assert.Contains("CREATE INDEX p_n", await SchemaText.Of(home.Database), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rebuild_that_would_break_a_reference_changes_nothing()
    {
        await using var home = await TestDatabases.CreateEmpty("sqlite");
        Migration[] files =
        [
            Migration.Parse("0001_p.expand.sql", "CREATE TABLE p (id BIGINT NOT NULL PRIMARY KEY); CREATE TABLE c (p BIGINT REFERENCES p (id))"),
            Migration.Parse("0002_p.expand.sqlite.sql", "-- rebuild: p\nCREATE TABLE new_p (id BIGINT NOT NULL PRIMARY KEY)"),
        ];
        await Runner(home, files[..1]).Expand(default);
        await home.Database.Write(tx => tx.Execute("INSERT INTO p (id) VALUES (1); INSERT INTO c (p) VALUES (1)"), default);

        var problem = await Assert.ThrowsAsync<InvalidOperationException>(() => Runner(home, files).Expand(default));

        Assert.Contains("foreign key", problem.Message, StringComparison.Ordinal);
        Assert.Equal(1, await home.Database.Read(rows => rows.Value<long>("SELECT count(*) FROM p"), default));
    }

    [Theory]
    [InlineData("1_a.expand.sql", "SELECT 1")]
    [InlineData("0001_a.backfill.sql", "SELECT 1")]
    [InlineData("0001_a.expand.sql", "-- rebuild: a\nSELECT 1")]
    public void A_file_that_says_too_little_is_refused(string name, string sql) =>
        Assert.Throws<FormatException>(() => Migration.Parse(name, sql));

    [Fact]
    public void A_script_is_cut_at_semicolons_outside_quotes_comments_and_bodies() =>
        Assert.Equal(
            ["SELECT ';', \"a;b\"", "DO $$ BEGIN; END $$", "SELECT 2"],
            SqlScript.Statements("-- a; b\nSELECT ';', \"a;b\"; /* ; */ DO $$ BEGIN; END $$;;\nSELECT 2 -- end;", "sqlite"));

    private static MigrationRunner Runner(TestDatabase home, IReadOnlyList<Migration> files) => new(home.Database, files, TimeProvider.System);

    private static Task Insert(TestDatabase home, int version, string phase, int level) => home.Database.Write(
        tx => tx.Execute(
            "INSERT INTO schema_versions (version, name, phase, checksum, level, applied_at, finished_at) VALUES (@version, 'x', @phase, 'x', @level, 0, 0)",
            new { version, phase, level }),
        default);

    private static async Task<bool> Dies(TestDatabase home, IReadOnlyList<Migration> files, int afterStatements, Func<MigrationRunner, Task<int>> run)
    {
        var left = afterStatements;
        var runner = new MigrationRunner(home.Database, files, TimeProvider.System)
        {
            BeforeStatement = _ =>
            {
                if (left-- == 0)
                    throw new OperationCanceledException("killed");
            },
        };
        try
        {
            await run(runner);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
