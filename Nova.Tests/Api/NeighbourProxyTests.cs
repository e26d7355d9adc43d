using System.Text.Json;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

[Collection(nameof(ServerCloud))]
public sealed class NeighbourProxyTests(ServerCloud cloud)
{
    private CloudClient Admin => cloud.As("admin").At("2.35");

    [Fact]
    public async Task Images_are_listed_filtered_paged_and_shown_until_2_35()
    {
        var ada = cloud.NewMember().At("2.35");
        var name = "proxy-" + Guid.NewGuid();
        var first = await cloud.MakeImage($$"""{"name": "{{name}}", "disk_format": "raw", "container_format": "bare", "visibility": "public", "color": "red", "min_ram": 64}""");
        var second = await cloud.MakeImage($$"""{"name": "{{name}}", "disk_format": "raw", "container_format": "bare", "visibility": "public", "auto_disk_config": "True"}""");

        Assert.Equal([second, first], await Ids(ada, $"/v2.1/images?name={name}", "images"));
        Assert.Equal([first], await Ids(ada, $"/v2.1/images?name={name}&property-color=red", "images"));
        Assert.Equal([first], await Ids(ada, $"/v2.1/images/detail?name={name}&minRam=64&status=ACTIVE", "images"));
        Assert.Equal([], await Ids(ada, $"/v2.1/images?name={name}&server=http://x/servers/1", "images"));
        var page = (await ada.Get($"/v2.1/images?name={name}&limit=1")).Is(200);
        Assert.Equal([first], await Ids(ada, new Uri(page["images_links"][0].GetProperty("href").GetString()!).PathAndQuery, "images"));

        var shown = (await ada.Get($"/v2.1/images/{second}")).Is(200)["image"];
        Assert.Equal(("ACTIVE", 100, 1024, "AUTO"), (shown.GetProperty("status").GetString(), shown.GetProperty("progress").GetInt32(), shown.GetProperty("OS-EXT-IMG-SIZE:size").GetInt32(), shown.GetProperty("OS-DCF:diskConfig").GetString()));
        (await ada.Get("/v2.1/images/no-such")).Is(404, "Image not found.");
        (await ada.Get("/v2.1/images?limit=0")).Is(400);
        (await ada.Get("/v2.1/images?changes-since=never")).Is(400);
        (await ada.At("2.36").Get("/v2.1/images")).Is(404);
        (await ada.Delete($"/v2.1/images/{first}")).Is(403, "You are not allowed to delete the image.");
        (await Admin.Delete($"/v2.1/images/{first}")).Is(204);
        (await Admin.Delete($"/v2.1/images/{first}")).Is(404, "Image not found.");
    }

    [Fact]
    public async Task Properties_of_images_are_changed_until_2_38()
    {
        var admin = cloud.As("admin").At("2.38");
        var metadata = "/v2.1/images/" + await cloud.MakeImage("""{"name": "proxied", "disk_format": "raw", "container_format": "bare", "visibility": "public", "a": "1"}""") + "/metadata";
        Assert.Equal("""{"a":"1","b":"2"}""", (await admin.Post(metadata, """{"metadata": {"b": "2"}}""")).Is(200)["metadata"].GetRawText());
        (await admin.Put(metadata + "/a", """{"meta": {"b": "2"}}""")).Is(400, "Request body and URI mismatch");
        (await admin.Put(metadata + "/a", """{"meta": {"a": "3"}}""")).Is(200);
        Assert.Equal("3", (await admin.Get(metadata + "/a")).Is(200)["meta", "a"].GetString());
        (await admin.Delete(metadata + "/b")).Is(204);
        (await admin.Delete(metadata + "/b")).Is(404, "Invalid metadata key");
        (await admin.Put(metadata, """{"metadata": {"c": "4"}}""")).Is(200);
        Assert.Equal("""{"c":"4"}""", (await admin.Get(metadata)).Is(200)["metadata"].GetRawText());
        (await cloud.NewMember().Put(metadata, """{"metadata": {}}""")).Is(403);
        (await admin.Get("/v2.1/images/no-such/metadata")).Is(404, "Image not found.");
        (await admin.At("2.39").Get(metadata)).Is(404);
    }

    [Fact]
    public async Task Networks_are_shown_by_name_until_2_35()
    {
        var ada = cloud.NewMember().At("2.35");
        var id = (await ada.Post("/network/v2.0/networks", """{"network": {"name": "mine"}}""")).Is(201)["network", "id"].GetString()!;

        Assert.Contains(id, await Ids(ada, "/v2.1/os-networks", "networks"));
        Assert.Equal("mine", (await ada.Get($"/v2.1/os-networks/{id}")).Is(200)["network", "label"].GetString());
        Assert.False((await ada.Get($"/v2.1/os-networks/{id}"))["network"].TryGetProperty("bridge", out _));
        Assert.True((await Admin.Get($"/v2.1/os-networks/{id}")).Is(200)["network"].TryGetProperty("bridge", out _));
        Assert.Equal("None", (await ada.Get($"/v2.1/os-tenant-networks/{id}")).Is(200)["network", "cidr"].GetString());
        Assert.Contains(id, await Ids(ada, "/v2.1/os-tenant-networks", "networks"));
        (await cloud.NewMember().Get($"/v2.1/os-networks/{id}")).Is(404, "Network not found");
        (await ada.At("2.36").Get("/v2.1/os-networks")).Is(404);
    }

