using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Migrations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

[Collection(nameof(ServerCloud))]
public sealed class MigrationListTests(ServerCloud cloud)
{
    [Fact]
    public async Task Moves_are_listed_newest_first_filtered_and_paged()
    {
        var (server, moves) = await Moved("moves-list", ("resize", "finished"), ("migration", "done"), ("live-migration", "running"));
        var admin = cloud.As("admin").At("2.80");
        var of = $"/v2.1/os-migrations?instance_uuid={server}";

        Assert.Equal(["live-migration", "migration", "resize"], await Seen(admin, of, "migration_type"));
        Assert.Equal(["migration"], await Seen(admin, of + "&status=done", "migration_type"));
        Assert.Equal(["resize"], await Seen(admin, of + "&migration_type=resize", "migration_type"));
        Assert.Equal([], await Seen(admin, of + "&host=elsewhere", "migration_type"));
        Assert.Equal(["resize", "migration", "live-migration"], (await Seen(admin, of + "&source_compute=old", "migration_type")).Reverse());
        Assert.Equal(3, (await Seen(admin, of + "&project_id=moves-list&user_id=ada", "id")).Count);
        Assert.Equal([], await Seen(admin, of + "&changes-before=2020-01-01T00:00:00Z", "id"));
        (await admin.Get(of + "&changes-since=2021-01-01T00:00:00Z&changes-before=2020-01-01T00:00:00Z")).Is(400, "The value of changes-since must be less than or equal to changes-before.");

        var page = (await admin.Get(of + "&limit=2")).Is(200);
        var next = new Uri(page["migrations_links"][0].GetProperty("href").GetString()!).PathAndQuery;
        Assert.Equal(["resize"], await Seen(admin, next, "migration_type"));
        (await admin.Get(of + $"&marker={moves[0]}")).Is(200);
        (await admin.Get(of + $"&marker={server}")).Is(400, $"Marker {server} could not be found.");
    }

    [Theory]
    [InlineData("2.22", false, false, false)]
    [InlineData("2.23", true, false, false)]
    [InlineData("2.59", true, true, false)]
    [InlineData("2.80", true, true, true)]
    public async Task Each_version_shows_its_members(string version, bool kind, bool uuid, bool owner)
    {
        var (server, _) = await Moved("moves-shape" + version.Replace('.', '-'), ("live-migration", "running"));
        var move = (await cloud.As("admin").At(version).Get($"/v2.1/os-migrations?instance_uuid={server}")).Is(200)["migrations"].EnumerateArray().Single();

        Assert.Equal((kind, kind, uuid, owner), (Has(move, "migration_type"), Has(move, "links"), Has(move, "uuid"), Has(move, "project_id")));
        Assert.Equal("old", move.GetProperty("source_compute").GetString());
    }

    [Fact]
    public async Task A_manager_lists_the_moves_of_the_own_project_without_hosts()
    {
        var (_, _) = await Moved("moves-manager", ("migration", "done"));
        var manager = cloud.As("mia:moves-manager").With("X-Roles", "manager,member,reader").At("2.80");

        (await cloud.As("ada:moves-manager").At("2.80").Get("/v2.1/os-migrations?project_id=moves-manager")).Is(403);
        (await manager.Get("/v2.1/os-migrations")).Is(403);
        (await manager.Get("/v2.1/os-migrations?project_id=other")).Is(403);
        var move = (await manager.Get("/v2.1/os-migrations?project_id=moves-manager")).Is(200)["migrations"].EnumerateArray().Single();
        Assert.Equal(JsonValueKind.Null, move.GetProperty("source_compute").ValueKind);
    }

