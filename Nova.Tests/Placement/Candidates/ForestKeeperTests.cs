using System.Globalization;
using Npgsql;
using Nova.Drivers.Database.Postgres;
using Nova.Modules.Compute;
using Nova.Modules.Placement;
using Nova.Modules.Placement.Candidates;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Placement.Candidates;

/// <summary>A forest holds everything that was committed before it was asked for, whoever committed it.</summary>
public sealed class ForestKeeperTests
{
    private static readonly PlacementOptions Shared = new() { ShareUsage = true };

    [Theory, OnSqlite, OnPostgres]
    public async Task A_claim_of_this_process_is_seen_at_once_and_nothing_is_read_without_a_change(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var (keeper, store) = Process(home.Database, new());
        var host = await AddHost(home.Database, store);
        var before = await keeper.Current(default);

        await Claim(home.Database, store, host, 3);
        var after = await keeper.Current(default);

        Assert.Equal(0, Used(before, host));
        Assert.Equal(3, Used(after, host));
        Assert.Same(after, await keeper.Current(default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Everyone_sees_the_own_claim_however_many_write_and_read_at_once(string kind)
    {
        const int Clients = 8;
        const int Rounds = 25;
        await using var home = await TestDatabases.Create(kind);
        var (keeper, store) = Process(home.Database, Shared);
        var hosts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => AddHost(home.Database, store)));

        await Task.WhenAll(hosts.Select(host => Task.Run(async () =>
        {
            for (var n = 1; n <= Rounds; n++)
            {
                await Claim(home.Database, store, host, 1);
                Assert.Equal(n, Used(await keeper.Current(default), host));
            }
        })));
    }

    [NeedsFact(Need.Postgres)]
    public async Task What_another_process_commits_is_seen_by_the_next_request()
    {
        await using var home = await TestDatabases.Create("postgres");
        await using var other = new PostgresDatabase(home.Address);
        var (keeper, _) = Process(home.Database, Shared);
        var (_, theirs) = Process(other, Shared);
        await keeper.Current(default);

        var host = await AddHost(other, theirs);
        Assert.Equal(0, Used(await keeper.Current(default), host));
        for (var n = 1; n <= 20; n++)
        {
            await Claim(other, theirs, host, 1);
            Assert.Equal(n, Used(await keeper.Current(default), host));
        }
    }

    [NeedsFact(Need.Postgres)]
    public async Task A_transaction_that_began_before_others_and_ends_after_them_is_seen()
    {
        await using var home = await TestDatabases.Create("postgres");
        await using var other = new PostgresDatabase(home.Address);
        var (keeper, _) = Process(home.Database, Shared);
        var (_, theirs) = Process(other, Shared);
        var (slow, quick) = (await AddHost(other, theirs), await AddHost(other, theirs));
        await keeper.Current(default);

        await using var connection = new NpgsqlConnection(home.Address + ";Pooling=false");
        await connection.OpenAsync();
        await using var open = await connection.BeginTransactionAsync();
        await Run(connection, open, $"UPDATE inventories SET used = 7 WHERE provider_id = '{slow}' AND class = 'VCPU'");
        await Run(connection, open, $"INSERT INTO events (kind, subject, body, created_at) VALUES ('placement.usage', '{slow}', '{{}}', 0)");
        await Claim(other, theirs, quick, 1);
        var during = await keeper.Current(default);
        await Claim(other, theirs, quick, 1);
        var later = await keeper.Current(default);
        await open.CommitAsync();
        var after = await keeper.Current(default);

        Assert.Equal((0, 1), (Used(during, slow), Used(during, quick)));
        Assert.Equal((0, 2), (Used(later, slow), Used(later, quick)));
        Assert.Equal((7, 2), (Used(after, slow), Used(after, quick)));
    }

    [NeedsFact(Need.Postgres)]
    public async Task More_changes_than_can_be_picked_are_seen_too()
    {
        await using var home = await TestDatabases.Create("postgres");
        await using var other = new PostgresDatabase(home.Address);
        var (keeper, _) = Process(home.Database, Shared);
        var (_, theirs) = Process(other, Shared);
        var host = await AddHost(other, theirs);
        await keeper.Current(default);

        await other.Write(
            tx =>
            {
                for (var i = 0; i < 2500; i++)
                    tx.Emit(new("placement.usage", host.ToString(), null, "{}"));
                tx.Run("UPDATE inventories SET used = 5 WHERE provider_id = $1 AND class = 'VCPU'", host);
            },
            default);

        Assert.Equal(5, Used(await keeper.Current(default), host));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Providers_come_go_and_move(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var (keeper, store) = Process(home.Database, new());
        var hosts = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => AddHost(home.Database, store)));
        await keeper.Current(default);

        var (child, grandchild) = (Guid.NewGuid(), Guid.NewGuid());
        await Change(home.Database, keeper, child, tx =>
        {
            Insert(tx, child, hosts[1], hosts[1]);
            Insert(tx, grandchild, child, hosts[1]);
            tx.Run("INSERT INTO provider_aggregates (provider_id, aggregate_id) VALUES ($1, $2)", grandchild, hosts[0]);
        });
        var grown = await keeper.Current(default);
        await Change(home.Database, keeper, child, tx =>
        {
            tx.Run("UPDATE resource_providers SET parent_id = $2 WHERE id = $1", child, hosts[3]);
            tx.Run("UPDATE resource_providers SET root_id = $3 WHERE id IN ($1, $2)", child, grandchild, hosts[3]);
        });
        var moved = await keeper.Current(default);
        await Change(home.Database, keeper, grandchild, tx =>
        {
            tx.Run("DELETE FROM provider_aggregates WHERE provider_id = $1", grandchild);
            tx.Run("DELETE FROM resource_providers WHERE id = $1", grandchild);
        });
        var cut = await keeper.Current(default);
        await Change(home.Database, keeper, hosts[0], tx =>
        {
            tx.Run("DELETE FROM inventories WHERE provider_id = $1", hosts[0]);
            tx.Run("DELETE FROM provider_traits WHERE provider_id = $1", hosts[0]);
            tx.Run("DELETE FROM resource_providers WHERE id = $1", hosts[0]);
        });
        var felled = await keeper.Current(default);

        Assert.Equal([hosts[1], child, grandchild], grown.TreeOf(child)!.Providers.Select(p => p.Id));
        Assert.Equal([hosts[3], child, grandchild], moved.TreeOf(grandchild)!.Providers.Select(p => p.Id));
        Assert.Equal([hosts[1]], moved.TreeOf(hosts[1])!.Providers.Select(p => p.Id));
        Assert.Equal([hosts[3], child], cut.TreeOf(hosts[3])!.Providers.Select(p => p.Id));
        Assert.Null(felled.TreeOf(hosts[0]));
        await AssertAsRead(home.Database, felled);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task After_a_commit_of_unknown_outcome_everything_is_read_again(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var (keeper, store) = Process(home.Database, new());
        var host = await AddHost(home.Database, store);
        await keeper.Current(default);

        await home.Database.Write(tx => tx.Run("UPDATE inventories SET used = 4 WHERE provider_id = $1 AND class = 'VCPU'", host), default);
        home.Database.Counters.AddUnknownOutcome();

        Assert.Equal(4, Used(await keeper.Current(default), host));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Hundreds_of_changes_give_the_forest_that_reading_everything_gives(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var (keeper, store) = Process(home.Database, Shared);
        var hosts = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => AddHost(home.Database, store)));
        await keeper.Current(default);

        await Task.WhenAll(hosts.Select(host => Claim(home.Database, store, host, 2)));

        var forest = await keeper.Current(default);
        Assert.All(hosts, host => Assert.Equal(2, Used(forest, host)));
        await AssertAsRead(home.Database, forest);
    }

