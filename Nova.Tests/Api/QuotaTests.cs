using System.Text.Json;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

[Collection(nameof(ServerCloud))]
public sealed class QuotaTests(ServerCloud cloud)
{
    private CloudClient Admin => cloud.As("admin").At("2.90");

    [Theory]
    [InlineData("2.35", true, true)]
    [InlineData("2.36", false, true)]
    [InlineData("2.56", false, true)]
    [InlineData("2.57", false, false)]
    public async Task What_the_network_service_counts_is_gone_from_2_36_and_files_from_2_57(string version, bool networks, bool files)
    {
        var set = (await cloud.NewMember().At(version).Get("/v2.1/os-quota-sets/quota-shape"))
            .Is(403); // another project's
        Assert.Equal("forbidden", set.FaultName);

        var own = (await cloud.As("ada:quota-shape").At(version).Get("/v2.1/os-quota-sets/quota-shape")).Is(200)["quota_set"];
        Assert.Equal(networks, own.TryGetProperty("floating_ips", out _));
        Assert.Equal(files, own.TryGetProperty("injected_files", out _));
        Assert.Equal(("quota-shape", 10), (own.GetProperty("id").GetString(), own.GetProperty("instances").GetInt32()));
    }

    [Fact]
    public async Task A_project_s_limits_are_changed_hold_for_creates_and_are_reset()
    {
        var bob = cloud.As("bob:quota-life").At("2.90");
        await cloud.Boot(bob);
        (await Admin.Put("/v2.1/os-quota-sets/quota-life", """{"quota_set": {"instances": 0}}""")).Is(400, "Quota limit 0 for instances must be greater than or equal to already used and reserved 1.");

        var changed = (await Admin.Put("/v2.1/os-quota-sets/quota-life", """{"quota_set": {"instances": "1", "cores": -1}}""")).Is(200)["quota_set"];
        Assert.Equal((1, -1, false), (changed.GetProperty("instances").GetInt32(), changed.GetProperty("cores").GetInt32(), changed.TryGetProperty("id", out _)));
        (await bob.Post("/v2.1/servers", cloud.Body())).Is(403, "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances");
        var detail = (await bob.Get("/v2.1/os-quota-sets/quota-life/detail")).Is(200)["quota_set", "instances"];
        Assert.Equal("""{"in_use":1,"limit":1,"reserved":0}""", detail.GetRawText());

        (await Admin.Put("/v2.1/os-quota-sets/quota-life", """{"quota_set": {"instances": 0, "force": "yes"}}""")).Is(200);
        (await Admin.Delete("/v2.1/os-quota-sets/quota-life")).Is(202);
        Assert.Equal(10, (await bob.Get("/v2.1/os-quota-sets/quota-life")).Is(200)["quota_set", "instances"].GetInt32());
        await cloud.Boot(bob);
    }

    [Fact]
    public async Task A_user_of_a_project_has_limits_within_the_project_s()
    {
        const string set = "/v2.1/os-quota-sets/quota-user";
        (await Admin.Put(set + "?user_id=eve", """{"quota_set": {"cores": 21}}""")).Is(400, "Quota limit 21 for cores must be less than or equal to 20.");
        (await Admin.Put(set + "?user_id=eve", """{"quota_set": {"instances": 1, "key_pairs": 1}}""")).Is(200);
        (await Admin.Put(set, """{"quota_set": {"instances": 0}}""")).Is(400, "Quota limit 0 for instances must be greater than or equal to already used and reserved 1.");

        var eve = cloud.As("eve:quota-user").At("2.90");
        await cloud.Boot(eve);
        (await eve.Post("/v2.1/servers", cloud.Body())).Is(403, "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances");
        await cloud.Boot(cloud.As("fay:quota-user").At("2.90"));
        (await eve.At("2.91").Post("/v2.1/os-keypairs", """{"keypair": {"name": "one"}}""")).Is(201);
        (await eve.At("2.91").Post("/v2.1/os-keypairs", """{"keypair": {"name": "two"}}""")).Is(403, "Quota exceeded, too many key pairs.");

        var used = (await Admin.Get(set + "/detail?user_id=eve")).Is(200)["quota_set", "instances"];
        Assert.Equal((1, 1), (used.GetProperty("in_use").GetInt32(), used.GetProperty("limit").GetInt32()));
        (await Admin.Delete(set + "?user_id=eve")).Is(202);
        await cloud.Boot(eve);
    }

