using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

/// <summary>What is written comes back the same, on both databases and by both ways of saying a statement.</summary>
public class RoundTripTests
{
    private const string Uuid = "01999999-aaaa-7bbb-8ccc-0123456789ab";

    private sealed record Sample(Guid Id, string Name, bool Flag, long Time, double Factor, string? Note, Guid? Other);

    [Theory, OnSqlite, OnPostgres]
    public async Task Dapper_keeps_every_type(string kind)
    {
        await using var home = await WithSamples(kind);
        var sample = new Sample(Guid.Parse(Uuid), "naïve 🐘", true, 1_780_000_000_123, 1.25, null, null);

        await home.Database.Write(tx => tx.Execute(
            "INSERT INTO samples (id, name, flag, time, factor, note, other) VALUES (@Id, @Name, @Flag, @Time, @Factor, @Note, @Other)", sample), default);

        var read = await home.Database.Read(rows => rows.Find<Sample>(
            "SELECT id, name, flag, time, factor, note, other FROM samples WHERE id = @id AND flag = TRUE", new { id = sample.Id }), default);
        Assert.Equal(sample, read);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Prepared_statements_keep_every_type_and_null_in_any_order(string kind)
    {
        await using var home = await WithSamples(kind);
        var ids = new[] { Guid.Parse(Uuid), Guid.Parse("01999999-aaaa-7bbb-8ccc-0123456789ac"), Guid.Parse("01999999-aaaa-7bbb-8ccc-0123456789ad") };

        await home.Database.Write(
            tx =>
            {
                Insert(tx, ids[0], null, null);
                Insert(tx, ids[1], "note", ids[0]);
                Insert(tx, ids[2], null, null);
            },
            default);

        var expected = new[] { Expected(ids[0], null, null), Expected(ids[1], "note", ids[0]), Expected(ids[2], null, null) };
        Assert.Equal(expected, await home.Database.Write(tx => tx.Many(Select, Of), default));
        Assert.Equal(expected, await home.Database.Read(rows => rows.Many(Select, Of), default));
        Assert.Equal(expected[0], await home.Database.ReadOne(rows => rows.One(SelectOne, Of, ids[0]), default));
        Assert.Null(await home.Database.ReadOne(rows => rows.One(SelectOne, Of, Guid.Empty), default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Both_ways_see_the_same_uuid(string kind)
    {
        await using var home = await WithSamples(kind);
        await home.Database.Write(tx => Insert(tx, Guid.Parse(Uuid), null, null), default);

        Assert.Equal(Guid.Parse(Uuid), await home.Database.Read(rows => rows.Value<Guid>("SELECT id FROM samples WHERE id = @id", new { id = Guid.Parse(Uuid) }), default));
        Assert.Equal(1, await home.Database.Write(tx => tx.Execute("UPDATE samples SET flag = FALSE WHERE id = @id AND factor = @f", new { id = Guid.Parse(Uuid), f = 1.5 }), default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Run_says_how_many_rows_changed_and_returning_gives_them(string kind)
    {
        await using var home = await WithSamples(kind);
        var id = Guid.Parse(Uuid);
        await home.Database.Write(tx => Insert(tx, id, null, null), default);

        var counts = await home.Database.Write(
            tx => (tx.Run("UPDATE samples SET time = time + $1 WHERE id = $2 AND time <= $3", 1, id, 7),
                   tx.Run("UPDATE samples SET time = time + $1 WHERE id = $2 AND time <= $3", 1, id, 7),
                   tx.One("UPDATE samples SET time = time + 1 WHERE id = $1 RETURNING time", r => r.Long(0), id)),
            default);

        Assert.Equal((1, 0, 9L), counts);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Text_sorts_by_its_bytes(string kind)
    {
        await using var home = await WithSamples(kind);
        string[] names = ["a", "B", "ä", "_", "Z", "z", "10", "9", "é", "🐘", "\uffee"];
        await home.Database.Write(
            tx =>
            {
                foreach (var (i, name) in names.Index())
                    tx.Run("INSERT INTO samples (id, name, flag, time, factor) VALUES ($1, $2, TRUE, 0, 0)", new Guid(i, 0, 0, new byte[8]), name);
            },
            default);

        var sorted = await home.Database.Read(rows => rows.Query<string>("SELECT name FROM samples ORDER BY name"), default);

        Assert.Equal(names.OrderBy(n => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(n)), StringComparer.Ordinal), sorted);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task U0000_is_refused_as_a_bad_request_and_nothing_of_the_unit_stays(string kind)
    {
        await using var home = await WithSamples(kind);

        var fault = await Assert.ThrowsAsync<Fault>(() => home.Database.Write(
            tx =>
            {
                Insert(tx, Guid.Parse(Uuid), null, null);
                Insert(tx, Guid.Empty, "a\0b", null);
            },
            default));

        Assert.Equal(FaultKind.BadRequest, fault.Kind);
        Assert.Equal(0, await home.Database.Read(rows => rows.Value<long>("SELECT count(*) FROM samples"), default));
    }

    private const string Select = "SELECT id, name, flag, time, factor, note, other FROM samples ORDER BY id";
    private const string SelectOne = "SELECT id, name, flag, time, factor, note, other FROM samples WHERE id = $1";

    private static Sample Of(SqlRow row) =>
        new(row.Uuid(0), row.Text(1), row.Bool(2), row.Long(3), row.Double(4), row.TextOrNull(5), row.UuidOrNull(6));

    private static Sample Expected(Guid id, string? note, Guid? other) => new(id, "prepared", true, 7, 1.5, note, other);

    private static void Insert(Tx tx, Guid id, string? note, Guid? other) => tx.Run(
        "INSERT INTO samples (id, name, flag, time, factor, note, other) VALUES ($1, $2, $3, $4, $5, $6, $7)", id, "prepared", true, 7, 1.5, note, other);

    private static async Task<TestDatabase> WithSamples(string kind)
    {
        var home = await TestDatabases.CreateEmpty(kind);
        var (uuid, text) = kind == "sqlite" ? ("TEXT", "TEXT") : ("uuid", "text COLLATE \"C\"");
        await home.Database.Write(
            tx => tx.Execute(
                $"""
                CREATE TABLE samples (
                    id {uuid} NOT NULL PRIMARY KEY, name {text} NOT NULL, flag BOOLEAN NOT NULL, time BIGINT NOT NULL,
                    factor DOUBLE PRECISION NOT NULL, note {text}, other {uuid})
                """),
            default);
        return home;
    }
}
