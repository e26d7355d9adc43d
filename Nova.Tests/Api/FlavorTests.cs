using Nova.Tests.Support;

namespace Nova.Tests.Api;

public class FlavorTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private static int _made;

    private CloudClient Admin => cloud.As("admin");

    private CloudClient User => cloud.As("ada:blue");

    [Fact]
    public async Task An_administrator_makes_a_flavor_and_anyone_reads_it()
    {
        var made = (await Admin.Post("/v2.1/flavors", New("m1.small", "f-small"))).Is(200);
        var read = (await User.Get("/v2.1/flavors/f-small")).Is(200);

        Assert.Equal("m1.small", made["flavor", "name"].GetString());
        Assert.Equal(2048, read["flavor", "ram"].GetInt32());
        Assert.Equal("", read["flavor", "swap"].GetString());
        Assert.Equal(1, read["flavor", "rxtx_factor"].GetDouble());
        Assert.False(read["flavor"].TryGetProperty("description", out _));
        Assert.Equal(cloud.Url + "/v2.1/flavors/f-small", read["flavor", "links"][0].GetProperty("href").GetString());
        Assert.Equal(cloud.Url + "/flavors/f-small", read["flavor", "links"][1].GetProperty("href").GetString());
    }

    [Fact]
    public async Task Numbers_may_come_as_texts()
    {
        var made = (await Admin.Post("/v2.1/flavors", """{"flavor": {"name": "texts", "ram": "512", "vcpus": "2", "disk": "0", "id": 77, "os-flavor-access:is_public": "no"}}""")).Is(200);

        Assert.Equal("77", made["flavor", "id"].GetString());
        Assert.Equal(512, made["flavor", "ram"].GetInt32());
        Assert.False(made["flavor", "os-flavor-access:is_public"].GetBoolean());
    }

    [Theory]
    [InlineData("""{"flavor": {"ram": 1, "vcpus": 1, "disk": 1}}""", "Invalid input for field/attribute flavor. Value: {'ram': 1, 'vcpus': 1, 'disk': 1}. 'name' is a required property")]
    [InlineData("""{"flavor": {"name": null, "ram": 1, "vcpus": 1, "disk": 1}}""", "Invalid input for field/attribute name. Value: None. None is not of type 'string'")]
    [InlineData("""{"flavor": {"name": "", "ram": 1, "vcpus": 1, "disk": 1}}""", "Invalid input for field/attribute name. Value: . '' should be non-empty")]
    [InlineData("""{"flavor": {"name": " x", "ram": 1, "vcpus": 1, "disk": 1}}""", "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.")]
    [InlineData("""{"flavor": {"name": "x", "ram": 0, "vcpus": 1, "disk": 1}}""", "Invalid input for field/attribute ram. Value: 0. 0 is less than the minimum of 1")]
    [InlineData("""{"flavor": {"name": "x", "ram": "x", "vcpus": 1, "disk": 1}}""", "Invalid input for field/attribute ram. Value: x. 'x' does not match '^[0-9]+$'")]
    [InlineData("""{"flavor": {"name": "x", "ram": 2147483648, "vcpus": 1, "disk": 1}}""", "Invalid input for field/attribute ram. Value: 2147483648. 2147483648 is greater than the maximum of 2147483647")]
    [InlineData("""{"flavor": {"name": "x", "ram": null, "vcpus": 1, "disk": 1}}""", "Invalid input for field/attribute ram. Value: None. None is not of type 'integer', 'string'")]
    [InlineData("""{"flavor": {"name": "x", "ram": 1, "vcpus": 1, "disk": 1, "sram": true, "a": 1}}""", "Invalid input for field/attribute flavor. Value: {'name': 'x', 'ram': 1, 'vcpus': 1, 'disk': 1, 'sram': True, 'a': 1}. Additional properties are not allowed ('a', 'sram' were unexpected)")]
    [InlineData("""{"flavour": {}}""", "'flavor' is a required property")]
    [InlineData("""[]""", "[] is not of type 'object'")]
    [InlineData(null, "None is not of type 'object'")]
    public async Task A_bad_flavor_is_400_in_the_words_of_the_original(string? body, string sentence)
    {
        (await Admin.Post("/v2.1/flavors", body)).Is(400, sentence);
    }

    [Fact]
    public async Task A_taken_id_or_name_is_409()
    {
        (await Admin.Post("/v2.1/flavors", New("taken", "taken-id"))).Is(200);

        (await Admin.Post("/v2.1/flavors", New("other", "taken-id"))).Is(409, "Flavor with ID taken-id already exists.");
        (await Admin.Post("/v2.1/flavors", New("taken", "other-id"))).Is(409, "Flavor with name taken already exists.");
    }

    [Fact]
    public async Task Only_administrators_make_change_and_delete()
    {
        var id = await Make();

        (await User.Post("/v2.1/flavors", New("mine", "mine"))).Is(403, "Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed.");
        (await User.At("2.55").Put($"/v2.1/flavors/{id}", new { flavor = new { description = "x" } })).Is(403);
        (await User.Delete($"/v2.1/flavors/{id}")).Is(403);
    }

    [Fact]
    public async Task From_2_55_a_flavor_has_a_description_that_may_change()
    {
        var id = await Make();

        (await Admin.At("2.54").Put($"/v2.1/flavors/{id}", new { flavor = new { description = "x" } })).Is(404);
        Assert.Equal("x", (await Admin.At("2.55").Put($"/v2.1/flavors/{id}", new { flavor = new { description = "x" } })).Is(200)["flavor", "description"].GetString());
        Assert.Equal("x", (await User.At("2.55").Get("/v2.1/flavors?limit=1000"))["flavors"].EnumerateArray().Single(f => f.GetProperty("id").GetString() == id).GetProperty("description").GetString());
        (await Admin.At("2.55").Put($"/v2.1/flavors/{id}", new { flavor = new { } })).Is(400);
        (await Admin.At("2.55").Put("/v2.1/flavors/none", new { flavor = new { description = "x" } })).Is(404, "Flavor none could not be found.");
        (await Admin.At("2.54").Post("/v2.1/flavors", """{"flavor": {"name": "d", "ram": 1, "vcpus": 1, "disk": 1, "description": "d"}}""")).Is(400);
    }

    [Fact]
    public async Task From_2_61_extra_specs_are_shown()
    {
        var id = await Make();
        (await Admin.Post($"/v2.1/flavors/{id}/os-extra_specs", """{"extra_specs": {"hw:cpu_policy": "shared", "quota:x": 1}}""")).Is(200);

        Assert.False((await User.At("2.60").Get($"/v2.1/flavors/{id}"))["flavor"].TryGetProperty("extra_specs", out _));
        Assert.Equal("shared", (await User.At("2.61").Get($"/v2.1/flavors/{id}"))["flavor", "extra_specs", "hw:cpu_policy"].GetString());
    }

    [Fact]
    public async Task From_2_75_no_swap_is_0_and_unknown_parameters_are_refused()
    {
        var id = await Make();

        Assert.Equal("", (await User.At("2.74").Get($"/v2.1/flavors/{id}"))["flavor", "swap"].GetString());
        Assert.Equal(0, (await User.At("2.75").Get($"/v2.1/flavors/{id}"))["flavor", "swap"].GetInt32());
        (await User.At("2.74").Get("/v2.1/flavors?colour=red")).Is(200);
        (await User.At("2.75").Get("/v2.1/flavors?colour=red")).Is(400, "Additional properties are not allowed ('colour' was unexpected)");
    }

    [Fact]
    public async Task From_2_102_disabled_and_rxtx_factor_are_gone_and_lists_filter_by_name()
    {
        var id = await Make();

        Assert.True((await User.At("2.101").Get($"/v2.1/flavors/{id}"))["flavor"].TryGetProperty("rxtx_factor", out _));
        Assert.False((await User.At("2.102").Get($"/v2.1/flavors/{id}"))["flavor"].TryGetProperty("rxtx_factor", out _));
        Assert.False((await User.At("2.102").Get($"/v2.1/flavors/{id}"))["flavor"].TryGetProperty("OS-FLV-DISABLED:disabled", out _));
        Assert.Equal(id, (await User.At("2.102").Get($"/v2.1/flavors?name={id}"))["flavors"].EnumerateArray().Single().GetProperty("id").GetString());
        (await User.At("2.101").Get($"/v2.1/flavors/{id}?x=1")).Is(200);
        (await User.At("2.102").Get($"/v2.1/flavors/{id}?x=1")).Is(400);
        (await User.At("2.102").Get("/v2.1/flavors?sort_key=rxtx_factor")).Is(400);
    }

    [Fact]
    public async Task Lists_filter_sort_and_page()
    {
        await Admin.Post("/v2.1/flavors", """{"flavor": {"name": "page-a", "id": "page-a", "ram": 900001, "vcpus": 3, "disk": 5}}""");
        await Admin.Post("/v2.1/flavors", """{"flavor": {"name": "page-b", "id": "page-b", "ram": 900002, "vcpus": 2, "disk": 5}}""");
        await Admin.Post("/v2.1/flavors", """{"flavor": {"name": "page-c", "id": "page-c", "ram": 900003, "vcpus": 1, "disk": 7}}""");

        var first = (await User.Get("/v2.1/flavors/detail?minRam=900000&sort_key=vcpus&limit=2")).Is(200);
        Assert.Equal(["page-c", "page-b"], Ids(first));
        var next = first["flavors_links"][0].GetProperty("href").GetString()!;
        Assert.Equal(cloud.Url + "/v2.1/flavors/detail?limit=2&minRam=900000&sort_key=vcpus&marker=page-b", next);
        var second = (await User.Get(next[cloud.Url.Length..])).Is(200);
        Assert.Equal(["page-a"], Ids(second));
        Assert.False(second.Json.TryGetProperty("flavors_links", out _));
        Assert.Equal(["page-a", "page-b"], Ids(await User.Get("/v2.1/flavors?minRam=900000&sort_key=vcpus&sort_dir=desc&limit=2")));
        Assert.Equal(["page-c"], Ids(await User.Get("/v2.1/flavors?minRam=900000&minDisk=6")));
        Assert.Empty(Ids(await User.Get("/v2.1/flavors?limit=0")));
    }

    [Theory]
    [InlineData("limit=x", "Invalid input for query parameters limit. Value: x. 'x' does not match '^[0-9]*$'")]
    [InlineData("limit=-1", "Invalid input for query parameters limit. Value: -1. '-1' does not match '^[0-9]*$'")]
    [InlineData("marker=nobody", "marker [nobody] not found")]
    [InlineData("minRam=x", "Invalid minRam filter [x]")]
    [InlineData("minDisk=x", "Invalid minDisk filter [x]")]
    [InlineData("is_public=x", "Invalid is_public filter [x]")]
    [InlineData("sort_dir=up", "Invalid input for query parameters sort_dir. Value: up. 'up' is not one of ['asc', 'desc']")]
    public async Task A_bad_parameter_is_400(string query, string sentence)
    {
        (await Admin.Get("/v2.1/flavors?" + query)).Is(400, sentence);
    }

    [Fact]
    public async Task A_private_flavor_is_seen_by_its_projects_alone()
    {
        var id = await Make(isPublic: false);

        (await User.Get($"/v2.1/flavors/{id}")).Is(404, $"Flavor {id} could not be found.");
        (await Admin.Post($"/v2.1/flavors/{id}/action", new { addTenantAccess = new { tenant = "blue" } })).Is(200);
        (await User.Get($"/v2.1/flavors/{id}")).Is(200);
        Assert.Contains(id, Ids(await User.Get("/v2.1/flavors?limit=1000")));
        (await cloud.As("bob:red").Get($"/v2.1/flavors/{id}")).Is(404);
        Assert.DoesNotContain(id, Ids(await Admin.Get("/v2.1/flavors?limit=1000")));
        Assert.Contains(id, Ids(await Admin.Get("/v2.1/flavors?is_public=None&limit=1000")));
        Assert.Contains(id, Ids(await Admin.Get("/v2.1/flavors?is_public=false&limit=1000")));
        Assert.Equal("blue", (await Admin.Get($"/v2.1/flavors/{id}/os-flavor-access")).Is(200)["flavor_access"][0].GetProperty("tenant_id").GetString());
        (await Admin.Post($"/v2.1/flavors/{id}/action", new { addTenantAccess = new { tenant = "blue" } }))
            .Is(409, $"Flavor access already exists for flavor {id} and project blue combination.");
        (await Admin.Post($"/v2.1/flavors/{id}/action", new { removeTenantAccess = new { tenant = "blue" } })).Is(200);
        (await Admin.Post($"/v2.1/flavors/{id}/action", new { removeTenantAccess = new { tenant = "blue" } }))
            .Is(404, $"Flavor access not found for {id} / blue combination.");
    }

    [Fact]
    public async Task From_2_7_a_public_flavor_takes_no_access()
    {
        var id = await Make();

        (await Admin.At("2.6").Post($"/v2.1/flavors/{id}/action", new { addTenantAccess = new { tenant = "t" } })).Is(200);
        (await Admin.At("2.7").Post($"/v2.1/flavors/{id}/action", new { addTenantAccess = new { tenant = "u" } })).Is(409, "Can not add access to a public flavor.");
        (await Admin.Get($"/v2.1/flavors/{id}/os-flavor-access")).Is(404, "Access list not available for public flavors.");
    }

    [Theory]
    [InlineData("""{"a": 1, "b": 2}""", 400, "Malformed request body")]
    [InlineData("""{}""", 400, "Malformed request body")]
    [InlineData("""{"fly": {}}""", 400, "There is no such action: fly")]
    [InlineData("""{"addTenantAccess": {}}""", 400, "Invalid input for field/attribute addTenantAccess. Value: {}. 'tenant' is a required property")]
    [InlineData("""{"addTenantAccess": """, 400, "Malformed request body")]
    [InlineData("""["addTenantAccess"]""", 404, "The resource could not be found.")]
    [InlineData("""12""", 404, "The resource could not be found.")]
    public async Task An_action_that_is_none_is_refused(string body, int status, string sentence)
    {
        (await Admin.Post("/v2.1/flavors/1/action", body)).Is(status, sentence);
    }

    [Fact]
    public async Task An_action_has_its_own_policy()
    {
        (await User.Post("/v2.1/flavors/1/action", new { addTenantAccess = new { tenant = "t" } }))
            .Is(403, "Policy doesn't allow os_compute_api:os-flavor-access:add_tenant_access to be performed.");
    }

    [Fact]
    public async Task Extra_specs_are_set_read_and_removed_one_by_one()
    {
        var path = $"/v2.1/flavors/{await Make()}/os-extra_specs";

        (await Admin.Put($"{path}/a", """{"a": "1"}""")).Is(200);
        (await Admin.Put($"{path}/b", """{"b": 2}""")).Is(200);
        Assert.Equal("1", (await User.Get($"{path}/a")).Is(200)["a"].GetString());
        Assert.Equal("2", (await User.Get(path)).Is(200)["extra_specs", "b"].GetString());
        (await Admin.Delete($"{path}/a")).Is(200);
        (await User.Get($"{path}/a")).Is(404);
        (await Admin.Delete($"{path}/a")).Is(404);
        (await Admin.Put($"{path}/a", """{"b": "1"}""")).Is(400, "Request body and URI mismatch");
        (await Admin.Put($"{path}/a", """{"a": "1", "b": "1"}""")).Is(400, "{'a': '1', 'b': '1'} has too many properties");
        (await Admin.Put($"{path}/a", "{}")).Is(400, "{} should be non-empty");
        (await Admin.Put($"{path}/a", """{"a": true}""")).Is(400, "Invalid input for field/attribute a. Value: True. True is not of type 'string', 'number'");
        (await Admin.Put($"{path}/a", """{"a%": "1"}""")).Is(400, "'a%' does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'");
        (await User.Put($"{path}/a", """{"a": "1"}""")).Is(403);
        (await Admin.Put("/v2.1/flavors/none/os-extra_specs/a", """{"a": "1"}""")).Is(404, "Flavor none could not be found.");
    }

    [Fact]
    public async Task A_deleted_flavor_is_gone()
    {
        var id = await Make();

        (await Admin.Delete($"/v2.1/flavors/{id}")).Is(202);
        (await Admin.Get($"/v2.1/flavors/{id}")).Is(404);
        (await Admin.Delete($"/v2.1/flavors/{id}")).Is(404, $"Flavor {id} could not be found.");
    }

    [Fact]
    public async Task The_legacy_tree_drops_unknown_members_and_trims_names()
    {
        var made = (await Admin.Post("/v2/flavors", """{"flavor": {"name": "  legacy ", "id": "legacy", "ram": 1, "vcpus": 1, "disk": 1, "colour": "red"}}""")).Is(200);

        Assert.Equal("legacy", made["flavor", "name"].GetString());
        Assert.Equal(cloud.Url + "/v2/flavors/legacy", made["flavor", "links"][0].GetProperty("href").GetString());
    }

    private async Task<string> Make(bool isPublic = true)
    {
        var id = $"made-{Interlocked.Increment(ref _made)}";
        (await Admin.Post("/v2.1/flavors", $$$"""{"flavor": {"os-flavor-access:is_public": {{{(isPublic ? "true" : "false")}}}, "name": "{{{id}}}", "id": "{{{id}}}", "ram": 1, "vcpus": 1, "disk": 1}}""")).Is(200);
        return id;
    }

    private static object New(string name, string id) => new { flavor = new { name, id, ram = 2048, vcpus = 1, disk = 20 } };

    private static IEnumerable<string?> Ids(CloudAnswer answer) => answer.Is(200)["flavors"].EnumerateArray().Select(f => f.GetProperty("id").GetString());
}
