using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

/// <summary>What units of a batch do together (<see cref="SharedWork"/>), the same on both databases.</summary>
public class SharedWorkTests
{
    private const int Units = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly SharedInsert Insert = new("notes (id, text)", 2, mayConflict: true);

    private static readonly SharedChange Rename = new("notes", new("UPDATE notes SET text = v.column2 FROM {rows} WHERE notes.id = v.column1", 2));

    [Theory, OnSqlite, OnPostgres]
    public async Task It_is_done_for_all_of_a_batch_in_few_statements(string kind)
    {
        await using var home = await WithNotes(kind);
        var before = home.Database.Counters.Statements;

        var added = await Together(home, Enumerable.Range(1, Units).Select<int, Func<Tx, bool>>(id => tx => tx.Join(Insert, [id, "text"])));

        Assert.All(added, Assert.True);
        Assert.Equal(Enumerable.Range(1, Units).Select(id => (id, "text")), await Notes(home));
        Assert.InRange(home.Database.Counters.Statements - before, 1, 4);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task When_it_fails_for_one_each_unit_gets_its_true_answer(string kind)
    {
        await using var home = await WithNotes(kind);
        await home.Database.Write(tx => tx.Run("INSERT INTO notes (id, text) VALUES (7, 'old')"), default);

        var added = await Together(home, Enumerable.Range(1, Units).Select<int, Func<Tx, bool>>(id => tx => tx.Join(Insert, [id, "text"])));

        Assert.Equal(Enumerable.Range(1, Units).Select(id => id != 7), added);
        Assert.Equal(Enumerable.Range(1, Units).Select(id => (id, id == 7 ? "old" : "text")), await Notes(home));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_unit_that_throws_takes_its_share_with_it(string kind)
    {
        await using var home = await WithNotes(kind);

        var units = await Begin(home, Enumerable.Range(1, Units).Select<int, Func<Tx, bool>>(id => tx =>
            tx.Join(Insert, [id, "text"]) && id != 5 ? true : throw Fault.Conflict($"no")));

        await Assert.ThrowsAsync<Fault>(() => Task.WhenAll(units).WaitAsync(Patience));
        Assert.Equal(Enumerable.Range(1, Units).Where(id => id != 5).Select(id => (id, "text")), await Notes(home));
        Assert.True(units[4].IsFaulted && units.Count(unit => unit.IsFaulted) == 1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_statement_that_names_the_table_sees_it(string kind)
    {
        await using var home = await WithNotes(kind);

        var seen = await Together(home, Enumerable.Range(1, Units).Select<int, Func<Tx, bool>>(id => tx =>
            tx.Join(Insert, [id, "text"]) && tx.One("SELECT text FROM notes WHERE id = $1", row => row.Text(0), id) == "text"));

        Assert.All(seen, Assert.True);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task New_rows_come_before_their_changes(string kind)
    {
        await using var home = await WithNotes(kind);

        var changed = await Together(home, Enumerable.Range(1, Units).Select<int, Func<Tx, bool>>(id => tx =>
            tx.Join(Rename, [id, "new"]) & tx.Join(Insert, [id, "old"])));

        // Alone a unit does both in its own order, and finds nothing to change.
        Assert.All(changed, Assert.True);
        Assert.Equal(Enumerable.Range(1, Units).Select(id => (id, "new")), await Notes(home));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Two_changes_of_one_row_both_happen(string kind)
    {
        await using var home = await WithNotes(kind);
        await home.Database.Write(tx => tx.Run("INSERT INTO notes (id, text) VALUES (1, 'old')"), default);

        var changed = await Together(home, Enumerable.Range(1, Units).Select<int, Func<Tx, bool>>(n => tx => tx.Join(Rename, [1, $"new {n}"])));

        Assert.All(changed, Assert.True);
        Assert.StartsWith("new ", Assert.Single(await Notes(home)).Text, StringComparison.Ordinal);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Values_of_every_type_and_null_arrive(string kind)
    {
        await using var home = await TestDatabases.CreateEmpty(kind, null, null, 4096);
        var (uuid, blob) = (kind == "sqlite" ? ("TEXT", "BLOB") : ("uuid", "bytea"));
        await home.Database.Write(
            tx => tx.Execute($"CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, u {uuid}, t TEXT, b BOOLEAN, d DOUBLE PRECISION, n BIGINT, x {blob})"), default);
        var insert = new SharedInsert("things (id, u, t, b, d, n, x)", 7);
        var (id, noId, noText, noNumber, noBytes) = (Guid.NewGuid(), (Guid?)null, (string?)null, (long?)null, (byte[]?)null);

        await Together(home, Enumerable.Range(1, 3).Select<int, Func<Tx, bool>>(n => tx => tx.Join(
            insert, n == 2 ? [n, noId, noText, true, 1.5, noNumber, noBytes] : [n, id, "text", false, -2.5, n, new byte[] { 1, 2 }])));

        var rows = await home.Database.Read(
            read => read.Many(
                "SELECT u, t, b, d, n FROM things WHERE x IS NULL OR id <> 2 ORDER BY id",
                row => (row.UuidOrNull(0), row.TextOrNull(1), row.Bool(2), row.Double(3), row.LongOrNull(4))), default);
        Assert.Equal([(id, "text", false, -2.5, 1), (noId, noText, true, 1.5, noNumber), (id, "text", false, -2.5, 3)], rows);
    }

    private static async Task<bool[]> Together(TestDatabase home, IEnumerable<Func<Tx, bool>> units) =>
        await Task.WhenAll(await Begin(home, units)).WaitAsync(Patience);

    // A unit that holds the writer until all others wait makes them one batch with it.
    private static async Task<Task<bool>[]> Begin(TestDatabase home, IEnumerable<Func<Tx, bool>> units)
    {
        using var open = new ManualResetEventSlim();
        using var held = new CountdownEvent(Writers(home));
        for (var i = 0; i < Writers(home); i++)
            Hold(home.Database, open, held);
        Assert.True(held.Wait(Patience));
        var begun = units.Select(unit => home.Database.Write(unit, default)).ToArray();
        open.Set();
        await Task.WhenAny(Task.WhenAll(begun)).WaitAsync(Patience);
        return begun;
    }

    private static void Hold(Database database, ManualResetEventSlim open, CountdownEvent held)
    {
        var hasBegun = false;
        _ = database.Write(
            _ =>
            {
                if (hasBegun)
                    return;
                hasBegun = true;
                held.Signal();
                open.Wait(Patience);
            },
            default);
    }

    private static int Writers(TestDatabase home) => home.Database.Dialect.Name == "sqlite" ? 1 : 2;

    private static Task<List<(int Id, string Text)>> Notes(TestDatabase home) =>
        home.Database.Read(rows => rows.Many("SELECT id, text FROM notes ORDER BY id", row => (row.Int(0), row.Text(1))), default);

    private static async Task<TestDatabase> WithNotes(string kind)
    {
        var home = await TestDatabases.CreateEmpty(kind, null, null, 4096);
        await home.Database.Write(tx => tx.Execute("CREATE TABLE notes (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"), default);
        return home;
    }
}
