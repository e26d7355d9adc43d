using System.Net.Sockets;
using System.Text;
using Nova.Tests.Support;

namespace Nova.Tests.Placement;

/// <summary>The manners of the API, and the rules of providers, inventories and traits.</summary>
public class PlacementApiTests(PlacementCloud cloud) : IClassFixture<PlacementCloud>
{
    private const string Providers = "/placement/resource_providers";

    [Fact]
    public async Task Discovery_needs_no_token_and_versions_are_negotiated()
    {
        var root = (await cloud.As("").With("OpenStack-API-Version", "compute 2.1, placement latest").Get("/placement")).Is(200);

        Assert.Equal("1.39", root["versions"][0].GetProperty("max_version").GetString());
        Assert.Equal("placement 1.39", root.Headers["OpenStack-API-Version"]);
        Assert.Contains("openstack-api-version", root.Headers["Vary"], StringComparison.Ordinal);
        Assert.Equal("no-cache", root.Headers["Cache-Control"]);
        Assert.False((await cloud.At("1.14").Get("/placement/")).Headers.ContainsKey("Last-Modified"));
        var refused = (await cloud.At("1.40").Get("/placement")).Error(406);
        Assert.Equal(("1.39", "1.0"), (refused.GetProperty("max_version").GetString(), refused.GetProperty("min_version").GetString()));
        Assert.Contains("invalid version string: one.two", (await cloud.At("one.two").Get("/placement")).Detail(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_have_one_form_and_codes_since_1_23()
    {
        var error = (await cloud.At("1.23").Get($"{Providers}/nobody")).Error(404);

        Assert.Equal("Not Found", error.GetProperty("title").GetString());
        Assert.Equal("The resource could not be found.\n\n No resource provider with uuid nobody found  ", error.GetProperty("detail").GetString());
        Assert.StartsWith("req-", error.GetProperty("request_id").GetString(), StringComparison.Ordinal);
        Assert.Equal("placement.undefined_code", error.GetProperty("code").GetString());
        Assert.False((await cloud.At("1.22").Get($"{Providers}/nobody")).Error(404).TryGetProperty("code", out _));
        (await cloud.As("").Get(Providers)).Is(401);
        (await cloud.As("ada:blue").Get(Providers)).Is(403);
        Assert.Equal("GET, POST", (await cloud.At("1.0").Delete(Providers)).Is(405).Headers["Allow"]);
        (await cloud.At("1.4").Delete($"{Providers}/{Guid.Empty}/inventories")).Is(405);
        (await cloud.At("1.5").Get($"{Providers}/{Guid.Empty}/traits")).Is(404);
        (await cloud.As("admin").With("Accept", "text/plain").Get(Providers)).Is(406);
        Assert.Contains("The media type text/plain is not supported, use application/json", (await cloud.At("1.0").Send(HttpMethod.Post, Providers, "x", "text/plain")).Detail(415), StringComparison.Ordinal);
        Assert.Contains("Malformed JSON", (await cloud.At("1.0").Post(Providers, "{")).Detail(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_server_itself_refuses_has_the_form_of_the_api()
    {
        using var connection = new TcpClient("127.0.0.1", new Uri(cloud.Url).Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /placement/resource_providers HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n"));
        using var reader = new StreamReader(stream);

        Assert.Contains("content-length header must be an integer", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trees_grow_and_move_by_the_rules_of_the_version()
    {
        var (root, other) = (await cloud.Provider("tree-root"), await cloud.Provider("tree-other"));
        var child = await cloud.Provider("tree-child", root);
        var grandchild = await cloud.Provider("tree-grandchild", child);

        Assert.Contains("creating loop in the provider tree is not allowed.", (await Move("1.37", root, "tree-root", grandchild)).Detail(400), StringComparison.Ordinal);
        Assert.Contains("re-parenting a provider is not currently allowed.", (await Move("1.36", child, "tree-child", other)).Detail(400), StringComparison.Ordinal);
        Assert.Contains("un-parenting a provider is not currently allowed.", (await Move("1.36", child, "tree-child", null)).Detail(400), StringComparison.Ordinal);
        Assert.Contains("parent provider UUID does not exist.", (await Move("1.37", child, "tree-child", Guid.Empty)).Detail(400), StringComparison.Ordinal);
        (await Move("1.37", child, "tree-child", other)).Is(200);
        Assert.Equal(other, (await cloud.At("1.39").Get($"{Providers}/{grandchild}"))["root_provider_uuid"].GetGuid());
        Assert.Equal(3, (await cloud.At("1.39").Get($"{Providers}?in_tree={grandchild}"))["resource_providers"].GetArrayLength());
        (await Move("1.37", child, "tree-child", null)).Is(200);
        Assert.Equal(child, (await cloud.At("1.39").Get($"{Providers}/{grandchild}"))["root_provider_uuid"].GetGuid());
        Assert.Equal("placement.duplicate_name", (await Move("1.37", child, "tree-root", null)).Error(409).GetProperty("code").GetString());
        Assert.Equal("placement.resource_provider.cannot_delete_parent", (await cloud.At("1.39").Delete($"{Providers}/{child}")).Error(409).GetProperty("code").GetString());
        (await cloud.At("1.39").Delete($"{Providers}/{grandchild}")).Is(204);
    }

    [Fact]
    public async Task A_provider_is_made_as_its_version_says()
    {
        var old = (await cloud.At("1.19").Post(Providers, new { name = "made-1" })).Is(201);
        Assert.Equal("", old.Text);
        Assert.StartsWith(cloud.Url + Providers, old.Headers["Location"], StringComparison.Ordinal);
        Assert.Contains("Conflicting resource provider name: made-1 already exists.", (await cloud.At("1.19").Post(Providers, new { name = "made-1" })).Detail(409), StringComparison.Ordinal);
        Assert.Contains("'bad_field' was unexpected", (await cloud.At("1.19").Post(Providers, new { name = "x", bad_field = 1 })).Detail(400), StringComparison.Ordinal);
        var id = (await cloud.At("1.20").Post(Providers, """{"name": "made-2", "uuid": "4E8E5957649F477B9E5BF1F75B21C03C"}""")).Is(200)["uuid"].GetString();
        Assert.Equal("4e8e5957-649f-477b-9e5b-f1f75b21c03c", id);
        Assert.Equal(["self", "inventories", "usages"], (await cloud.At("1.0").Get($"{Providers}/{id}"))["links"].EnumerateArray().Select(l => l.GetProperty("rel").GetString()));
    }

    [Fact]
    public async Task Lists_filter_by_everything_at_once()
    {
        var aggregate = Guid.NewGuid();
        var (fits, small) = (await cloud.Provider("list-fits", null, ("VCPU", 8), ("DISK_GB", 100)), await cloud.Provider("list-small", null, ("VCPU", 2)));
        foreach (var id in (Guid[])[fits, small])
        {
            (await cloud.At("1.39").Put($"{Providers}/{id}/traits", new { resource_provider_generation = 1, traits = (string[])["HW_CPU_X86_AVX", "HW_CPU_X86_SSE"] })).Is(200);
            (await cloud.At("1.18").Put($"{Providers}/{id}/aggregates", new[] { aggregate })).Is(200);
        }

        Assert.Equal(["list-fits"], await Names($"member_of={aggregate}&required=in:HW_CPU_X86_AVX,HW_CPU_X86_AVX2&required=!HW_CPU_X86_MMX&resources=VCPU:4,DISK_GB:100"));
        Assert.Equal(["list-fits", "list-small"], await Names($"member_of={aggregate}&required=HW_CPU_X86_SSE"));
        Assert.Empty(await Names($"member_of=!{aggregate}&name=list-fits"));
        Assert.Empty(await Names($"in_tree={Guid.NewGuid()}"));
        Assert.Contains("No such trait(s): CUSTOM_NOBODY.", (await cloud.At("1.39").Get($"{Providers}?required=CUSTOM_NOBODY")).Detail(400), StringComparison.Ordinal);
        Assert.Contains("No such resource class CUSTOM_NOBODY.", (await cloud.At("1.39").Get($"{Providers}?resources=CUSTOM_NOBODY:1")).Detail(400), StringComparison.Ordinal);
        Assert.Contains("expected positive integer amount. Got: many.", (await cloud.At("1.39").Get($"{Providers}?resources=VCPU:many")).Detail(400), StringComparison.Ordinal);
        Assert.Empty(await Names("resources=VCPU:999999999999999999999999999"));
    }

    [Fact]
    public async Task Inventories_keep_what_is_used_and_know_generations()
    {
        var id = await cloud.Provider("inventory", null, ("VCPU", 4), ("MEMORY_MB", 1024));
        (await cloud.Allocate(Guid.NewGuid(), null, (id, "VCPU", 3))).Is(204);
        var one = $"{Providers}/{id}/inventories";

        Assert.Equal("placement.concurrent_update", (await cloud.At("1.39").Put(one, new { resource_provider_generation = 1, inventories = new { } })).Error(409).GetProperty("code").GetString());
        var dropped = (await cloud.At("1.39").Put(one, new { resource_provider_generation = 2, inventories = new { MEMORY_MB = new { total = 1 } } })).Error(409);
        Assert.Equal("placement.inventory.inuse", dropped.GetProperty("code").GetString());
        Assert.Contains($"Inventory for 'VCPU' on resource provider '{id}' in use.", dropped.GetProperty("detail").GetString(), StringComparison.Ordinal);
        (await cloud.At("1.39").Put($"{one}/VCPU", new { resource_provider_generation = 2, total = 1, reserved = 1 })).Is(200);
        Assert.Equal(3, await cloud.Used(id, "VCPU"));
        Assert.Contains("greater than or equal to total", (await cloud.At("1.25").Put($"{one}/VCPU", new { resource_provider_generation = 3, total = 1, reserved = 1 })).Detail(400), StringComparison.Ordinal);
        Assert.Contains("No such resource class CUSTOM_NOBODY.", (await cloud.At("1.39").Post(one, new { resource_class = "CUSTOM_NOBODY", total = 1 })).Detail(400), StringComparison.Ordinal);
        Assert.Equal(3, (await cloud.At("1.39").Get(one))["resource_provider_generation"].GetInt64());
        (await cloud.At("1.39").Delete($"{one}/MEMORY_MB")).Is(204);
        (await cloud.At("1.39").Delete($"{one}/MEMORY_MB")).Is(404);
        (await cloud.At("1.39").Delete(one)).Is(409);
        await cloud.AssertExact();
    }

    [Fact]
    public async Task Custom_classes_and_traits_have_their_lives()
    {
        (await cloud.At("1.2").Post("/placement/resource_classes", new { name = "CUSTOM_OLD" })).Is(201);
        var id = await cloud.Provider("class", null, ("CUSTOM_OLD", 5));
        (await cloud.Allocate(Guid.NewGuid(), null, (id, "CUSTOM_OLD", 2))).Is(204);

        (await cloud.At("1.6").Put("/placement/resource_classes/CUSTOM_OLD", new { name = "CUSTOM_NEW" })).Is(200);
        Assert.Equal(2, await cloud.Used(id, "CUSTOM_NEW"));
        (await cloud.At("1.7").Put("/placement/resource_classes/CUSTOM_OLD", null)).Is(201);
        (await cloud.At("1.7").Put("/placement/resource_classes/CUSTOM_OLD", null)).Is(204);
        (await cloud.At("1.7").Put("/placement/resource_classes/VCPU", null)).Is(400);
        (await cloud.At("1.39").Delete("/placement/resource_classes/CUSTOM_NEW")).Is(409);
        (await cloud.At("1.39").Delete("/placement/resource_classes/CUSTOM_OLD")).Is(204);
        (await cloud.At("1.39").Delete("/placement/resource_classes/VCPU")).Is(400);

        (await cloud.At("1.6").Put("/placement/traits/CUSTOM_T", null)).Is(201);
        (await cloud.At("1.6").Put("/placement/traits/CUSTOM_t", null)).Is(400);
        (await cloud.At("1.6").Put($"{Providers}/{id}/traits", new { resource_provider_generation = 2, traits = (string[])["CUSTOM_T", "HW_NUMA_ROOT"] })).Is(200);
        Assert.Equal(["HW_NUMA_ROOT", "CUSTOM_T"], (await cloud.At("1.6").Get($"{Providers}/{id}/traits"))["traits"].EnumerateArray().Select(t => t.GetString()));
        (await cloud.At("1.6").Delete("/placement/traits/CUSTOM_T")).Is(409);
        (await cloud.At("1.6").Delete($"{Providers}/{id}/traits")).Is(204);
        (await cloud.At("1.6").Delete("/placement/traits/CUSTOM_T")).Is(204);
        (await cloud.At("1.6").Delete("/placement/traits/HW_NUMA_ROOT")).Is(400);
        await cloud.AssertExact();
    }

    [Fact]
    public async Task Pages_of_other_origins_may_call_where_the_settings_say_so()
    {
        var open = new PlacementCloud(("cors.origins", "http://valid.example.com"), ("cors.allow_headers", "openstack-api-version"));
        await open.InitializeAsync();
        try
        {
            var preflight = await open.As("").With("Origin", "http://valid.example.com").With("Access-Control-Request-Method", "GET").Send(HttpMethod.Options, "/placement", null);
            Assert.Equal("http://valid.example.com", preflight.Is(200).Headers["Access-Control-Allow-Origin"]);
            Assert.Equal("http://valid.example.com", (await open.As("admin").With("Origin", "http://valid.example.com").Get("/placement")).Is(200).Headers["Access-Control-Allow-Origin"]);
            var stranger = await open.As("").With("Origin", "http://other.example.com").With("Access-Control-Request-Method", "GET").Send(HttpMethod.Options, "/placement", null);
            Assert.False(stranger.Is(200).Headers.ContainsKey("Access-Control-Allow-Origin"));
            (await cloud.As("").With("Origin", "http://valid.example.com").Send(HttpMethod.Options, "/placement", null)).Is(405);
        }
        finally
        {
            await open.DisposeAsync();
        }
    }

    private Task<CloudAnswer> Move(string version, Guid id, string name, Guid? parent) => cloud.At(version).Put($"{Providers}/{id}", new { name, parent_provider_uuid = parent });

    private async Task<IEnumerable<string>> Names(string query) =>
        [.. (await cloud.At("1.39").Get($"{Providers}?{query}")).Is(200)["resource_providers"].EnumerateArray().Select(p => p.GetProperty("name").GetString()!)];
}
