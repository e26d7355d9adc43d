using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Hosts;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

public class AggregateTests(AggregateCloud cloud) : IClassFixture<AggregateCloud>
{
    private CloudClient Admin => cloud.Admin;

    [Fact]
    public async Task An_aggregate_is_made_read_listed_changed_and_removed()
    {
        var name = cloud.NewName("rack");
        var made = (await Admin.Post("/v2.1/os-aggregates", new { aggregate = new { name } })).Is(200)["aggregate"];
        var path = $"/v2.1/os-aggregates/{made.GetProperty("id").GetInt64()}";
        Assert.False(made.TryGetProperty("hosts", out _));
        Assert.False(made.TryGetProperty("metadata", out _));
        Assert.Equal(JsonValueKind.Null, made.GetProperty("availability_zone").ValueKind);
        Assert.Equal(JsonValueKind.Null, made.GetProperty("updated_at").ValueKind);

        var changed = (await Admin.Put(path, new { aggregate = new { name = name + "  " } })).Is(200)["aggregate"];
        Assert.Equal(name, changed.GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.String, changed.GetProperty("updated_at").ValueKind);

        var shown = (await Admin.Get(path)).Is(200)["aggregate"];
        Assert.Equal(made.GetProperty("uuid").GetGuid(), shown.GetProperty("uuid").GetGuid());
        Assert.Equal("{}", shown.GetProperty("metadata").GetRawText());
        Assert.Contains((await Admin.Get("/v2.1/os-aggregates")).Is(200)["aggregates"].EnumerateArray(), a => a.GetProperty("name").GetString() == name);

        Assert.Equal("", (await Admin.Delete(path)).Is(200).Text);
        (await Admin.Get(path)).Is(404, $"Aggregate {path.Split('/')[^1]} could not be found.");
        (await Admin.Delete(path)).Is(404);
    }

    [Fact]
    public async Task From_2_41_the_uuid_is_shown()
    {
        var path = await cloud.Make(cloud.NewName("edge"), zone: cloud.NewName("az"));

        Assert.False((await Admin.At("2.40").Get(path)).Is(200)["aggregate"].TryGetProperty("uuid", out _));
        Assert.True((await Admin.At("2.41").Get(path)).Is(200)["aggregate"].TryGetProperty("uuid", out _));
        Assert.False((await Admin.At("2.40").Post("/v2.1/os-aggregates", new { aggregate = new { name = cloud.NewName("old") } })).Is(200)["aggregate"].TryGetProperty("uuid", out _));
    }

    [Fact]
    public async Task From_2_102_unknown_parameters_are_refused()
    {
        (await cloud.As("admin").At("2.101").Get("/v2.1/os-aggregates?x=1")).Is(200);
        (await cloud.As("admin").At("2.102").Get("/v2.1/os-aggregates?x=1")).Is(400);
        (await cloud.As("admin").At("2.102").Get("/v2.1/os-aggregates/1?x=1")).Is(400);
    }

    [Theory]
    [InlineData("GET", "/v2.1/os-aggregates", null)]
    [InlineData("POST", "/v2.1/os-aggregates", """{"aggregate": {"name": "x"}}""")]
    [InlineData("GET", "/v2.1/os-aggregates/1", null)]
    [InlineData("PUT", "/v2.1/os-aggregates/1", """{"aggregate": {"name": "x"}}""")]
    [InlineData("DELETE", "/v2.1/os-aggregates/1", null)]
    [InlineData("POST", "/v2.1/os-aggregates/1/action", """{"add_host": {"host": "x"}}""")]
    [InlineData("POST", "/v2.1/os-aggregates/1/action", """{"remove_host": {"host": "x"}}""")]
    [InlineData("POST", "/v2.1/os-aggregates/1/action", """{"set_metadata": {"metadata": {}}}""")]
    [InlineData("POST", "/v2.1/os-aggregates/1/images", """{"cache": []}""")]
    public async Task Only_administrators_may(string method, string path, string? body)
    {
        (await cloud.As("ada:blue").At("2.81").Send(new(method), path, body)).Is(403);
        (await cloud.As("").At("2.81").Send(new(method), path, body)).Is(401);
    }

