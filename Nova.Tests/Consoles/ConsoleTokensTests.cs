using Nova.Modules.Compute.Consoles;
using Nova.Modules.Consoles;
using Nova.Modules.Retention;
using Nova.Modules.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Consoles;

/// <summary>What a token is worth, and for how long.</summary>
public sealed class ConsoleTokensTests
{
    private static readonly Guid Host = new("0197fb9e-0000-7000-8000-0000000000aa");
    private static readonly ConsolePlace Place = new("192.0.2.7", 5901, "path", 5902);

    private readonly ManualTime _time = new();

    [Theory, OnSqlite, OnPostgres]
    public async Task A_token_is_worth_something_until_its_last_second_and_is_kept_as_a_hash_alone(string kind)
    {
        await using var home = await TestDatabases.Create(kind, _time);
        var tokens = TokensOf(home);
        var server = await Insert(home, 1);
        var token = await tokens.Create(server, ConsoleTypes.NoVnc, Place, default);

        Assert.Equal(
            new ConsoleToken { ServerId = server.Id, ProjectId = "p", HostId = Host, Type = "novnc", Host = "192.0.2.7", Port = 5901, InternalAccessPath = "path", TlsPort = 5902 },
            await tokens.Find(token, default));
        Assert.Null(await tokens.Find(token.ToUpperInvariant(), default));
        Assert.Null(await tokens.Find("", default));
        Assert.DoesNotContain(token, await home.Database.ReadOne(rows => rows.Value<string>("SELECT token_hash FROM console_tokens"), default), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(await tokens.Find(token, default));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await tokens.Find(token, default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_token_ends_with_its_server_and_with_a_move(string kind)
    {
        await using var home = await TestDatabases.Create(kind, _time);
        var tokens = TokensOf(home);
        var (moved, deleted) = (await Insert(home, 1), await Insert(home, 2));
        var (first, second) = (await tokens.Create(moved, ConsoleTypes.Serial, new(null, 0), default), await tokens.Create(deleted, ConsoleTypes.Serial, new(null, 0), default));

        await home.Database.Write(tx => tx.Execute("UPDATE servers SET host_id = @other WHERE id = @Id", new { other = Guid.Parse("0197fb9e-0000-7000-8000-0000000000bb"), moved.Id }), default);
        await home.Database.Write(tx => tx.Execute("UPDATE servers SET deleted_at = 5 WHERE id = @Id", new { deleted.Id }), default);

        Assert.Null(await tokens.Find(first, default));
        Assert.Null(await tokens.Find(second, default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task However_often_one_asks_a_server_has_a_bounded_number_of_tokens(string kind)
    {
        await using var home = await TestDatabases.Create(kind, _time);
        var tokens = TokensOf(home);
        var (server, other) = (await Insert(home, 1), await Insert(home, 2));
        var kept = await tokens.Create(other, ConsoleTypes.Serial, Place, default);
        var made = new List<string>();
        for (var i = 0; i < ConsoleTokens.MostOfServer + 5; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            made.Add(await tokens.Create(server, ConsoleTypes.Serial, Place, default));
        }

        Assert.Equal(ConsoleTokens.MostOfServer + 1, await Count(home));
        Assert.Null(await tokens.Find(made[4], default));
        Assert.NotNull(await tokens.Find(made[5], default));
        Assert.NotNull(await tokens.Find(kept, default));

        // Those that have expired go with the next one, and with time.
        _time.Advance(TimeSpan.FromSeconds(60));
        await tokens.Create(server, ConsoleTypes.Serial, Place, default);
        Assert.Equal(2, await Count(home));
        _time.Advance(TimeSpan.FromSeconds(61));
        var retained = new RetainedConsoleTokens();
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal(2, await home.Database.Read(rows => retained.Count(rows, now), default));
        Assert.Equal(2, await home.Database.Write(tx => retained.RemoveSlice(tx, now), default));
        Assert.Equal(0, await Count(home));
        Assert.Equal(1, retained.Days(new RetentionOptions()));
    }

    private ConsoleTokens TokensOf(TestDatabase home) => new(home.Database, new() { TokenSeconds = 60 }, _time);

    private static Task<long> Count(TestDatabase home) => home.Database.ReadOne(rows => rows.Value<long>("SELECT COUNT(*) FROM console_tokens"), default);

    private static async Task<Server> Insert(TestDatabase home, byte number)
    {
        var id = new Guid(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        await home.Database.Write(
            tx => tx.Execute(
                """
                INSERT INTO servers (cell, id, epoch, project_id, user_id, name, hostname, vm_state, power_state, progress, host_id, flavor, config_drive,
                    metadata, tags, networks, reservation_id, launch_index, details, created_at, updated_at)
                VALUES (0, @id, 0, 'p', 'u', 'n', 'n', 'active', 1, 0, @Host, '{}', FALSE, '{}', '[]', '[]', 'r', 0, '{}', 0, 0)
                """, new { id, Host }), default);
        return (await new ServerStore(home.Database).Find(id, default))!;
    }
}
