using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>Quotas that the identity service says, through the whole program on both databases.</summary>
public sealed class UnifiedLimitTests
{
    private static readonly (string, string) Unified = ("quota.driver", "unified");

    [Theory, OnSqlite, OnPostgres]
    public async Task What_identity_registers_holds_at_once_and_refuses_in_its_own_words(string kind)
    {
        var cloud = await EmbeddedCloud.Start(kind, Unified);
        try
        {
            var demo = (await cloud.Admin.Get("/identity/v3/projects?name=demo")).Is(200)["projects"][0].GetProperty("id").GetString()!;
            (await cloud.Demo.Post("/v2.1/servers", cloud.Server())).Is(403, $"Project {demo} is over a limit for [Resource servers is over limit of 0 due to current usage 0 and delta 1]");

            await Register(cloud, "servers", 3);
            await Register(cloud, "class:VCPU", 2);
            var first = await Boot(cloud);
            await Boot(cloud);
            (await cloud.Demo.Post("/v2.1/servers", cloud.Server(""", "min_count": 2"""))).Is(
                403, $"Project {demo} is over a limit for [Resource class:VCPU is over limit of 2 due to current usage 2 and delta 2, Resource servers is over limit of 3 due to current usage 2 and delta 2]");
            var limit = await Limit(cloud, "class:VCPU", demo, 10);
            await Boot(cloud);
            (await cloud.Demo.Post("/v2.1/servers", cloud.Server())).Is(403, $"Project {demo} is over a limit for [Resource servers is over limit of 3 due to current usage 3 and delta 1]");
            (await cloud.Admin.Delete("/identity/v3/limits/" + limit)).Is(204);
            (await cloud.Demo.Delete("/v2.1/servers/" + first)).Is(204);
            await cloud.Settled(first);
            (await cloud.Demo.Post("/v2.1/servers", cloud.Server())).Is(403, $"Project {demo} is over a limit for [Resource class:VCPU is over limit of 2 due to current usage 2 and delta 1]");
        }
        finally
        {
            await cloud.Remove();
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Classes_that_have_no_counter_are_summed_from_what_servers_hold(string kind)
    {
        var cloud = await EmbeddedCloud.Start(kind, Unified);
        try
        {
            var demo = (await cloud.Admin.Get("/identity/v3/projects?name=demo")).Is(200)["projects"][0].GetProperty("id").GetString()!;
            await Register(cloud, "servers", -1);
            await Register(cloud, "class:DISK_GB", 2);
            var first = await Boot(cloud);
            (await cloud.Demo.Post("/v2.1/servers", cloud.Server(""", "min_count": 2"""))).Is(
                403, $"Project {demo} is over a limit for [Resource class:DISK_GB is over limit of 2 due to current usage 1 and delta 2]");
            await Boot(cloud);
            (await cloud.Demo.Post("/v2.1/servers", cloud.Server())).Is(403);
            (await cloud.Demo.Delete("/v2.1/servers/" + first)).Is(204);
            await cloud.Settled(first);
            await Boot(cloud);
        }
        finally
        {
            await cloud.Remove();
        }
    }

    [Fact]
    public async Task The_API_shows_the_limits_of_identity_and_changes_none()
    {
        var cloud = await EmbeddedCloud.Start("sqlite", Unified);
        try
        {
            var demo = (await cloud.Admin.Get("/identity/v3/projects?name=demo")).Is(200)["projects"][0].GetProperty("id").GetString()!;
            await Register(cloud, "servers", 3);
            await Register(cloud, "server_key_pairs", 1);
            await Limit(cloud, "servers", demo, 2);
            await Boot(cloud);

            var set = "/v2.1/os-quota-sets/" + demo;
            Assert.Equal((2, 0, 1), Shown((await cloud.Demo.Get(set)).Is(200)["quota_set"]));
            Assert.Equal((3, 0, 1), Shown((await cloud.Demo.Get(set + "/defaults")).Is(200)["quota_set"]));
            Assert.Equal((2, 0, 1), Shown((await cloud.Admin.Put(set, """{"quota_set": {"instances": 50}}""")).Is(200)["quota_set"]));
            (await cloud.Admin.Delete(set)).Is(202);
            Assert.Equal((3, 0, 1), Shown((await cloud.Admin.Put("/v2.1/os-quota-class-sets/default", """{"quota_class_set": {"instances": 50}}""")).Is(200)["quota_class_set"]));
            Assert.Equal((2, 0, 1), Shown((await cloud.Demo.Get(set + "?user_id=somebody")).Is(200)["quota_set"]));
            Assert.Equal("""{"in_use":1,"limit":2,"reserved":0}""", (await cloud.Demo.Get(set + "/detail")).Is(200)["quota_set", "instances"].GetRawText());
            var absolute = (await cloud.Demo.Get("/v2.1/limits")).Is(200)["limits", "absolute"];
            Assert.Equal((2, 1, 1), (absolute.GetProperty("maxTotalInstances").GetInt32(), absolute.GetProperty("totalInstancesUsed").GetInt32(), absolute.GetProperty("maxTotalKeypairs").GetInt32()));
        }
        finally
        {
            await cloud.Remove();
        }

        static (int, int, int) Shown(JsonElement set) =>
            (set.GetProperty("instances").GetInt32(), set.GetProperty("cores").GetInt32(), set.GetProperty("key_pairs").GetInt32());
    }

    [Fact]
    public async Task What_belongs_to_no_project_has_registered_limits()
    {
        var cloud = await EmbeddedCloud.Start("sqlite", Unified);
        try
        {
            await Register(cloud, "servers", -1);
            await Register(cloud, "server_key_pairs", 0);
            await Register(cloud, "server_metadata_items", 1);
            await Register(cloud, "server_groups", 1);
            await Register(cloud, "server_group_members", 1);
            var demo = cloud.Demo;
            (await demo.Post("/v2.1/os-keypairs", """{"keypair": {"name": "key", "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0wYBMlpSY6QzZvPhbKJ0oPyEuI1QLYBJmF3NmYpDqT a"}}""")).Is(
                403, "Project None is over a limit for [Resource server_key_pairs is over limit of 0 due to current usage 0 and delta 1]");
            (await demo.Post("/v2.1/servers", cloud.Server(""", "metadata": {"a": "1", "b": "2"}"""))).Is(
                403, "Project None is over a limit for [Resource server_metadata_items is over limit of 1 due to current usage 0 and delta 2]");
            var group = (await demo.Post("/v2.1/os-server-groups", """{"server_group": {"name": "g", "policy": "soft-affinity"}}""")).Is(200)["server_group", "id"].GetString();
            (await demo.Post("/v2.1/os-server-groups", """{"server_group": {"name": "h", "policy": "affinity"}}""")).Is(
                403, "Project None is over a limit for [Resource server_groups is over limit of 1 due to current usage 1 and delta 1]");
            var hinted = cloud.Server()[..^1] + $$$""", "os:scheduler_hints": {"group": "{{{group}}}"}}""";
            var member = (await demo.Post("/v2.1/servers", hinted)).Is(202)["server", "id"].GetString()!;
            await cloud.Settled(member);
            (await demo.Post("/v2.1/servers", hinted)).Is(
                403, "Project None is over a limit for [Resource server_group_members is over limit of 1 due to current usage 1 and delta 1]");
            (await demo.Post($"/v2.1/servers/{member}/metadata", """{"metadata": {"a": "1", "b": "2"}}""")).Is(
                403, "Project None is over a limit for [Resource server_metadata_items is over limit of 1 due to current usage 0 and delta 2]");
        }
        finally
        {
            await cloud.Remove();
        }
    }

    [Fact]
    public async Task With_the_strategy_ignore_what_is_not_named_needs_a_limit()
    {
        var cloud = await EmbeddedCloud.Start("sqlite", Unified, ("quota.unified_strategy", "ignore"), ("quota.unified_resources", "servers,class:VCPU,class:DISK_GB,server_metadata_items"));
        try
        {
            var refused = (await cloud.Demo.Post("/v2.1/servers", cloud.Server())).Is(403).Fault;
            Assert.Equal("is over a limit for [Resource class:MEMORY_MB is over limit of 0 due to current usage 0 and delta 64]", refused[refused.IndexOf("is over a", StringComparison.Ordinal)..]);
            await Register(cloud, "class:MEMORY_MB", 64);
            await Boot(cloud);
        }
        finally
        {
            await cloud.Remove();
        }
    }

    private static async Task<string> Boot(EmbeddedCloud cloud)
    {
        var server = (await cloud.Demo.Post("/v2.1/servers", cloud.Server())).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(server);
        return server;
    }

    private static async Task Register(EmbeddedCloud cloud, string resource, int limit) => (await cloud.Admin.Post(
        "/identity/v3/registered_limits", new { registered_limits = new[] { new { service_id = await Compute(cloud), resource_name = resource, default_limit = limit } } })).Is(201);

    private static async Task<string> Limit(EmbeddedCloud cloud, string resource, string project, int limit) => (await cloud.Admin.Post(
        "/identity/v3/limits", new { limits = new[] { new { service_id = await Compute(cloud), project_id = project, resource_name = resource, resource_limit = limit } } }))
        .Is(201)["limits"][0].GetProperty("id").GetString()!;

    private static async Task<string> Compute(EmbeddedCloud cloud) => (await cloud.Admin.Get("/identity/v3/services?type=compute")).Is(200)["services"][0].GetProperty("id").GetString()!;
}