    [Theory]
    [InlineData("""{"aggregate": {}}""", "Invalid input for field/attribute aggregate. Value: {}. 'name' is a required property")]
    [InlineData("""{"aggregate": {"name": " x"}}""", "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.")]
    [InlineData("""{"aggregate": {"name": "x", "availability_zone": ""}}""", "Invalid input for field/attribute availability_zone. Value: . '' is not valid under any of the given schemas")]
    [InlineData("""{"aggregate": {"name": "x", "availability_zone": "a:b"}}""", "Invalid input for field/attribute availability_zone. Value: a:b. 'a:b' is not valid under any of the given schemas")]
    [InlineData("""{"aggregate": {"name": "x", "hosts": []}}""", "Invalid input for field/attribute aggregate. Value: {'name': 'x', 'hosts': []}. Additional properties are not allowed ('hosts' was unexpected)")]
    public async Task A_bad_aggregate_is_400(string body, string sentence) => (await Admin.Post("/v2.1/os-aggregates", body)).Is(400, sentence);

    [Fact]
    public async Task A_taken_name_is_409()
    {
        var (one, two) = (cloud.NewName("same"), cloud.NewName("other"));
        await cloud.Make(one);
        var path = await cloud.Make(two);

        (await Admin.Post("/v2.1/os-aggregates", new { aggregate = new { name = one } })).Is(409, $"Aggregate {one} already exists.");
        (await Admin.Put(path, new { aggregate = new { name = one } })).Is(409, $"Aggregate {one} already exists.");
        (await Admin.Put(path, new { aggregate = new { name = two } })).Is(200);
    }

    [Fact]
    public async Task Ids_are_numbers()
    {
        const string sentence = "Invalid input received: id must be an integer";
        (await Admin.Get("/v2.1/os-aggregates/x")).Is(400, sentence);
        (await Admin.Delete("/v2.1/os-aggregates/x")).Is(400, sentence);
        (await Admin.Put("/v2.1/os-aggregates/x", new { aggregate = new { name = "x" } })).Is(400, sentence);
        (await cloud.Add("/v2.1/os-aggregates/x", "h")).Is(400, sentence);
        (await cloud.Remove("/v2.1/os-aggregates/x", "h")).Is(400, sentence);
        (await cloud.Set("/v2.1/os-aggregates/x", new { })).Is(400, sentence);
        (await Admin.Get("/v2.1/os-aggregates/99999999999999999999")).Is(404, "Aggregate 99999999999999999999 could not be found.");
        (await Admin.Put("/v2.1/os-aggregates/999999", new { aggregate = new { name = "x" } })).Is(404, "Aggregate 999999 could not be found.");
        (await cloud.Set("/v2.1/os-aggregates/999999", new { })).Is(404, "Aggregate 999999 could not be found.");
        (await cloud.Add("/v2.1/os-aggregates/999999", cloud.NewHost())).Is(404, "Aggregate 999999 could not be found.");
    }

    [Theory]
    [InlineData("""{"aggregate": {}}""")]
    [InlineData("""{"aggregate": {"name": null}}""")]
    [InlineData("""{"aggregate": {"metadata": {}}}""")]
    public async Task A_bad_change_is_400(string body) => (await Admin.Put("/v2.1/os-aggregates/1", body)).Is(400);