    [Fact]
    public async Task There_are_pools_and_no_floating_addresses_yet()
    {
        var ada = cloud.NewMember().At("2.35");
        (await Admin.Post("/network/v2.0/networks", """{"network": {"name": "outside", "router:external": true}}""")).Is(201);
        Assert.Contains((await ada.Get("/v2.1/os-floating-ip-pools")).Is(200)["floating_ip_pools"].EnumerateArray(), p => p.GetProperty("name").GetString() == "outside");
        Assert.Equal(0, (await ada.Get("/v2.1/os-floating-ips")).Is(200)["floating_ips"].GetArrayLength());
        (await ada.Post("/v2.1/os-floating-ips", "null")).Is(404, "No more floating IPs available.");
        (await ada.Post("/v2.1/os-floating-ips", """{"pool": "outside"}""")).Is(404, "No more floating IPs in pool outside.");
        (await ada.Post("/v2.1/os-floating-ips", """{"pool": "inside"}""")).Is(404, "Floating IP pool not found.");
        (await ada.Get("/v2.1/os-floating-ips/1")).Is(404, "Floating IP not found for ID 1");
    }

    [Fact]
    public async Task Security_groups_are_made_changed_and_removed_until_2_35()
    {
        var ada = cloud.NewMember().At("2.35");
        var made = (await ada.Post("/v2.1/os-security-groups", """{"security_group": {"name": "web", "description": "pages"}}""")).Is(200)["security_group"];
        var id = made.GetProperty("id").GetString();
        var rule = (await ada.Post("/v2.1/os-security-group-rules", $$"""{"security_group_rule": {"parent_group_id": "{{id}}", "ip_protocol": "tcp", "from_port": "80", "to_port": 81, "cidr": "10.2.3.4/8"} }"""))
            .Is(200)["security_group_rule"];
        Assert.Equal(("tcp", 80, 81, "10.2.3.4/8"), (rule.GetProperty("ip_protocol").GetString(), rule.GetProperty("from_port").GetInt32(), rule.GetProperty("to_port").GetInt32(), rule.GetProperty("ip_range").GetProperty("cidr").GetString()));
        var own = (await ada.Post("/v2.1/os-security-group-rules", $$"""{"security_group_rule": {"parent_group_id": "{{id}}", "group_id": "{{id}}", "ip_protocol": "icmp"} }""")).Is(200)["security_group_rule"];
        Assert.Equal(("web", -1), (own.GetProperty("group").GetProperty("name").GetString(), own.GetProperty("from_port").GetInt32()));

        var listed = (await ada.Get("/v2.1/os-security-groups")).Is(200)["security_groups"];
        Assert.Equal(["default", "web"], listed.EnumerateArray().Select(g => g.GetProperty("name").GetString()));
        Assert.Equal(2, listed[1].GetProperty("rules").GetArrayLength());
        Assert.Equal(1, (await ada.Get("/v2.1/os-security-groups?limit=1&offset=1")).Is(200)["security_groups"].GetArrayLength());
        (await ada.Put($"/v2.1/os-security-groups/{id}", """{"security_group": {"name": "www", "description": ""}}""")).Is(200);
        Assert.Equal("www", (await ada.Get($"/v2.1/os-security-groups/{id}")).Is(200)["security_group", "name"].GetString());

        (await cloud.NewMember().Get($"/v2.1/os-security-groups/{id}")).Is(404, $"Security group {id} not found.");
        (await cloud.NewMember().Delete($"/v2.1/os-security-group-rules/{rule.GetProperty("id").GetString()}")).Is(404);
        (await ada.Delete($"/v2.1/os-security-group-rules/{rule.GetProperty("id").GetString()}")).Is(202);
        (await ada.Delete($"/v2.1/os-security-groups/{id}")).Is(202);
        (await ada.Delete($"/v2.1/os-security-groups/{id}")).Is(404);
        (await ada.Get("/v2.1/os-security-groups/1")).Is(400, "Security group id should be uuid");
        (await ada.At("2.36").Get("/v2.1/os-security-groups")).Is(404);
    }

    [Theory]
    [InlineData("""{"ip_protocol": "tcp"}""", "Not enough parameters to build a valid rule.")]
    [InlineData("""{"ip_protocol": "gre", "from_port": 1, "to_port": 1}""", "Invalid IP protocol GRE.")]
    [InlineData("""{"ip_protocol": "tcp", "from_port": 2, "to_port": 1}""", "Invalid port range 2:1. Former value cannot be greater than the later")]
    [InlineData("""{"ip_protocol": "tcp", "from_port": 1, "to_port": 1, "cidr": "10.0.0.1/99"}""", "Invalid cidr 10.0.0.1/99.")]
    [InlineData("""{"ip_protocol": "tcp", "from_port": "x", "to_port": 1}""", "Invalid input received: from_port must be an integer")]
    [InlineData("""{"ip_protocol": {}, "from_port": [], "to_port": 1}""", "Invalid input received: from_port must be an integer")]
    public async Task A_rule_that_is_none_is_refused(string rule, string sentence)
    {
        var ada = cloud.NewMember().At("2.35");
        var group = (await ada.Get("/v2.1/os-security-groups")).Is(200)["security_groups"][0].GetProperty("id").GetString();
        var body = rule.Insert(1, $"\"parent_group_id\": \"{group}\", ");
        (await ada.Post("/v2.1/os-security-group-rules", $$"""{"security_group_rule": {{body}}}""")).Is(400, sentence);
    }

    private static async Task<List<string>> Ids(CloudClient caller, string path, string member) =>
        [.. (await caller.Get(path)).Is(200)[member].EnumerateArray().Select(i => i.GetProperty("id").GetString()!)];
}