    [Fact]
    public async Task A_server_shows_its_live_migrations_under_way()
    {
        var (server, _) = await Moved("moves-server", ("migration", "done"), ("live-migration", "completed"), ("live-migration", "running"));
        var admin = cloud.As("admin").At("2.80");
        var all = (await admin.Get($"/v2.1/os-migrations?instance_uuid={server}")).Is(200)["migrations"].EnumerateArray().Select(m => m.GetProperty("id").GetInt64()).ToList();

        var listed = (await admin.Get($"/v2.1/servers/{server}/migrations")).Is(200)["migrations"].EnumerateArray().Single();
        Assert.Equal((all[0], 4096), (listed.GetProperty("id").GetInt64(), listed.GetProperty("memory_total_bytes").GetInt32()));
        (await admin.Get($"/v2.1/servers/{server}/migrations/{all[0]}")).Is(200);
        (await admin.Get($"/v2.1/servers/{server}/migrations/{all[1]}")).Is(404, $"Live migration {all[1]} for server {server} is not in progress.");
        (await admin.Get($"/v2.1/servers/{server}/migrations/{all[2]}")).Is(404, $"Migration {all[2]} for server {server} is not live-migration.");
        (await admin.Get($"/v2.1/servers/{server}/migrations/999999")).Is(404, $"In-progress live migration 999999 is not found for server {server}.");
        (await admin.At("2.22").Get($"/v2.1/servers/{server}/migrations")).Is(404);
        (await cloud.As("ada:moves-server").At("2.80").Get($"/v2.1/servers/{server}/migrations")).Is(403);
        (await cloud.NewMember().With("X-Roles", "manager").At("2.80").Get($"/v2.1/servers/{server}/migrations")).Is(404);
    }

    [Fact]
    public async Task Moves_go_when_their_server_is_forgotten()
    {
        var (server, _) = await Moved("moves-kept", ("migration", "done"));
        var gone = new Migration
        {
            Id = cloud.Services.GetRequiredService<Ids>().Next(), ServerId = Guid.NewGuid(), ProjectId = "moves-gone", UserId = "ada", Kind = "migration", Status = "done", CreatedAt = 1_000,
        };
        var store = cloud.Services.GetRequiredService<MigrationStore>();
        var database = cloud.Services.GetRequiredService<Database>();
        await database.Write(tx => store.Insert(tx, gone), default);

        Assert.Equal(1, await database.Read(rows => new RetainedMigrations().Count(rows, 2_000), default));
        Assert.Equal(1, await database.Write(tx => new RetainedMigrations().RemoveSlice(tx, 2_000), default));
        Assert.Null(await store.Find(gone.ServerId, gone.Number, default));
        Assert.NotEmpty((await store.List(new() { ServerId = Guid.Parse(server) }, null, null, default))!);
    }

    private async Task<(string Server, IReadOnlyList<Guid> Moves)> Moved(string project, params (string Kind, string Status)[] moves)
    {
        var server = await cloud.Boot(cloud.As("ada:" + project).At("2.90"));
        var store = cloud.Services.GetRequiredService<MigrationStore>();
        var ids = cloud.Services.GetRequiredService<Ids>();
        var rows = moves.Select(move => new Migration
        {
            Id = ids.Next(), ServerId = Guid.Parse(server), ProjectId = project, UserId = "ada", Kind = move.Kind, Status = move.Status, SourceHost = "old", SourceNode = "old-node",
            DestHost = "new", DestNode = "new-node", DestAddress = "192.0.2.1", CreatedAt = 1_700_000_000_000, ProgressJson = JsonSerializer.Serialize(new MigrationProgress(MemoryTotal: 4096), StateJson.Options),
        }).ToList();
        await cloud.Services.GetRequiredService<Database>().Write(tx => rows.ForEach(row => store.Insert(tx, row)), default);
        return (server, [.. rows.Select(r => r.Id)]);
    }

    private static async Task<IReadOnlyList<string>> Seen(CloudClient client, string path, string member) =>
        [.. (await client.Get(path)).Is(200)["migrations"].EnumerateArray().Select(m => m.GetProperty(member).ToString())];

    private static bool Has(JsonElement element, string name) => element.TryGetProperty(name, out _);
}