    [Fact]
    public async Task A_host_is_in_at_most_one_zone()
    {
        var (host, east, west) = (cloud.NewHost(), cloud.NewName("east"), cloud.NewName("west"));
        var (inEast, inWest, none) = (await cloud.Make(cloud.NewName("a"), east), await cloud.Make(cloud.NewName("b"), west), await cloud.Make(cloud.NewName("c")));

        Assert.Equal([host], (await cloud.Add(inEast, host)).Is(200)["aggregate", "hosts"].EnumerateArray().Select(h => h.GetString()));
        Assert.Equal([host], (await cloud.Zones())[east]);
        Assert.Equal(east, (await Admin.Get($"/v2.1/os-services?host={host}"))["services"][0].GetProperty("zone").GetString());
        (await cloud.Add(none, host)).Is(200);
        (await cloud.Add(none, host)).Is(409, $"Aggregate {Number(none)} already has host {host}.");
        (await cloud.Add(inWest, host)).Is(409, $"Cannot add host to aggregate {Number(inWest)}. Reason: One or more hosts already in availability zone(s) ['{east}'].");
        (await Admin.Put(none, new { aggregate = new { availability_zone = west } }))
            .Is(400, $"Cannot update aggregate {Number(none)}. Reason: One or more hosts already in availability zone(s) ['{east}'].");
        (await cloud.Set(none, new { availability_zone = west }))
            .Is(400, $"Cannot update metadata of aggregate {Number(none)}. Reason: One or more hosts already in availability zone(s) ['{east}'].");
        (await cloud.Set(none, new { availability_zone = east })).Is(200);

        (await Admin.Delete(inEast)).Is(400, $"Cannot remove host from aggregate {Number(inEast)}. Reason: Host aggregate is not empty.");
        Assert.Empty((await cloud.Remove(inEast, host)).Is(200)["aggregate", "hosts"].EnumerateArray());
        Assert.Equal([host], (await cloud.Zones())[east]);
        (await cloud.Remove(none, host)).Is(200);
        Assert.DoesNotContain(east, (await cloud.Zones()).Keys);
        Assert.Contains(host, (await cloud.Zones())["nova"]);
        (await Admin.Delete(inEast)).Is(200);
    }

    [Fact]
    public async Task A_zone_is_renamed_while_it_has_no_servers()
    {
        var (host, before, after) = (cloud.NewHost(), cloud.NewName("before"), cloud.NewName("after"));
        var path = await cloud.Make(cloud.NewName("renamed"), before, host);

        var renamed = (await Admin.Put(path, new { aggregate = new { availability_zone = after } })).Is(200)["aggregate"];

        Assert.Equal(after, renamed.GetProperty("availability_zone").GetString());
        Assert.Equal(after, renamed.GetProperty("metadata").GetProperty("availability_zone").GetString());
        Assert.Equal([host], (await cloud.Zones())[after]);
        var name = renamed.GetProperty("name").GetString();
        (await Admin.Put(path, """{"aggregate": {"availability_zone": null}}"""))
            .Is(400, $"Cannot update aggregate {Number(path)}. Reason: Aggregate {name} does not support empty named availability zone.");
        (await cloud.Set(path, new { availability_zone = (string?)null }))
            .Is(400, $"Cannot update metadata of aggregate {Number(path)}. Reason: Aggregate {name} does not support empty named availability zone.");
    }

    [Fact]
    public async Task A_zone_does_not_change_under_servers()
    {
        var (host, zone) = (cloud.NewHost(), cloud.NewName("held"));
        var path = await cloud.Make(cloud.NewName("held"), zone, host);
        var server = await cloud.Boot(Admin, more: $$""", "availability_zone": "{{zone}}" """);
        Assert.Equal(zone, (await ServerCloud.Show(Admin, server)).GetProperty("OS-EXT-AZ:availability_zone").GetString());
        Assert.Equal(host, (await ServerCloud.Show(Admin, server)).GetProperty("OS-EXT-SRV-ATTR:host").GetString());
        const string advice = "Changing the AZ of an existing instance is not supported by this action. Move the instances away from this host then try again. If you need to move the instances between AZs then you can use shelve_offload and unshelve to achieve this..";

        (await Admin.Put(path, new { aggregate = new { availability_zone = "x" } })).Is(400, $"Cannot update aggregate {Number(path)}. Reason: One or more hosts contain instances in this zone.");
        (await Admin.Put(path, new { aggregate = new { availability_zone = zone } })).Is(200);
        (await cloud.Set(path, new { availability_zone = "x" })).Is(400, $"Cannot update metadata of aggregate {Number(path)}. Reason: One or more hosts contain instances in this zone.");
        (await cloud.Remove(path, host)).Is(
            409, $"Cannot remove host from aggregate {Number(path)}. Reason: The host cannot be removed from the aggregate as the availability zone of the host would change from '{zone}' to 'None' but the host already has 1 instance(s). {advice}");

        var second = await cloud.Make(cloud.NewName("second"), zone, host);
        (await cloud.Remove(path, host)).Is(200);
        (await Admin.Delete($"/v2.1/servers/{server}")).Is(204);
        await cloud.Settled(server);
        (await cloud.Remove(second, host)).Is(200);
    }

