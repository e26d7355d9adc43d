using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Servers.Migrations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>The statements of quotas, usage, moves and events once over PostgreSQL; what they mean is tested over SQLite.</summary>
public sealed class AroundOnPostgresTests
{
    [NeedsFact(Need.Postgres)]
    public async Task Quotas_usage_moves_and_events_work_over_postgres()
    {
        var cloud = new PostgresServerCloud();
        await cloud.InitializeAsync();
        try
        {
            var (admin, ada) = (cloud.As("admin").At("2.90"), cloud.As("ada:pg").At("2.90"));
            await Quotas(cloud, admin, ada);
            await UsageAndEvents(cloud, admin);
            await Moves(cloud, admin);
        }
        finally
        {
            await cloud.Remove();
        }
    }

    private static async Task Quotas(ServerCloud cloud, CloudClient admin, CloudClient ada)
    {
        const string set = "/v2.1/os-quota-sets/pg";
        (await admin.Put("/v2.1/os-quota-class-sets/default", """{"quota_class_set": {"instances": 5}}""")).Is(200);
        (await admin.Put(set, """{"quota_set": {"instances": 4, "cores": 8}}""")).Is(200);
        (await admin.Put(set, """{"quota_set": {"instances": 3}}""")).Is(200);
        (await admin.Put(set + "?user_id=ada", """{"quota_set": {"instances": 2}}""")).Is(200);
        await cloud.Boot(ada, "a");
        await cloud.Boot(ada, "b");
        (await ada.Post("/v2.1/servers", cloud.Body())).Is(403, "Quota exceeded for instances: Requested 1, but already used 2 of 2 instances");
        Assert.Equal(2, (await admin.Get(set + "/detail?user_id=ada")).Is(200)["quota_set", "instances", "in_use"].GetInt32());
        (await admin.Delete(set + "?user_id=ada")).Is(202);
        (await admin.Delete(set)).Is(202);
        Assert.Equal(5, (await ada.Get(set)).Is(200)["quota_set", "instances"].GetInt32());
    }

    private static async Task UsageAndEvents(ServerCloud cloud, CloudClient admin)
    {
        var server = await cloud.Boot(cloud.As("bob:pg-other").At("2.90"));
        var page = (await admin.Get("/v2.1/os-simple-tenant-usage?start=2020-01-01T00:00:00&limit=2&detailed=1")).Is(200);
        var next = new Uri(page["tenant_usages_links"][0].GetProperty("href").GetString()!).PathAndQuery;
        Assert.Equal(server, (await admin.Get(next)).Is(200)["tenant_usages"][0].GetProperty("server_usages")[0].GetProperty("instance_id").GetString());
        (await admin.Get("/v2.1/os-simple-tenant-usage/pg-other?start=2020-01-01T00:00:00")).Is(200);
        (await admin.Post("/v2.1/os-server-external-events", $$"""{"events": [{"name": "network-changed", "server_uuid": "{{server}}"}]}""")).Is(200);
    }

    private static async Task Moves(ServerCloud cloud, CloudClient admin)
    {
        var store = cloud.Services.GetRequiredService<MigrationStore>();
        var move = new Migration
        {
            Id = cloud.Services.GetRequiredService<Ids>().Next(), ServerId = Guid.NewGuid(), ProjectId = "pg", UserId = "ada", Kind = MigrationKinds.Resize, Status = "done",
            SourceHost = "a", OldFlavorNumber = 1, NewFlavorNumber = 2, CreatedAt = 1_700_000_000_000,
        };
        await cloud.Services.GetRequiredService<Database>().Write(
            tx =>
            {
                store.Insert(tx, move);
                Assert.True(store.SetStatus(tx, move.Id, "finished", 1_700_000_001_000));
            },
            default);
        var all = $"/v2.1/os-migrations?instance_uuid={move.ServerId}&host=a&source_compute=a&status=finished&migration_type=resize&user_id=ada&project_id=pg&changes-since=2023-01-01T00:00:00Z&changes-before=2030-01-01T00:00:00Z";
        Assert.Equal(1, (await admin.Get(all)).Is(200)["migrations"].GetArrayLength());
        Assert.Equal(0, (await admin.Get($"/v2.1/os-migrations?marker={move.Id}")).Is(200)["migrations"].GetArrayLength());
        Assert.Equal(1, await cloud.Services.GetRequiredService<Database>().Write(tx => new RetainedMigrations().RemoveSlice(tx, 1_700_000_000_500) + 1, default));
        Assert.Equal(move.Number, (await store.Find(move.ServerId, move.Number, default))?.Number);
    }
}
