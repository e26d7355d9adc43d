using System.Text.Json;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>A cloud of three hosts with small limits on groups.</summary>
public sealed class GroupCloud : ServerCloud
{
    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string>(base.Changed)
    {
        ["compute.hosts"] = "3", ["quota.server_groups"] = "4", ["quota.server_group_members"] = "6", ["quota.instances"] = "100", ["quota.cores"] = "100",
    };
}

public class ServerGroupTests(GroupCloud cloud) : IClassFixture<GroupCloud>
{
    private const string Groups = "/v2.1/os-server-groups";

    [Fact]
    public async Task Until_2_63_a_group_has_a_list_of_policies_and_then_one_with_rules()
    {
        var ada = cloud.NewMember();
        var old = (await ada.At("2.12").Post(Groups, """{"server_group": {"name": "old", "policies": ["anti-affinity"]}}""")).Is(200)["server_group"];
        var path = $"{Groups}/{old.GetProperty("id").GetString()}";
        Assert.Equal(["anti-affinity"], old.GetProperty("policies").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal("{}", old.GetProperty("metadata").GetRawText());
        Assert.False(old.TryGetProperty("project_id", out _));
        Assert.Equal("ada", (await ada.At("2.13").Get(path)).Is(200)["server_group", "user_id"].GetString());
        Assert.Equal("{}", (await ada.At("2.64").Get(path)).Is(200)["server_group", "rules"].GetRawText());

        var now = (await ada.At("2.64").Post(Groups, """{"server_group": {"name": "new", "policy": "anti-affinity", "rules": {"max_server_per_host": "3"}}}""")).Is(200)["server_group"];
        Assert.Equal("anti-affinity", now.GetProperty("policy").GetString());
        Assert.Equal("""{"max_server_per_host":3}""", now.GetProperty("rules").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.False(now.TryGetProperty("metadata", out _));
        Assert.False(now.TryGetProperty("policies", out _));
        (await ada.At("2.64").Post(Groups, """{"server_group": {"name": "new", "policy": "soft-affinity", "rules": {}}}""")).Is(200);
    }

    [Theory]
    [InlineData("2.14", """{"server_group": {"name": "x", "policies": ["soft-affinity"]}}""", "Invalid input for field/attribute 0. Value: soft-affinity. 'soft-affinity' is not one of ['anti-affinity', 'affinity']")]
    [InlineData("2.15", """{"server_group": {"name": "x", "policies": ["softest"]}}""", "Invalid input for field/attribute 0. Value: softest. 'softest' is not one of ['anti-affinity', 'affinity', 'soft-anti-affinity', 'soft-affinity']")]
    [InlineData("2.63", """{"server_group": {"name": "x", "policies": []}}""", "Invalid input for field/attribute policies. Value: []. [] should be non-empty")]
    [InlineData("2.63", """{"server_group": {"name": "x", "policy": "affinity"}}""", null)]
    [InlineData("2.64", """{"server_group": {"name": "x", "policies": ["affinity"]}}""", null)]
    [InlineData("2.64", """{"server_group": {"name": "x"}}""", null)]
    [InlineData("2.64", """{"server_group": {"name": "", "policy": "affinity"}}""", null)]
    [InlineData("2.64", """{"server_group": {"name": "x", "policy": "anti-affinity", "rules": {"max_server_per_host": 0}}}""", "Invalid input for field/attribute max_server_per_host. Value: 0. 0 is less than the minimum of 1")]
    [InlineData("2.64", """{"server_group": {"name": "x", "policy": "anti-affinity", "rules": {"most": 1}}}""", null)]
    [InlineData("2.64", """{"server_group": {"name": "x", "policy": "affinity", "rules": {"max_server_per_host": 2}}}""", "Only anti-affinity policy supports rules.")]
    public async Task A_bad_group_is_400(string version, string body, string? sentence)
    {
        var answer = (await cloud.NewMember().At(version).Post(Groups, body)).Is(400);
        if (sentence is not null)
            Assert.Equal(sentence, answer.Fault);
    }

    [Fact]
    public async Task From_2_15_there_are_soft_policies()
    {
        (await cloud.NewMember().At("2.15").Post(Groups, """{"server_group": {"name": "x", "policies": ["soft-anti-affinity"]}}""")).Is(200);
    }

    [Fact]
    public async Task Groups_are_listed_in_pages_and_for_administrators_of_all_projects()
    {
        var (ada, other) = (cloud.NewMember(), cloud.NewMember());
        string[] made = [await Make(ada), await Make(ada), await Make(ada)];
        var foreign = await Make(other);

        Assert.Equal(made, await Ids(ada, ""));
        Assert.Equal(made[1..], await Ids(ada, "?offset=1"));
        Assert.Equal(made[..2], await Ids(ada, "?limit=2"));
        Assert.Equal(made[1..2], await Ids(ada, "?limit=1&offset=1"));
        Assert.Equal(made, await Ids(ada, "?limit=0&offset=0"));
        Assert.Equal(made, await Ids(ada, "?all_projects=True"));
        Assert.Contains(foreign, await Ids(cloud.As("admin"), "?all_projects"));
        Assert.DoesNotContain(foreign, await Ids(cloud.As("admin"), ""));
        (await ada.Get(Groups + "?limit=-1")).Is(400);
        (await ada.Get(Groups + "?offset=x")).Is(400);
        (await ada.At("2.74").Get(Groups + "?x=1")).Is(200);
        (await ada.At("2.75").Get(Groups + "?x=1")).Is(400);
    }

    [Fact]
    public async Task A_group_of_another_project_is_not_there()
    {
        var group = await Make(cloud.NewMember());
        var path = $"{Groups}/{group}";
        var sentence = $"Instance group {group} could not be found.";

        (await cloud.NewMember().Get(path)).Is(404, sentence);
        (await cloud.NewMember().Delete(path)).Is(404, sentence);
        (await cloud.NewMember().At("2.90").Post("/v2.1/servers", Body(group))).Is(400, sentence);
        (await cloud.As("admin").Get(path)).Is(200);
        (await cloud.As("").Get(path)).Is(401);
        (await cloud.As("admin").Get(Groups + "/x")).Is(404, "Instance group x could not be found.");
        (await cloud.As("admin").At("2.101").Get(path + "?x=1")).Is(200);
        (await cloud.As("admin").At("2.102").Get(path + "?x=1")).Is(400);
        (await cloud.As("admin").Delete(path)).Is(204);
        (await cloud.As("admin").Delete(path)).Is(404, sentence);
    }

    [Fact]
    public async Task A_project_has_so_many_groups_as_its_quota_allows()
    {
        var ada = cloud.NewMember();
        var first = await Make(ada);
        for (var i = 1; i < 4; i++)
            await Make(ada);

        (await Post(ada, "one too many", "affinity")).Is(403, "Quota exceeded, too many server groups.");
        var limits = (await ada.Get("/v2.1/limits")).Is(200);
        Assert.Equal((4, 4), (limits["limits", "absolute", "maxServerGroups"].GetInt32(), limits["limits", "absolute", "totalServerGroupsUsed"].GetInt32()));

        (await ada.Delete($"{Groups}/{first}")).Is(204);
        Assert.Equal(3, (await ada.Get("/v2.1/limits"))["limits", "absolute", "totalServerGroupsUsed"].GetInt32());
        (await Post(ada, "fits again", "affinity")).Is(200);
    }

    [Fact]
    public async Task Members_of_anti_affinity_are_apart_and_the_fault_says_why_there_is_no_host_left()
    {
        var ada = cloud.NewMember().At("2.90");
        var group = await Make(ada, "anti-affinity");
        var reservation = (await ada.Post("/v2.1/servers", Body(group, more: ", \"min_count\": 3, \"max_count\": 3"))).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(reservation);
        Assert.Equal(3, (await HostsOf(group)).Distinct().Count());

        var fourth = await Boot(ada, group);
        var failed = await ServerCloud.Show(ada, fourth);
        Assert.Equal("ERROR", failed.GetProperty("status").GetString());
        Assert.Equal(
            "No valid host was found. There are not enough hosts available. 3 hosts already have a member of the server group",
            failed.GetProperty("fault").GetProperty("message").GetString());
        Assert.Equal(
            "3 hosts were looked at. ServerGroupAntiAffinityFilter refused 3: 3 hosts already have a member of the server group.",
            (await ServerCloud.Show(cloud.As("admin").At("2.90"), fourth)).GetProperty("fault").GetProperty("details").GetString());

        (await ada.Delete($"/v2.1/servers/{reservation}")).Is(204);
        await cloud.Settled(reservation);
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, await Boot(ada, group))).GetProperty("status").GetString());
        Assert.Equal(3, (await HostsOf(group)).Distinct().Count());
    }

    [Fact]
    public async Task Members_of_affinity_are_together()
    {
        var ada = cloud.NewMember().At("2.90");
        var group = await Make(ada);
        await Boot(ada, group, ", \"min_count\": 2");
        for (var i = 0; i < 3; i++)
            await Boot(ada, group);

        Assert.Single((await HostsOf(group)).Distinct());
        Assert.Equal(5, (await Members(ada, group)).Length);
    }

    [Fact]
    public async Task A_server_shows_its_group_from_2_71_on_and_the_group_its_members()
    {
        var ada = cloud.NewMember().At("2.90");
        var group = await Make(ada, "soft-anti-affinity");
        var server = await Boot(ada, group);

        Assert.Equal([group], (await ServerCloud.Show(ada.At("2.71"), server)).GetProperty("server_groups").EnumerateArray().Select(g => g.GetString()));
        Assert.False((await ServerCloud.Show(ada.At("2.70"), server)).TryGetProperty("server_groups", out _));
        Assert.Equal([server], await Members(ada, group));
        Assert.Contains(group, (await ServerCloud.Show(cloud.As("admin").At("2.100"), server)).GetProperty("scheduler_hints").GetRawText(), StringComparison.Ordinal);

        (await ada.Delete($"{Groups}/{group}")).Is(204);
        Assert.Empty((await ServerCloud.Show(ada, server)).GetProperty("server_groups").EnumerateArray());
        (await ada.Post("/v2.1/servers", Body(group))).Is(400, $"Instance group {group} could not be found.");
    }

    [Fact]
    public async Task A_deleted_server_is_no_member()
    {
        var ada = cloud.NewMember().At("2.90");
        var group = await Make(ada, "soft-affinity");
        var server = await Boot(ada, group);

        (await ada.Delete($"/v2.1/servers/{server}")).Is(204);
        await cloud.Settled(server);

        Assert.Empty(await Members(ada, group));
    }

    [Fact]
    public async Task A_group_has_so_many_members_as_the_quota_allows()
    {
        var ada = cloud.NewMember().At("2.90");
        var group = await Make(ada, "soft-anti-affinity");

        (await ada.Post("/v2.1/servers", Body(group, more: ", \"min_count\": 7"))).Is(403, "Quota exceeded, too many servers in group");
        var six = (await ada.Post("/v2.1/servers", Body(group, more: ", \"min_count\": 6"))).Is(202)["server", "id"].GetString()!;
        (await ada.Post("/v2.1/servers", Body(group))).Is(403, "Quota exceeded, too many servers in group");

        Assert.Equal(6, (await Members(ada, group)).Length);
        await cloud.Settled(six);
    }

    [Theory]
    [InlineData("""["GROUP"]""", 202)]
    [InlineData("[]", 202)]
    [InlineData("""["GROUP", "GROUP"]""", 400)]
    [InlineData("\"x\"", 400)]
    [InlineData("7", 400)]
    public async Task The_hint_names_one_group(string hint, int status)
    {
        var ada = cloud.NewMember().At("2.90");
        var group = await Make(ada, "soft-affinity");
        var body = cloud.Body().TrimEnd()[..^1] + $", \"os:scheduler_hints\": {{\"group\": {hint.Replace("GROUP", group, StringComparison.Ordinal)}}}}}";

        (await ada.Post("/v2.1/servers", body)).Is(status);
    }

    [Fact]
    public async Task The_forced_form_of_a_host_does_not_break_the_policy()
    {
        var admin = cloud.As("admin").At("2.90");
        var group = await Make(admin, "anti-affinity");
        await Boot(admin, group, """, "availability_zone": "nova:fake-00001" """);

        var second = await Boot(admin, group, """, "availability_zone": "nova:fake-00001" """);

        Assert.Equal("ERROR", (await ServerCloud.Show(admin, second)).GetProperty("status").GetString());
        Assert.Equal(["fake-00001"], await HostsOf(group));
    }

    [Fact]
    public async Task The_audit_finds_nothing()
    {
        var ada = cloud.NewMember().At("2.90");
        await Boot(ada, await Make(ada, "affinity"));

        var findings = (await cloud.As("admin").Get("/nova-host/v1/audit")).Is(200)["differences"];

        Assert.DoesNotContain(findings.EnumerateArray(), f => f.GetProperty("kind").GetString() is "groups" or "quota");
    }

    private static async Task<string> Make(CloudClient caller, string policy = "affinity") =>
        (await Post(caller, "group", policy)).Is(200)["server_group", "id"].GetString()!;

    private static Task<CloudAnswer> Post(CloudClient caller, string name, string policy) =>
        caller.At("2.64").Post(Groups, new { server_group = new { name, policy } });

    private static async Task<string[]> Ids(CloudClient caller, string query) =>
        [.. (await caller.At("2.64").Get(Groups + query)).Is(200)["server_groups"].EnumerateArray().Select(g => g.GetProperty("id").GetString()!)];

    private static async Task<string[]> Members(CloudClient caller, string group) =>
        [.. (await caller.At("2.64").Get($"{Groups}/{group}")).Is(200)["server_group", "members"].EnumerateArray().Select(m => m.GetString()!)];

    private string Body(string group, string more = "") => cloud.Body(more: more).TrimEnd()[..^1] + $", \"os:scheduler_hints\": {{\"group\": \"{group}\"}}}}";

    private async Task<string> Boot(CloudClient caller, string group, string more = "")
    {
        var id = (await caller.Post("/v2.1/servers", Body(group, more))).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(id);
        return id;
    }

    private async Task<string[]> HostsOf(string group)
    {
        var admin = cloud.As("admin").At("2.90");
        var hosts = new List<string>();
        foreach (var member in await Members(admin, group))
            if ((await ServerCloud.Show(admin, member)).GetProperty("OS-EXT-SRV-ATTR:host") is { ValueKind: JsonValueKind.String } host)
                hosts.Add(host.GetString()!);
        return [.. hosts];
    }
}
