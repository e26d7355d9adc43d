using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Consoles;
using Nova.Modules.Operations;
using Nova.Modules.Retention;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.Migrations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

/// <summary>What is removed, and what is not.</summary>
public sealed class RetentionTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly ManualTime _time = new();
    private readonly Ids _ids;

    public RetentionTests() => _ids = new(_time);

    [Theory, OnSqlite, OnPostgres]
    public async Task What_is_over_for_longer_than_the_settings_say_goes_and_nothing_else(string kind)
    {
        await using var home = await TestDatabases.Create(kind, _time);
        var (alive, dead, recent) = (NextId(), NextId(), NextId());
        await Insert(home, alive, null);
        await Insert(home, dead, Now);
        await Operation(home, alive, "done");
        await Operation(home, dead, "done");
        await Operation(home, alive, null);
        await Emit(home, "old");
        await Key(home, "old");

        _time.Advance(10 * Day);
        await Insert(home, recent, Now);
        await Operation(home, recent, "done");
        await Emit(home, "young");
        await Key(home, "young");

        Assert.Equal([new("operations", 0), new("servers", 0), new("migrations", 0), new("idempotency_keys", 1), new("console_tokens", 0), new("events", 1)], await Sweep(home, new()));
        _time.Advance(21 * Day);
        Assert.Equal([new("operations", 2), new("servers", 1), new("migrations", 0), new("idempotency_keys", 1), new("console_tokens", 0), new("events", 1)], await Sweep(home, new()));

        Assert.Equal(Sorted(alive, recent), await Servers(home));
        Assert.Equal(Sorted((alive, false), (recent, true)), await Operations(home));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Operations_that_are_kept_for_ever_go_with_their_server_all_the_same(string kind)
    {
        await using var home = await TestDatabases.Create(kind, _time);
        var (alive, dead, stuck) = (NextId(), NextId(), NextId());
        await Insert(home, alive, null);
        await Insert(home, dead, Now);
        await Insert(home, stuck, Now);
        for (var i = 0; i < 250; i++)
            await Operation(home, dead, "done");
        await Operation(home, alive, "done");
        await Operation(home, stuck, null);
        _time.Advance(31 * Day);

        Assert.Equal([new("servers", 251), new("migrations", 0), new("idempotency_keys", 0), new("console_tokens", 0)], await Sweep(home, new() { OperationsDays = 0, EventsDays = 0 }));

        Assert.Equal(Sorted(alive, stuck), await Servers(home));
        Assert.Equal(Sorted((alive, true), (stuck, false)), await Operations(home));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_purge_by_hand_counts_first_and_never_takes_the_last_hour(string kind)
    {
        await using var home = await TestDatabases.Create(kind, _time);
        var dead = NextId();
        await Insert(home, dead, Now);
        await Operation(home, dead, "failed");
        await Emit(home, "old");
        _time.Advance(TimeSpan.FromHours(2));
        await Emit(home, "young");
        var sweep = SweepOf(home, new());

        Assert.Contains("at least an hour ago", (await Assert.ThrowsAsync<Fault>(() => sweep.Remove(_time.GetUtcNow().AddMinutes(-59), false, default))).Message, StringComparison.Ordinal);
        var before = _time.GetUtcNow().AddHours(-1);
        RemovedRows[] expected = [new("operations", 1), new("servers", 1), new("migrations", 0), new("idempotency_keys", 0), new("console_tokens", 0), new("events", 1)];
        Assert.Equal(expected, await sweep.Remove(before, true, default));
        Assert.Equal(expected, await sweep.Remove(before, false, default));
        Assert.Empty(await Servers(home));
    }

    [Fact]
    public async Task Only_the_leader_sweeps()
    {
        await using var home = await TestDatabases.Create("sqlite", _time);
        await Emit(home, "old");
        _time.Advance(8 * Day);
        using var stop = new CancellationTokenSource();
        var (asked, leads) = (new SemaphoreSlim(0), false);
        var watching = SweepOf(home, new()).Watch(
            () =>
            {
                asked.Release();
                return leads;
            }, stop.Token);

        _time.Advance(TimeSpan.FromMinutes(10));
        await asked.WaitAsync();
        Assert.Equal(1, await Events(home));
        leads = true;
        _time.Advance(TimeSpan.FromMinutes(10));
        await Eventually.Is(async () => await Events(home) == 0);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    // Of one millisecond, identifiers are in no order.
    private Guid NextId()
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return _ids.Next();
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private RetentionSweep SweepOf(TestDatabase home, RetentionOptions options) => new(
        [new RetainedOperations(), new RetainedServers(), new RetainedMigrations(), new RetainedIdempotencyKeys(), new RetainedConsoleTokens(), new RetainedEvents()], home.Database, options, _time, NullLogger<RetentionSweep>.Instance);

    private Task<IReadOnlyList<RemovedRows>> Sweep(TestDatabase home, RetentionOptions options) => SweepOf(home, options).Sweep(default);

    private static Task Insert(TestDatabase home, Guid id, long? deletedAt) => home.Database.Write(
        tx => tx.Execute(
            """
            INSERT INTO servers (cell, id, epoch, project_id, user_id, name, hostname, vm_state, power_state, progress, flavor, config_drive,
                metadata, tags, networks, reservation_id, launch_index, details, created_at, updated_at, deleted_at)
            VALUES (0, @id, 0, 'p', 'u', 'n', 'n', 'active', 1, 0, '{}', FALSE, '{}', '[]', '[]', 'r', 0, '{}', 0, 0, @deletedAt)
            """, new { id, deletedAt }), default);

    private Task Operation(TestDatabase home, Guid server, string? ended) => home.Database.Write(
        tx => tx.Execute(
            """
            INSERT INTO operations (cell, id, server_id, project_id, user_id, request_id, action, kind, kind_version, written_by, status, state, caller,
                steps, epoch, cancel, attempts, started_at, updated_at, finished_at)
            VALUES (0, @id, @server, 'p', 'u', 'r', 'a', 'k', 1, 'w', @status, '{}', '{}', '{}', 0, FALSE, 0, @now, @now, @finished)
            """, new { id = _ids.Next(), server, status = ended ?? "stuck", now = Now, finished = ended is null ? (long?)null : Now }), default);

    private static Task Emit(TestDatabase home, string subject) => home.Database.Write(tx => tx.Emit(new("test", subject, null, "{}")), default);

    private Task Key(TestDatabase home, string key) => home.Database.Write(
        tx => tx.Execute(
            "INSERT INTO idempotency_keys (project_id, user_id, key, body_hash, answer, created_at) VALUES ('p', 'u', @key, 'h', '{}', @now)", new { key, now = Now }), default);

    // Ids of one millisecond are in no order.
    private static List<T> Sorted<T>(params T[] expected) => [.. expected.Order()];

    private static Task<List<Guid>> Servers(TestDatabase home) =>
        home.Database.ReadOne(rows => rows.Many("SELECT id FROM servers ORDER BY id", row => row.Uuid(0)), default);

    private static Task<List<(Guid Server, bool Ended)>> Operations(TestDatabase home) =>
        home.Database.ReadOne(rows => rows.Many("SELECT server_id, finished_at FROM operations ORDER BY server_id", row => (row.Uuid(0), !row.IsNull(1))), default);

    private static Task<long> Events(TestDatabase home) => home.Database.ReadOne(rows => rows.One("SELECT COUNT(*) FROM events", row => row.Long(0)), default);
}
