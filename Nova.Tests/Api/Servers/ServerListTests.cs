using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

[Collection(nameof(ServerCloud))]
public class ServerListTests(ServerCloud cloud)
{
    [Fact]
    public async Task Pages_follow_one_another_until_the_end()
    {
        var ada = await cloud.Three();
        var seen = new List<string>();
        var path = "/v2.1/servers?limit=2&sort_key=display_name&sort_dir=asc";
        while (path is not null)
        {
            var page = (await ada.Get(path)).Is(200);
            seen.AddRange(NamesOf(page));
            path = page.Json.TryGetProperty("servers_links", out var links) ? links[0].GetProperty("href").GetString()![cloud.Url.Length..] : null;
        }

        Assert.Equal(["a", "b", "c"], seen);
    }

    [Fact]
    public async Task The_newest_comes_first_and_every_order_can_be_paged()
    {
        var ada = await cloud.Three();
        Assert.Equal(["c", "b", "a"], await Names(ada, ""));
        Assert.Equal(["a", "b", "c"], await Names(ada, "?sort_dir=asc"));

        string[] keys =
        [
            "access_ip_v4", "access_ip_v6", "auto_disk_config", "availability_zone", "config_drive", "created_at", "display_description", "display_name", "hostname",
            "image_ref", "instance_type_id", "kernel_id", "key_name", "launch_index", "launched_at", "locked", "locked_by", "power_state", "progress", "project_id",
            "ramdisk_id", "root_device_name", "task_state", "terminated_at", "updated_at", "user_id", "uuid", "vm_state",
        ];
        foreach (var key in keys)
            foreach (var order in new[] { $"sort_key={key}&sort_dir=asc", $"sort_key={key}&sort_key=uuid&sort_dir=desc&sort_dir=asc" })
            {
                var first = (await ada.Get($"/v2.1/servers?limit=1&{order}")).Is(200)["servers"][0].GetProperty("id").GetString();
                Assert.Equal(2, (await ada.Get($"/v2.1/servers?marker={first}&{order}")).Is(200)["servers"].GetArrayLength());
            }
    }

    [Fact]
    public async Task Orders_that_are_not_allowed_are_refused()
    {
        var ada = cloud.NewMember().At("2.90");
        (await ada.Get("/v2.1/servers?sort_key=host")).Is(403, "Only administrators can sort servers by host");
        (await cloud.As("admin").At("2.90").Get("/v2.1/servers?sort_key=host")).Is(200);
        (await ada.Get("/v2.1/servers?sort_key=nonsense")).Is(400);
        (await ada.At("2.74").Get("/v2.1/servers?sort_key=architecture")).Is(200);
        (await ada.Get("/v2.1/servers?sort_dir=up")).Is(400, "Invalid input received: Unknown sort direction, must be one of: asc, desc");
        (await ada.Get("/v2.1/servers?limit=-1")).Is(400);
        (await ada.Get("/v2.1/servers?marker=70a599e0-31e7-49b7-b260-868f441e862b")).Is(400, "marker [70a599e0-31e7-49b7-b260-868f441e862b] not found");
        Assert.Equal("""{"servers":[]}""", (await ada.Get("/v2.1/servers?limit=0")).Is(200).Text);
    }

    [Theory]
    [InlineData("name=a", "a")]
    [InlineData("name=%5Eb%24", "b")]
    [InlineData("name=%5B_ab%5D", "b,a")]
    [InlineData("status=active", "c,b,a")]
    [InlineData("status=SHUTOFF", "")]
    [InlineData("status=ACTIVE&status=ERROR", "c,b,a")]
    [InlineData("flavor=f-small", "c,b,a")]
    [InlineData("flavor=other", "")]
    [InlineData("tags=red", "b,a")]
    [InlineData("tags=red,blue", "b")]
    [InlineData("tags-any=blue,green", "c,b")]
    [InlineData("not-tags=red,blue", "c,a")]
    [InlineData("not-tags-any=blue,green", "a")]
    [InlineData("locked=true", "")]
    [InlineData("locked=false", "c,b,a")]
    [InlineData("changes-since=2020-01-01T00:00:00Z", "c,b,a")]
    [InlineData("changes-before=2020-01-01T00:00:00Z", "")]
    [InlineData("vm_state=active", "c,b,a")]
    [InlineData("task_state=deleting", "")]
    [InlineData("power_state=1", "c,b,a")]
    [InlineData("config_drive=true", "c")]
    [InlineData("availability_zone=no", "c,b,a")]
    [InlineData("user_id=ada", "c,b,a")]
    [InlineData("user_id=eve", "")]
    [InlineData("host=nowhere", "c,b,a")]
    [InlineData("deleted=true", "c,b,a")]
    [InlineData("ip=10", "")]
    [InlineData("metadata=x", "c,b,a")]
    public async Task Filters_narrow_the_list(string filter, string names)
    {
        Assert.Equal(names.Split(',', StringSplitOptions.RemoveEmptyEntries), await Names(await cloud.Three(), "?" + filter));
    }

