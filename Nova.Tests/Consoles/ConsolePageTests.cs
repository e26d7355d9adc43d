using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Consoles;

/// <summary>Consoles on a listener of their own, with pages, addresses and kinds as an operator set them.</summary>
public sealed class ConsolePageTests(ConsolePageTests.Cloud cloud) : IClassFixture<ConsolePageTests.Cloud>
{
    [Fact]
    public async Task Addresses_are_those_of_the_settings()
    {
        var ada = cloud.NewMember().At("2.99");
        var id = await cloud.Boot(ada);

        Assert.Matches("^http://127.0.0.1:[0-9]+/console/vnc_auto.html[?]path=%3Ftoken%3D[0-9a-f-]{36}$", await Address(ada, id, "vnc", "novnc"));
        Assert.Matches("^https://spice.example.org/view[?]lang=en&token=[0-9a-f-]{36}$", await Address(ada, id, "spice", "spice-html5"));
        Assert.Matches("^http://direct.example.org/nova[?]token=[0-9a-f-]{36}$", await Address(ada, id, "spice", "spice-direct"));
        Assert.Matches("^http://mks.example.org/mks.html[?]token=[0-9a-f-]{36}$", await Address(ada, id, "mks", "webmks"));
    }

    [Fact]
    public async Task Consoles_are_on_their_own_port_and_there_alone()
    {
        var ada = cloud.NewMember().At("2.99");
        var id = await cloud.Boot(ada);
        var url = await Address(ada, id, "serial", "serial");
        Assert.StartsWith($"ws://127.0.0.1:{Cloud.Port}/console?token=", url, StringComparison.Ordinal);
        await using var user = await ConsoleClient.Open(url, "https://portal.example.org");
        await user.Until("login: ");

        var elsewhere = cloud.Url.Replace("http:", "ws:", StringComparison.Ordinal) + new Uri(url).PathAndQuery;
        // An address like any other that the API does not have.
        Assert.Equal(300, await ConsoleClient.Refusal(elsewhere));
        Assert.Equal(404, (int)(await cloud.Http.GetAsync(new Uri($"http://127.0.0.1:{Cloud.Port}/v2.1"))).StatusCode);
        Assert.Equal(200, (int)(await cloud.Http.GetAsync(new Uri($"http://127.0.0.1:{Cloud.Port}/healthcheck"))).StatusCode);
    }

    [Fact]
    public async Task A_console_of_a_kind_that_only_has_an_address_is_not_opened_here()
    {
        var ada = cloud.NewMember().At("2.99");
        var id = await cloud.Boot(ada);
        var token = (await Address(ada, id, "spice", "spice-direct")).Split("token=")[1];

        Assert.Equal(501, await ConsoleClient.Refusal($"ws://127.0.0.1:{Cloud.Port}/?token={token}"));
        var shown = (await cloud.As("admin").At("2.99").Get($"/v2.1/os-console-auth-tokens/{token}")).Is(200)["console"];
        Assert.Equal((id, 6100, 6101), (shown.GetProperty("instance_uuid").GetString(), shown.GetProperty("port").GetInt32(), shown.GetProperty("tls_port").GetInt32()));
    }

    [Fact]
    public async Task The_pages_are_served_with_their_parts_and_nothing_else_is()
    {
        var page = await Page("/console/serial.html?token=x");
        Assert.Contains("serial.js", page, StringComparison.Ordinal);
        Assert.Contains("new WebSocket", await Page("/console/serial.js"), StringComparison.Ordinal);
        Assert.Equal("<html>noVNC</html>", await Page("/console/vnc_auto.html?path=%3Ftoken%3Dx"));
        Assert.Equal("export {}", await Page("/console/core/rfb.js"));
        foreach (var path in (string[])["/console/secret", "/console/../secret", "/console/..%2fsecret", "/console/%2e%2e/secret", "/console/.hidden", "/console/core", "/console/nothing"])
            Assert.Equal(404, (int)(await cloud.Http.GetAsync(new Uri($"http://127.0.0.1:{Cloud.Port}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))).StatusCode);
        Assert.Equal(405, (int)(await cloud.Http.PostAsync(new Uri($"http://127.0.0.1:{Cloud.Port}/console/serial.html"), null)).StatusCode);
    }

    private async Task<string> Page(string path)
    {
        using var answer = await cloud.Http.GetAsync(new Uri($"http://127.0.0.1:{Cloud.Port}{path}"));
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<string> Address(CloudClient caller, string id, string protocol, string type) =>
        (await caller.Post($"/v2.1/servers/{id}/remote-consoles", $$$"""{"remote_console": {"protocol": "{{{protocol}}}", "type": "{{{type}}}"}}""")).Is(200)["remote_console", "url"].GetString()!;

    public sealed class Cloud : ServerCloud
    {
        public static readonly int Port = Cluster.RoleProcess.FreePort();

        private readonly DirectoryInfo _web = Directory.CreateTempSubdirectory("nova-console-");

        protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string>
        {
            ["console.listen"] = $"127.0.0.1:{Port}", ["console.spice"] = "true", ["console.mks"] = "true", ["console.web_folder"] = Path.Combine(_web.FullName, "web"),
            ["console.spice_url"] = "https://spice.example.org/view?lang=en", ["console.spice_direct_url"] = "http://direct.example.org/nova",
            ["console.mks_url"] = "http://mks.example.org/mks.html", ["console.allowed_origins"] = "https://portal.example.org",
        };

        public override async Task InitializeAsync()
        {
            _web.CreateSubdirectory("web/core");
            await File.WriteAllTextAsync(Path.Combine(_web.FullName, "secret"), "secret");
            await File.WriteAllTextAsync(Path.Combine(_web.FullName, "web", "vnc_lite.html"), "<html>noVNC</html>");
            await File.WriteAllTextAsync(Path.Combine(_web.FullName, "web", ".hidden"), "secret");
            await File.WriteAllTextAsync(Path.Combine(_web.FullName, "web", "core", "rfb.js"), "export {}");
            await base.InitializeAsync();
        }
    }
}

/// <summary>Consoles with the stock <c>openstack</c> client.</summary>
public sealed class ConsoleStockClientTests(DirectConsoleTests.Cloud cloud) : IClassFixture<DirectConsoleTests.Cloud>
{
    [NeedsFact(Need.OpenStackClient)]
    public async Task The_address_that_it_shows_opens_the_console()
    {
        var id = await cloud.Boot(cloud.As("ada:stock").At("2.90"), "stock");
        foreach (var version in (string[])["2.1", "2.90"])
        {
            var client = new StockClient(cloud.Url + "/v2.1", "ada:stock", version);
            var serial = await client.Json("console", "url", "show", "--serial", id);
            Assert.Equal("serial", serial.GetProperty("type").GetString());
            await using var console = await ConsoleClient.Open(serial.GetProperty("url").GetString()!);
            await console.Until("login: ");

            var screen = await client.Json("console", "url", "show", "--novnc", id);
            await using var picture = await ConsoleClient.Open(screen.GetProperty("url").GetString()!);
            await picture.Until("RFB 003.008");
        }
    }
}