    [Fact]
    public async Task A_host_with_servers_does_not_enter_a_zone()
    {
        var host = cloud.NewHost();
        await cloud.Boot(Admin, more: $$""", "availability_zone": "nova:{{host}}" """);
        var zone = cloud.NewName("late");
        var path = await cloud.Make(cloud.NewName("late"), zone);

        (await cloud.Add(path, host)).Is(
            409, $"Cannot add host to aggregate {Number(path)}. Reason: The host cannot be added to the aggregate as the availability zone of the host would change from 'None' to '{zone}' but the host already has 1 instance(s). Changing the AZ of an existing instance is not supported by this action. Move the instances away from this host then try again. If you need to move the instances between AZs then you can use shelve_offload and unshelve to achieve this..");
        (await cloud.Add(await cloud.Make(cloud.NewName("without")), host)).Is(200);
    }

    [Fact]
    public async Task A_zone_without_hosts_is_not_available()
    {
        var zone = cloud.NewName("empty");
        await cloud.Make(cloud.NewName("empty"), zone);

        (await Admin.Post("/v2.1/servers", cloud.Body(more: $$""", "availability_zone": "{{zone}}" """))).Is(400, "The requested availability zone is not available");
    }

    [Fact]
    public async Task Hosts_that_are_not_there_are_404()
    {
        var path = await cloud.Make(cloud.NewName("lonely"));

        (await cloud.Add(path, "nowhere")).Is(404, "Compute host nowhere could not be found.");
        (await cloud.Remove(path, "nowhere")).Is(404, $"Cannot remove host nowhere in aggregate {Number(path)}");
        (await cloud.Remove(path, cloud.NewHost())).Is(404);
        (await cloud.Remove("/v2.1/os-aggregates/999999", cloud.NewHost())).Is(404);
        (await cloud.Add(path, "a b")).Is(400, "Invalid input for field/attribute host. Value: a b. 'a b' does not match '^[a-zA-Z0-9-._]*$'");
    }

    [Fact]
    public async Task Keys_of_the_metadata_are_set_and_with_null_removed()
    {
        var path = await cloud.Make(cloud.NewName("keys"), zone: cloud.NewName("az"));

        (await cloud.Set(path, new { ssd = "true", gpu = "no" })).Is(200);
        var metadata = (await cloud.Set(path, new Dictionary<string, string?> { ["gpu"] = null, ["never"] = null, ["a.b:c d-e_f"] = "" })).Is(200)["aggregate", "metadata"];

        Assert.Equal(["a.b:c d-e_f", "availability_zone", "ssd"], metadata.EnumerateObject().Select(m => m.Name).Order());
        (await cloud.Set(path, new Dictionary<string, string> { ["a/b"] = "x" })).Is(400);
        (await cloud.Set(path, new Dictionary<string, string> { ["a"] = new string('x', 256) })).Is(400);
        (await Admin.Post(path + "/action", """{"set_metadata": {"metadata": {"a": 1}}}""")).Is(400, "Invalid input for field/attribute a. Value: 1. 1 is not of type 'string', 'null'");
        (await Admin.Post(path + "/action", """{"explode": {}}""")).Is(400, "There is no such action: explode");
    }