    [Fact]
    public async Task Defaults_are_for_everybody_and_sets_of_others_are_not()
    {
        (await cloud.NewMember().Get("/v2.1/os-quota-sets/anything/defaults")).Is(200);
        (await cloud.NewMember().Get("/v2.1/os-quota-sets/anything/detail")).Is(403);
        (await cloud.NewMember().Put("/v2.1/os-quota-sets/anything", """{"quota_set": {}}""")).Is(403);
        (await cloud.NewMember().Delete("/v2.1/os-quota-sets/anything")).Is(403);
        (await Admin.Get("/v2.1/os-quota-sets/anything?color=red")).Is(400);
        (await Admin.At("2.74").Get("/v2.1/os-quota-sets/anything?color=red")).Is(200);
    }

    [Theory]
    [InlineData("2.49", true, false)]
    [InlineData("2.50", false, true)]
    [InlineData("2.57", false, true)]
    public async Task Classes_have_limits_of_their_own(string version, bool networks, bool groups)
    {
        var admin = Admin.At(version);
        var name = "class-" + version;
        var before = (await admin.Get($"/v2.1/os-quota-class-sets/{name}")).Is(200)["quota_class_set"];
        Assert.Equal((networks, groups, 20), (before.TryGetProperty("fixed_ips", out _), before.TryGetProperty("server_groups", out _), before.GetProperty("cores").GetInt32()));
        var after = (await admin.Put($"/v2.1/os-quota-class-sets/{name}", """{"quota_class_set": {"cores": 7}}""")).Is(200)["quota_class_set"];
        Assert.Equal((7, false), (after.GetProperty("cores").GetInt32(), after.TryGetProperty("id", out _)));
        Assert.Equal(7, (await admin.Get($"/v2.1/os-quota-class-sets/{name}")).Is(200)["quota_class_set", "cores"].GetInt32());
        (await admin.Put($"/v2.1/os-quota-class-sets/{new string('n', 256)}", """{"quota_class_set": {"cores": 7}}""")).Is(400);
        (await cloud.NewMember().Get($"/v2.1/os-quota-class-sets/{name}")).Is(403);
    }

    [Fact]
    public async Task The_class_default_stands_over_the_settings()
    {
        try
        {
            (await Admin.Put("/v2.1/os-quota-class-sets/default", """{"quota_class_set": {"server_group_members": 33}}""")).Is(200);
            Assert.Equal(33, (await cloud.As("ada:default-class").Get("/v2.1/limits")).Is(200)["limits", "absolute", "maxServerGroupMembers"].GetInt32());
            Assert.Equal(33, (await Admin.Get("/v2.1/os-quota-sets/some/defaults")).Is(200)["quota_set", "server_group_members"].GetInt32());
        }
        finally
        {
            (await Admin.Put("/v2.1/os-quota-class-sets/default", """{"quota_class_set": {"server_group_members": 10}}""")).Is(200);
        }
    }

    [Fact]
    public async Task Limits_of_another_project_are_for_administrators()
    {
        await cloud.Boot(cloud.As("ada:limits-of").At("2.90"));
        (await cloud.As("ada:limits-of").At("2.64").Post("/v2.1/os-server-groups", """{"server_group": {"name": "counted", "policy": "affinity"}}""")).Is(200);
        var seen = (await Admin.Get("/v2.1/limits?tenant_id=limits-of")).Is(200)["limits", "absolute"];
        Assert.Equal((1, 1), (seen.GetProperty("totalInstancesUsed").GetInt32(), seen.GetProperty("totalServerGroupsUsed").GetInt32()));
        (await cloud.NewMember().Get("/v2.1/limits?tenant_id=limits-of")).Is(403);
        Assert.Equal(0, (await cloud.NewMember().Get("/v2.1/limits")).Is(200)["limits", "absolute", "totalInstancesUsed"].GetInt32());
    }
}
