using System.Diagnostics;
using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours.Keystone;

/// <summary>The whole program with a real Keystone, as the stock client sees both.</summary>
[Collection(nameof(KeystoneServer))]
public sealed class KeystoneCloudTests(KeystoneServer keystone)
{
    private const string Image = "/image/v2/images";

    [NeedsFact(Need.Keystone, Need.OpenStackClient)]
    public async Task The_stock_client_finds_the_services_in_keystones_catalog_and_boots_a_server()
    {
        await using var cloud = new Cloud(keystone.Url);
        await cloud.InitializeAsync();
        foreach (var (type, path) in (IEnumerable<(string, string)>)[("compute", "/compute/v2.1"), ("placement", "/placement"), ("image", "/image"), ("network", "/network")])
            await AddToCatalog(type, cloud.Url + path);
        await keystone.AddMember("ada", "pw-ada");
        var admin = cloud.As(await keystone.Token("admin", KeystoneServer.Password, KeystoneServer.Project("admin")));
        (await admin.Post("/v2.1/flavors", """{"flavor": {"id": "tiny", "name": "tiny", "ram": 64, "vcpus": 1, "disk": 1}}""")).Is(200);
        var image = (await admin.Post(Image, """{"name": "tiny", "disk_format": "raw", "container_format": "bare", "visibility": "public"}""")).Is(201)["id"].GetString()!;
        (await admin.Send(HttpMethod.Put, $"{Image}/{image}/file", new string('x', 1024), "application/octet-stream")).Is(204);

        var made = await OpenStack("ada", "pw-ada", "server", "create", "--flavor", "tiny", "--image", "tiny", "--network", "none", "--wait", "vm");
        Assert.Equal("ACTIVE", made.GetProperty("status").GetString());
        Assert.Equal("vm", Assert.Single((await OpenStack("ada", "pw-ada", "server", "list")).EnumerateArray()).GetProperty("Name").GetString());
        Assert.Empty((await OpenStack("admin", KeystoneServer.Password, "server", "list")).EnumerateArray());
    }

    [NeedsFact(Need.Keystone)]
    public async Task Roles_come_from_keystone_and_nobody_is_let_in_without_a_token_of_its()
    {
        await using var cloud = new Cloud(keystone.Url);
        await cloud.InitializeAsync();
        var (project, _) = await keystone.AddMember("eve", "pw-eve");
        var eve = cloud.As(await keystone.Token("eve", "pw-eve", KeystoneServer.Project("eve")));

        (await eve.Get("/v2.1/servers")).Is(200);
        (await eve.Get("/v2.1/os-services")).Is(403);
        (await eve.With("X-Roles", "admin").Get("/v2.1/os-services")).Is(403);
        (await cloud.As("admin").Get("/v2.1/servers")).Is(401);
        (await cloud.As("eve:" + project).Get("/v2.1/servers")).Is(401);
        (await cloud.As("").Get("/v2.1/servers")).Is(401);
        var admin = cloud.As(await keystone.Token("admin", KeystoneServer.Password, KeystoneServer.Project("admin")));
        (await admin.Get("/v2.1/os-services")).Is(200);
        (await admin.Put($"/v2.1/os-quota-sets/{project}", """{"quota_set": {"cores": 3}}""")).Is(200);
        (await admin.Put("/v2.1/os-quota-sets/nowhere", """{"quota_set": {"cores": 3}}""")).Is(400, "Project ID nowhere is not a valid project.");
        Assert.DoesNotContain("stable", (await cloud.As("").Get("/identity/v3")).Text, StringComparison.Ordinal);
    }

    private async Task AddToCatalog(string type, string url)
    {
        var service = (await keystone.Ask(HttpMethod.Post, "/services", new { service = new { type, name = type } })).GetProperty("service").GetProperty("id").GetString();
        await keystone.Ask(HttpMethod.Post, "/endpoints", new { endpoint = new { service_id = service, @interface = "public", url, region_id = "RegionOne" } });
    }

    private async Task<JsonElement> OpenStack(string user, string password, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/openstack", [.. arguments, "-f", "json"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in (IEnumerable<(string, string)>)
            [
                ("OS_AUTH_URL", keystone.Url), ("OS_IDENTITY_API_VERSION", "3"), ("OS_USERNAME", user), ("OS_PASSWORD", password), ("OS_PROJECT_NAME", user),
                ("OS_USER_DOMAIN_ID", "default"), ("OS_PROJECT_DOMAIN_ID", "default"), ("OS_COMPUTE_API_VERSION", "2.90"),
            ])
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"openstack {string.Join(' ', arguments)}: {await errors}");
        return JsonSerializer.Deserialize<JsonElement>(await output);
    }

    private sealed class Cloud(string keystone) : TestCloud, IAsyncDisposable
    {
        protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string>
        {
            ["identity.kind"] = "keystone", ["keystone.url"] = keystone, ["keystone.username"] = "admin", ["keystone.project"] = "admin", ["keystone.password"] = KeystoneServer.Password,
        };

        async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
    }
}
