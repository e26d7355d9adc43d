using System.Diagnostics;
using Npgsql;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

public class OutboxTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Events_are_read_in_order_and_from_where_a_reader_stopped(string kind)
    {
        var clock = new StandingClock();
        await using var home = await TestDatabases.Create(kind, clock);
        for (var i = 0; i < 70; i++)
            await home.Database.Write(
                tx =>
                {
                    tx.Emit(new("server.updated", $"{2 * i}", "p", "{}"));
                    tx.Emit(new("server.updated", $"{2 * i + 1}", null, """{"a":1}"""));
                },
                default);

        var seen = new List<StoredEvent>();
        while (seen.Count < 140)
            seen.AddRange(await ReadSome(home, seen.LastOrDefault()?.Position ?? default, 33));

        Assert.Equal(Enumerable.Range(0, 140).Select(i => $"{i}"), seen.Select(e => e.Row.Subject));
        Assert.Equal(new("server.updated", "1", null, """{"a":1}"""), seen[1].Row);
        Assert.Equal(clock.GetUtcNow().ToUnixTimeMilliseconds(), seen[0].CreatedAt);
        Assert.True(EventPosition.TryParse(seen[5].Position.ToString(), out var parsed));
        Assert.Equal(seen[5].Position, parsed);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Who_begins_at_the_end_sees_only_what_comes(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        await Emit(home, "before");
        await ReadSome(home, default, 1);

        var end = await home.Database.Read(Outbox.End, default);
        await Emit(home, "after");

        Assert.Equal(["after"], (await ReadSome(home, end, 10)).Select(e => e.Row.Subject));
    }

    [NeedsFact(Need.Postgres)]
    public async Task Nobody_reads_past_a_transaction_that_is_still_open()
    {
        await using var home = await TestDatabases.Create("postgres");
        await Emit(home, "1");
        await using var other = new NpgsqlConnection(home.Address + ";Pooling=false");
        await other.OpenAsync();
        await using var open = await other.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand("INSERT INTO events (kind, subject, body, created_at) VALUES ('k', 'slow', '{}', 0)", other, open))
            await insert.ExecuteNonQueryAsync();
        await Emit(home, "later, and durable first");

        var first = await ReadSome(home, default, 10);
        await open.CommitAsync();
        var second = await ReadSome(home, first[^1].Position, 10, count: 2);

        Assert.Equal(["1"], first.Select(e => e.Row.Subject));
        Assert.Equal(["slow", "later, and durable first"], second.Select(e => e.Row.Subject));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Old_events_are_purged_in_slices_and_numbers_are_not_used_again(string kind)
    {
        var clock = new StandingClock();
        await using var home = await TestDatabases.Create(kind, clock);
        for (var i = 0; i < 9; i++)
            await home.Database.Write(tx => EmitMany(tx, 50), default);
        clock.Advance(TimeSpan.FromDays(7));
        var time = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await home.Database.Write(tx => EmitMany(tx, 3), default);
        var end = (await ReadSome(home, default, 1000, count: 453))[^1].Position;
        var units = home.Database.Counters.Units;

        var count = await home.Database.InSlices(tx => Outbox.RemoveBefore(tx, time), default);

        Assert.Equal((450L, 3L), (count, home.Database.Counters.Units - units));
        Assert.Equal(3, (await ReadSome(home, default, 1000)).Count);
        clock.Advance(TimeSpan.FromDays(7));
        await home.Database.InSlices(tx => Outbox.RemoveBefore(tx, long.MaxValue), default);
        await Emit(home, "new");
        Assert.Equal(["new"], (await ReadSome(home, end, 10)).Select(e => e.Row.Subject));

        static void EmitMany(Tx tx, int count)
        {
            for (var i = 0; i < count; i++)
                tx.Emit(new("k", $"{i}", null, "{}"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.x")]
    [InlineData("-1.1")]
    [InlineData("1.2.3")]
    public void A_position_that_is_none_is_refused(string text) => Assert.False(EventPosition.TryParse(text, out _));

    private static Task Emit(TestDatabase home, string subject) => home.Database.Write(tx => tx.Emit(new("k", subject, null, "{}")), default);

    // Transactions of the tests beside this one, in other databases of the same server, hold back the horizon for a moment.
    private static async Task<List<StoredEvent>> ReadSome(TestDatabase home, EventPosition after, int limit, int count = 1)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var events = await home.Database.ReadOne(rows => Outbox.ReadAfter(rows, after, limit), default);
            if (events.Count >= count)
                return events;

            Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(60), $"{events.Count} events, expected {count}.");
            await Task.Yield();
        }
    }
}
