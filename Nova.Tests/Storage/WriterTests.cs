using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

/// <summary>The contract of <see cref="Database.Write{T}"/>, the same on both databases.</summary>
public class WriterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory, OnSqlite, OnPostgres]
    public async Task A_failing_unit_fails_alone(string kind)
    {
        await using var home = await WithNotes(kind);
        await Add(home, 0);
        using var gate = new Gate(home.Database, Writers(kind));

        var first = Add(home, 1);
        var failing = home.Database.Write(
            tx =>
            {
                Insert(tx, 2);
                throw Fault.Conflict($"no");
            },
            default);
        var refused = home.Database.Write(tx => Insert(tx, 0), default);
        var last = Add(home, 3);
        gate.Open();

        await Task.WhenAll(first, last).WaitAsync(Patience);
        await Assert.ThrowsAsync<Fault>(() => failing);
        Assert.True(home.Database.Dialect.IsUniqueViolation(await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => refused)));
        Assert.Equal([0L, 1, 3], await Notes(home));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Waiting_units_share_a_commit_of_at_most_128(string kind)
    {
        await using var home = await WithNotes(kind, new StandingClock());
        using var gate = new Gate(home.Database, Writers(kind));
        var before = home.Database.Counters.Commits;

        var units = Enumerable.Range(1, 260).Select(i => Add(home, i)).ToArray();
        gate.Open();

        await Task.WhenAll(units).WaitAsync(Patience);
        // The units that held the writers are members of the first batches.
        Assert.InRange(home.Database.Counters.Commits - before, 3, Writers(kind) + 2);
        Assert.Equal(Enumerable.Range(1, 260).Select(i => (long)i), await Notes(home));
    }

    [Theory, OnSqlite]
    public async Task Units_run_in_the_order_of_their_arrival(string kind)
    {
        await using var home = await WithNotes(kind);
        using var gate = new Gate(home.Database, Writers(kind));
        var order = new List<int>();

        var units = Enumerable.Range(0, 200).Select(i => home.Database.Write(_ => order.Add(i), default)).ToArray();
        gate.Open();

        await Task.WhenAll(units).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 200), order);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_batch_closes_after_10_ms_and_on_postgres_after_20(string kind)
    {
        var clock = new StandingClock();
        await using var home = await WithNotes(kind, clock);
        using var gate = new Gate(home.Database, Writers(kind));
        var before = home.Database.Counters.Commits;

        var units = Enumerable.Range(1, 6).Select(i => home.Database.Write(
            tx =>
            {
                Insert(tx, i);
                clock.Advance(TimeSpan.FromMilliseconds(kind == "sqlite" ? 11 : 21));
            },
            default)).ToArray();
        gate.Open();

        await Task.WhenAll(units).WaitAsync(Patience);
        Assert.True(home.Database.Counters.Commits - before >= (kind == "sqlite" ? 6 : 4), $"{home.Database.Counters.Commits - before} commits");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_caller_who_gave_up_is_dropped_before_the_unit_runs_and_never_after(string kind)
    {
        await using var home = await WithNotes(kind);
        using var gate = new Gate(home.Database, Writers(kind));
        using var before = new CancellationTokenSource();
        using var within = new CancellationTokenSource();

        var dropped = home.Database.Write(tx => Insert(tx, 1), before.Token);
        var kept = home.Database.Write(
            tx =>
            {
                within.Cancel();
                Insert(tx, 2);
            },
            within.Token);
        await before.CancelAsync();
        gate.Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dropped);
        await kept.WaitAsync(Patience);
        Assert.Equal([2L], await Notes(home));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => home.Database.Write(tx => Insert(tx, 3), before.Token));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_full_queue_is_answered_503_at_once(string kind)
    {
        await using var home = await WithNotes(kind, queueLimit: 3);
        using var gate = new Gate(home.Database, Writers(kind));

        var waiting = Enumerable.Range(1, 3).Select(i => Add(home, i)).ToArray();
        var fault = await Assert.ThrowsAsync<Fault>(() => Add(home, 4));
        gate.Open();

        await Task.WhenAll(waiting).WaitAsync(Patience);
        Assert.Equal((FaultKind.Unavailable, 1), (fault.Kind, fault.RetryAfterSeconds));
        Assert.Equal([1L, 2, 3], await Notes(home));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_unit_that_goes_on_after_a_refused_statement_is_not_committed(string kind)
    {
        await using var home = await WithNotes(kind);
        await Add(home, 1);

        await Assert.ThrowsAsync<InvalidOperationException>(() => home.Database.Write(
            tx =>
            {
                tx.Execute("UPDATE notes SET text = 'changed'");
                try
                {
                    Insert(tx, 1);
                }
                catch (System.Data.Common.DbException)
                {
                    return;
                }
            },
            default));

        Assert.Equal("text", await home.Database.Read(rows => rows.Value<string>("SELECT text FROM notes"), default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_was_waiting_at_the_end_is_written_and_what_comes_later_is_503(string kind)
    {
        await using var home = await WithNotes(kind);
        using var gate = new Gate(home.Database, Writers(kind));

        var waiting = Add(home, 1);
        var ended = home.Database.DisposeAsync().AsTask();
        gate.Open();

        await Task.WhenAll(waiting, ended).WaitAsync(Patience);
        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => Add(home, 2))).Kind);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_a_unit_wants_done_happens_after_its_commit_even_when_it_fails(string kind)
    {
        await using var home = await WithNotes(kind);
        var commits = home.Database.Counters.Commits;
        long seen = 0;

        await home.Database.Write(
            tx =>
            {
                Insert(tx, 1);
                tx.AfterCommit(() => throw new InvalidOperationException("a nudge that fails"));
                tx.AfterCommit(() => seen = home.Database.Counters.Commits);
            },
            default);

        Assert.Equal(commits + 1, seen);
        await Add(home, 2);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_unit_that_fails_emits_nothing_and_its_nudges_are_dropped(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var nudged = false;

        await Assert.ThrowsAsync<Fault>(() => home.Database.Write(
            tx =>
            {
                tx.Emit(new("server.updated", "1", null, "{}"));
                tx.AfterCommit(() => nudged = true);
                throw Fault.Conflict($"no");
            },
            default));
        await home.Database.Write(tx => tx.Emit(new("server.updated", "2", null, "{}")), default);

        Assert.False(nudged);
        Assert.Equal(["2"], await home.Database.Read(rows => rows.Query<string>("SELECT subject FROM events"), default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_read_sees_one_moment_and_cannot_write(string kind)
    {
        await using var home = await WithNotes(kind);

        var counts = await home.Database.Read(
            async rows =>
            {
                var before = await rows.Value<long>("SELECT count(*) FROM notes");
                await Add(home, 1);
                return (before, after: await rows.Value<long>("SELECT count(*) FROM notes"));
            },
            default);

        Assert.Equal((0L, 0L), counts);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(
            () => home.Database.ReadOne(rows => rows.Query<int>("INSERT INTO notes (id, text) VALUES (9, 'x') RETURNING 1"), default));
        Assert.Equal([1L], await Notes(home));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_unit_over_50_ms_is_logged_with_its_slowest_statement(string kind)
    {
        var clock = new StandingClock();
        using var logs = new LogLines();
        await using var home = await TestDatabases.Create(kind, clock, logs);

        await home.Database.Write(
            tx =>
            {
                tx.Run("SELECT 1");
                tx.Find<int>("SELECT 2");
                clock.Advance(TimeSpan.FromMilliseconds(51));
                tx.Run("SELECT 3");
            },
            default);

        Assert.Contains(logs.Lines, l => l.Contains("51 ms", StringComparison.Ordinal) && l.EndsWith("SELECT 2", StringComparison.Ordinal));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_was_assumed_wrongly_is_run_again_with_the_true_answer(string kind)
    {
        await using var home = await WithNotes(kind);
        await Add(home, 1);
        using var gate = new Gate(home.Database, Writers(kind));

        Task<bool> Rename(int id) => home.Database.Write(
            tx =>
            {
                tx.Send("UPDATE notes SET text = text || $1 WHERE id = 1", $"+{id}");
                return tx.Changes(1, "UPDATE notes SET text = text || '!' WHERE id = $1", id);
            },
            default);
        var units = new[] { Rename(1), Rename(2), Rename(1) };
        var seen = home.Database.Write(tx => tx.One("SELECT text FROM notes WHERE id = 1", row => row.Text(0)), default);
        gate.Open();

        var answers = await Task.WhenAll(units).WaitAsync(Patience);
        Assert.Equal([true, false, true], answers);
        await seen.WaitAsync(Patience);
        var text = (await home.Database.Read(rows => rows.Query<string>("SELECT text FROM notes WHERE id = 1"), default))[0];
        Assert.Equal((2, 2, 1), (text.Count(c => c == '!'), text.Split("+1").Length - 1, text.Split("+2").Length - 1));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_statement_that_is_refused_late_fails_its_unit_alone(string kind)
    {
        await using var home = await WithNotes(kind);
        await Add(home, 1);
        using var gate = new Gate(home.Database, Writers(kind));

        Task Send(int id) => home.Database.Write(tx => tx.Send("INSERT INTO notes (id, text) VALUES ($1, 'text')", id), default);
        var (good, refused, last) = (Send(2), Send(1), Send(3));
        gate.Open();

        await Task.WhenAll(good, last).WaitAsync(Patience);
        Assert.True(home.Database.Dialect.IsUniqueViolation(await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => refused)));
        Assert.Equal([1L, 2, 3], await Notes(home));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Rows_that_units_append_are_one_statement_and_those_of_a_failed_unit_are_none(string kind)
    {
        await using var home = await WithNotes(kind);
        var insert = new SharedInsert("notes (id, text)", 2);
        using var gate = new Gate(home.Database, Writers(kind));
        var before = home.Database.Counters.Statements;

        Task Append(int id) => home.Database.Write(
            tx =>
            {
                tx.Append(insert, id, "text");
                if (id == 3)
                    throw Fault.Conflict($"no");
            },
            default);
        var units = Enumerable.Range(1, 5).Select(Append).ToArray();
        gate.Open();

        await Assert.ThrowsAsync<Fault>(() => Task.WhenAll(units).WaitAsync(Patience));
        Assert.Equal([1L, 2, 4, 5], await Notes(home));
        Assert.InRange(home.Database.Counters.Statements - before, 1, Writers(kind) + 1);
    }

    private static int Writers(string kind) => kind == "sqlite" ? 1 : 2;

    private static Task Add(TestDatabase home, int id) => home.Database.Write(tx => Insert(tx, id), default);

    private static void Insert(Tx tx, int id) => tx.Run("INSERT INTO notes (id, text) VALUES ($1, $2)", id, "text");

    private static Task<IReadOnlyList<long>> Notes(TestDatabase home) =>
        home.Database.Read(rows => rows.Query<long>("SELECT id FROM notes ORDER BY id"), default);

    private static async Task<TestDatabase> WithNotes(string kind, TimeProvider? time = null, int queueLimit = 4096)
    {
        var home = await TestDatabases.CreateEmpty(kind, time, null, queueLimit);
        await home.Database.Write(tx => tx.Execute("CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"), default);
        return home;
    }

    /// <summary>Holds every writer inside a unit until it is opened.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        public Gate(Database database, int writers)
        {
            using var held = new CountdownEvent(writers);
            for (var i = 0; i < writers; i++)
                Hold(database, held);
            Assert.True(held.Wait(Patience));
        }

        public void Open() => _open.Set();

        public void Dispose() => _open.Set();

        private void Hold(Database database, CountdownEvent held)
        {
            var hasBegun = false;
            _ = database.Write(
                _ =>
                {
                    if (!hasBegun)
                        held.Signal();
                    hasBegun = true;
                    _open.Wait(Patience);
                },
                default);
        }
    }
}