    [Fact]
    public async Task Filters_by_address_begin_at_its_beginning()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada, "addressed", networks: "\"auto\"");
        var address = (await ada.Get($"/v2.1/servers/{id}/ips")).Is(200)["addresses"].EnumerateObject().First().Value[0].GetProperty("addr").GetString()!;

        Assert.Equal(["addressed"], await Names(ada, $"?ip={address[..4]}"));
        Assert.Empty(await Names(ada, $"?ip={address[1..]}x"));
    }

    [Fact]
    public async Task An_unknown_status_is_400_from_238()
    {
        var ada = await cloud.Three();
        Assert.Empty(await Names(ada.At("2.37"), "?status=strange"));
        (await ada.At("2.38").Get("/v2.1/servers?status=strange")).Is(400, "Invalid status value");
        (await ada.Get("/v2.1/servers?status=deleted")).Is(403, "Only administrators may list deleted instances");
    }

    [Fact]
    public async Task What_members_may_filter_by_depends_on_the_version()
    {
        var ada = await cloud.Three();
        Assert.Equal(3, (await Names(ada.At("2.82"), "?vm_state=stopped")).Length);
        Assert.Empty(await Names(ada.At("2.83"), "?vm_state=stopped"));
        (await ada.At("2.74").Get("/v2.1/servers?unknown=1")).Is(200);
        (await ada.At("2.75").Get("/v2.1/servers?unknown=1")).Is(400);
        (await ada.At("2.75").Get("/v2.1/servers?_unknown=1")).Is(200);
        (await ada.At("2.65").Get("/v2.1/servers?changes-before=2020-01-01T00:00:00Z")).Is(200);
        (await ada.Get("/v2.1/servers?locked=maybe")).Is(400);
        (await ada.Get("/v2.1/servers?name=(")).Is(400);
        (await ada.Get("/v2.1/servers?name=(?=x)")).Is(400);
        (await ada.Get("/v2.1/servers?changes-since=2020-01-01T00:00:00Z&changes-before=2019-01-01T00:00:00Z"))
            .Is(400, "The value of changes-since must be less than or equal to changes-before.");
    }

    [Fact]
    public async Task Only_administrators_see_all_projects_and_deleted_servers()
    {
        var ada = await cloud.Three();
        var admin = cloud.As("admin").At("2.90");
        var doomed = await cloud.Boot(ada, "doomed");
        (await ada.Delete($"/v2.1/servers/{doomed}")).Is(204);
        await cloud.Settled(doomed);
        var project = ada.Token.Split(':')[1];

        (await ada.Get("/v2.1/servers?all_tenants=1")).Is(403, "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed.");
        (await ada.Get("/v2.1/servers/detail?all_tenants=1")).Is(403, "Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed.");
        Assert.Equal(["c", "b", "a"], await Names(admin, $"?all_tenants=1&project_id={project}"));
        Assert.Equal(["doomed"], await Names(admin, $"?all_tenants=1&tenant_id={project}&deleted=1"));
        Assert.Equal(["doomed"], await Names(admin, $"?all_tenants=1&tenant_id={project}&status=deleted"));
        Assert.Equal(["doomed", "c", "b", "a"], await Names(ada, "?changes-since=2020-01-01T00:00:00Z"));
        Assert.DoesNotContain("a", await Names(admin, $"?project_id={project}"));
        Assert.Equal(["b"], await Names(admin, $"?all_tenants=1&project_id={project}&host=fake-00001&hostname=%5Eb"));
        (await admin.Get("/v2.1/servers?all_tenants=maybe")).Is(400);
        var shown = (await admin.Get($"/v2.1/servers/detail?all_tenants=1&project_id={project}&deleted=true")).Is(200)["servers"][0];
        Assert.Equal("DELETED", shown.GetProperty("status").GetString());
    }

    [NeedsFact(Need.Postgres)]
    public async Task PostgreSQL_lists_the_same()
    {
        var postgres = new PostgresServerCloud();
        await postgres.InitializeAsync();
        try
        {
            await ListsAreTheSame(postgres);
        }
        finally
        {
            await postgres.Remove();
        }
    }

    private static async Task ListsAreTheSame(ServerCloud postgres)
    {
        var there = new ServerListTests(postgres);
        await there.Pages_follow_one_another_until_the_end();
        await there.The_newest_comes_first_and_every_order_can_be_paged();
        await there.What_members_may_filter_by_depends_on_the_version();
        foreach (var (filter, names) in new[] { ("status=ACTIVE&status=ERROR", "c,b,a"), ("config_drive=true", "c"), ("locked=false", "c,b,a"), ("name=%5Eb%24", "b"), ("tags=red", "b,a") })
            await there.Filters_narrow_the_list(filter, names);
        await there.Only_administrators_see_all_projects_and_deleted_servers();
    }

    private static async Task<string[]> Names(CloudClient caller, string query) => [.. NamesOf((await caller.Get("/v2.1/servers" + query)).Is(200))];

    private static IEnumerable<string> NamesOf(CloudAnswer answer) => answer["servers"].EnumerateArray().Select(s => s.GetProperty("name").GetString()!);
}