    [Fact]
    public async Task Placement_has_a_twin_of_each_aggregate_and_the_scheduler_hears_of_both()
    {
        var host = cloud.NewHost();
        var path = await cloud.Make(cloud.NewName("twin"), null, host);
        var id = (await Admin.Get(path))["aggregate", "uuid"].GetGuid();

        Assert.Equal(1, await Twins(id));
        (await cloud.Remove(path, host)).Is(200);
        Assert.Equal(0, await Twins(id));
    }

    [Fact]
    public async Task A_service_that_is_deleted_leaves_its_aggregates()
    {
        var host = cloud.NewHost();
        var path = await cloud.Make(cloud.NewName("left"), null, host);
        var id = (await Admin.Get(path))["aggregate", "uuid"].GetGuid();
        var service = (await Admin.Get($"/v2.1/os-services?host={host}"))["services"][0].GetProperty("id").GetString();

        await Disconnect(host);
        (await Admin.Delete($"/v2.1/os-services/{service}")).Is(204);

        Assert.Empty((await Admin.Get(path)).Is(200)["aggregate", "hosts"].EnumerateArray());
        Assert.Equal(0, await Twins(id));
        (await Admin.Delete(path)).Is(200);
    }

    [Fact]
    public async Task From_2_81_the_hosts_of_an_aggregate_cache_images()
    {
        var (one, two) = (cloud.NewHost(), cloud.NewHost());
        var path = await cloud.Make(cloud.NewName("cache"), null, one, two) + "/images";
        var body = new { cache = new[] { new { id = cloud.Image } } };
        (await Admin.At("2.80").Post(path, body)).Is(404);

        Assert.Equal("", (await Admin.At("2.81").Post(path, body)).Is(202).Text);

        await Eventually.Is(async () => await Orders() == 0);
        Assert.Equal([cloud.Image], cloud.Fake(one).CachedImages);
        Assert.Equal([cloud.Image], cloud.Fake(two).CachedImages);
    }

    [Fact]
    public async Task What_cannot_be_cached_is_refused_or_given_up()
    {
        var path = await cloud.Make(cloud.NewName("cache"), null, cloud.NewHost()) + "/images";
        var (missing, at) = (new { id = Guid.NewGuid() }, Admin.At("2.81"));

        (await at.Post(path, new { cache = new[] { missing, missing } })).Is(400, "Duplicate images in request");
        (await at.Post(path, new { cache = Array.Empty<object>() })).Is(400, "Invalid input for field/attribute cache. Value: []. [] should be non-empty");
        (await at.Post(path, new { cache = new[] { new { id = "x" } } })).Is(400);
        (await at.Post("/v2.1/os-aggregates/999999/images", new { cache = new[] { missing } })).Is(404, "Aggregate 999999 could not be found.");
        (await at.Post("/v2.1/os-aggregates/x/images", new { cache = new[] { missing } })).Is(400, "Invalid input received: id must be an integer");
        (await at.Post(path, new { cache = new[] { missing } })).Is(202);

        await Eventually.Is(async () => await Orders() == 0);
    }

    private async Task Disconnect(string host)
    {
        var id = await Database.Read(rows => rows.Value<string>("SELECT id FROM hosts WHERE name = @host", new { host }), default);
        var hosts = cloud.Services.GetRequiredService<HostDirectory>();
        hosts.Disconnect(hosts.Get(Guid.Parse(id)));
    }

    private Task<long> Orders() => Database.Read(rows => rows.Value<long>("SELECT COUNT(*) FROM image_orders"), default);

    private Task<long> Twins(Guid aggregate) =>
        Database.Read(rows => rows.Value<long>("SELECT COUNT(*) FROM provider_aggregates WHERE aggregate_id = @aggregate", new { aggregate }), default);

    private Modules.Shared.Database.Database Database => cloud.Services.GetRequiredService<Modules.Shared.Database.Database>();

    private static string Number(string path) => path.Split('/')[^1];
}