    private static (ForestKeeper Keeper, PlacementStore Store) Process(Database database, PlacementOptions options)
    {
        var keeper = new ForestKeeper(database, options);
        return (keeper, new(options, new ManualTime(), [keeper]));
    }

    private static async Task<Guid> AddHost(Database database, PlacementStore store)
    {
        var id = Guid.NewGuid();
        var report = new HostInventory { HypervisorHostname = id.ToString(), HypervisorType = "fake", HypervisorVersion = 1, Vcpus = 64, MemoryMb = 65_536, DiskGb = 1000, Traits = ["COMPUTE_NODE"] };
        await database.Write(tx => store.EnsureHostProvider(tx, id, report, []), default);
        return id;
    }

    private static Task Claim(Database database, PlacementStore store, Guid host, long vcpus) =>
        database.Write(tx => Assert.True(store.TryClaim(tx, new(host, Guid.NewGuid(), "p", "u", [new("VCPU", vcpus)]))), default);

    private static Task Change(Database database, ForestKeeper keeper, Guid provider, Action<Tx> change) => database.Write(
        tx =>
        {
            change(tx);
            tx.AfterCommit(() => keeper.ProviderChanged(new(provider, 0, [], [])));
        },
        default);

    private static void Insert(Tx tx, Guid id, Guid parent, Guid root) => tx.Run(
        "INSERT INTO resource_providers (id, name, generation, parent_id, root_id, created_at, updated_at) VALUES ($1, $2, 0, $3, $4, 0, 0)",
        id, id.ToString(), parent, root);

    private static async Task Run(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync();
    }

    private static long Used(Forest forest, Guid host) => forest.TreeOf(host)!.Root.Find(forest.Names.Class("VCPU"))!.Used;

    private static async Task AssertAsRead(Database database, Forest forest)
    {
        var read = await new ForestKeeper(database, new()).Current(default);
        Assert.Equal(read.Trees.SelectMany(t => Lines(read, t)), forest.Trees.SelectMany(t => Lines(forest, t)));
    }

    private static IEnumerable<string> Lines(Forest forest, Tree tree) => tree.Providers.Select((p, i) => string.Create(
        CultureInfo.InvariantCulture,
        $"{p.Id} below {tree.Parents[i]} in {p.Aggregates.Length}, {System.Text.Encoding.UTF8.GetString(p.Traits.Json)}: {string.Join(", ", p.Stocks.Select(s => $"{forest.Names.ClassNames()[s.Class]} {s with { Class = 0 }}").Order())}"));
}
