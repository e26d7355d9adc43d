using System.Net.Http.Json;
using System.Text.Json;
using Nova.Modules.Identity;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

public class ApplicationCredentialTests
{
    private const string V3 = "/identity/v3";
    private const string Tokens = V3 + "/auth/tokens";

    [Theory, OnSqlite, OnPostgres]
    public async Task A_credential_logs_in_by_id_or_name_with_its_roles_until_it_is_removed(string kind)
    {
        await using var cloud = await NeighbourCloud.Start(kind);
        var user = (await cloud.Admin.Json(V3 + "/users?name=demo")).Text("users.0.id");
        var mine = $"{V3}/users/{user}/application_credentials";
        var made = (await cloud.Demo.Send(HttpMethod.Post, mine, Body(new { name = "ci", roles = new[] { new { name = "reader" } } }), 201)).At("application_credential");
        var (id, secret) = (made.Text("id"), made.Text("secret"));
        await cloud.Demo.Send(HttpMethod.Post, mine, Body(new { name = "ci" }), 409);
        await cloud.Demo.Send(HttpMethod.Post, mine, Body(new { name = "more", roles = new[] { new { name = "admin" } } }), 400);
        await cloud.Demo.Send(HttpMethod.Post, mine, Body(new { name = "late", expires_at = "2001-01-01T00:00:00" }), 400);
        await cloud.Admin.Send(HttpMethod.Post, mine, Body(new { name = "foreign" }), 403);
        Assert.False((await cloud.Demo.Json(mine + "/" + id)).At("application_credential").TryGetProperty("secret", out _));

        var token = (await Issue(cloud, ById(id, secret), 201)).At("token");
        Assert.Equal(["reader"], token.At("roles").Names());
        Assert.Equal(("demo", "ci", "True", """["application_credential"]"""), (token.Text("project.name"), token.Text("application_credential.name"), token.Text("application_credential.restricted"), token.At("methods").GetRawText()));
        await Issue(cloud, new { auth = new { identity = new { methods = new[] { "application_credential" }, application_credential = new { name = "ci", secret, user = new { name = "demo", domain = new { id = "default" } } } } } }, 201);
        await Issue(cloud, ById(id, secret + "x"), 401);
        await Issue(cloud, new { auth = new { identity = new { methods = new[] { "application_credential" }, application_credential = new { id, secret } }, scope = new { project = new { name = "demo", domain = new { id = "default" } } } } }, 401);

        var program = await cloud.Login(ById(id, secret));
        await program.Send(HttpMethod.Post, mine, Body(new { name = "another" }), 403);
        await program.Send(HttpMethod.Delete, mine + "/" + id, null, 403);
        await program.Json(V3 + "/credentials", 403);
        await cloud.Demo.Send(HttpMethod.Delete, mine + "/" + id, null, 204);
        await program.Json(V3 + "/auth/projects", 401);
        await Issue(cloud, ById(id, secret), 401);
    }

    [Fact]
    public async Task An_unrestricted_credential_makes_others_and_all_end_when_the_role_goes()
    {
        await using var cloud = await NeighbourCloud.Start();
        var user = (await cloud.Admin.Json(V3 + "/users?name=demo")).Text("users.0.id");
        var mine = $"{V3}/users/{user}/application_credentials";
        var made = (await cloud.Demo.Send(HttpMethod.Post, mine, Body(new { name = "boss", unrestricted = true }), 201)).At("application_credential");
        var program = await cloud.Login(ById(made.Text("id"), made.Text("secret")));
        var second = (await program.Send(HttpMethod.Post, mine, Body(new { name = "second" }), 201)).At("application_credential");

        var (project, member) = ((await cloud.Admin.Json(V3 + "/projects?name=demo")).Text("projects.0.id"), (await cloud.Admin.Json(V3 + "/roles?name=member")).Text("roles.0.id"));
        await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/projects/{project}/users/{user}/roles/{member}", null, 204);
        await program.Json(V3 + "/auth/projects", 401);
        await Issue(cloud, ById(second.Text("id"), second.Text("secret")), 401);
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/projects/{project}/users/{user}/roles/{member}", null, 204);
        await Issue(cloud, ById(second.Text("id"), second.Text("secret")), 401);
    }

    [Fact]
    public async Task Access_rules_are_kept_once_shown_and_hold_for_every_request()
    {
        await using var cloud = await NeighbourCloud.Start();
        var user = (await cloud.Admin.Json(V3 + "/users?name=demo")).Text("users.0.id");
        var (mine, rules) = ($"{V3}/users/{user}/application_credentials", $"{V3}/users/{user}/access_rules");
        var rule = new { service = "network", method = "GET", path = "/v2.0/networks/*" };
        await cloud.Demo.Send(HttpMethod.Post, mine, Body(new { name = "bad", access_rules = new[] { new { service = "network", method = "LOOK", path = "/" } } }), 400);
        var made = (await cloud.Demo.Send(HttpMethod.Post, mine, Body(new { name = "one", access_rules = new[] { rule } }), 201)).At("application_credential");
        await cloud.Demo.Send(HttpMethod.Post, mine, Body(new { name = "two", access_rules = new[] { rule } }), 201);
        var kept = (await cloud.Demo.Json(rules)).At("access_rules");
        Assert.Equal(1, kept.GetArrayLength());
        await cloud.Demo.Send(HttpMethod.Delete, $"{rules}/{kept[0].Text("id")}", null, 403);
        await cloud.Admin.Json(rules);
        await (await cloud.Login("admin", cloud.AdminPassword, "demo")).Json($"{rules}/nowhere", 404);

        var program = await cloud.Login(ById(made.Text("id"), made.Text("secret")));
        await program.Json("/network/v2.0/networks/3f2504e0-4f89-41d3-9a0c-0305e82c3301", 404);
        await program.Json("/network/v2.0/networks", 401);
        await program.Json("/identity/v3/auth/projects", 401);

        using var request = new HttpRequestMessage(HttpMethod.Get, Tokens);
        request.Headers.Add("X-Subject-Token", program.DefaultRequestHeaders.GetValues("X-Auth-Token").Single());
        await (await cloud.Admin.SendAsync(request)).Json(404);
        using var aware = new HttpRequestMessage(HttpMethod.Get, Tokens);
        aware.Headers.Add("X-Subject-Token", program.DefaultRequestHeaders.GetValues("X-Auth-Token").Single());
        aware.Headers.Add("OpenStack-Identity-Access-Rules", "1.0");
        Assert.Equal("/v2.0/networks/*", (await (await cloud.Admin.SendAsync(aware)).Json(200)).Text("token.application_credential.access_rules.0.path"));
    }

    [Fact]
    public async Task Guessing_a_secret_is_stopped_as_guessing_a_password_is()
    {
        await using var cloud = await NeighbourCloud.Start();
        var user = (await cloud.Admin.Json(V3 + "/users?name=demo")).Text("users.0.id");
        var made = (await cloud.Demo.Send(HttpMethod.Post, $"{V3}/users/{user}/application_credentials", Body(new { name = "ci" }), 201)).At("application_credential");
        var statuses = new List<int>();
        for (var i = 0; i < 25; i++)
            statuses.Add((int)(await cloud.Anonymous.PostAsJsonAsync(Tokens, ById(made.Text("id"), "guess" + i))).StatusCode);

        // The window is a minute of the clock: 25 guesses hit the limit of 10 within one of the two that they can touch.
        Assert.Contains(429, statuses);
        Assert.Equal(401, statuses[0]);
    }

    [Theory]
    [InlineData("/v2.1/servers", "/v2.1/servers", true)]
    [InlineData("/v2.1/servers", "/v2.1/servers/1", false)]
    [InlineData("/v2.1/servers/*", "/v2.1/servers/1", true)]
    [InlineData("/v2.1/servers/*", "/v2.1/servers/", false)]
    [InlineData("/v2.1/servers/*", "/v2.1/servers/1/action", false)]
    [InlineData("/v2.1/servers/{id}/action", "/v2.1/servers/1/action", true)]
    [InlineData("/v2.1/servers/**", "/v2.1/servers/1/action", true)]
    [InlineData("/v2.1/**", "/v2.1/", true)]
    [InlineData("/v2.1/s*s", "/v2.1/servers", true)]
    [InlineData("/v2.1/s*s", "/v2.1/s/s", false)]
    [InlineData("**", "/anything/at/all", true)]
    [InlineData("/v2.1/server.", "/v2.1/servers", false)]
    public void A_path_of_a_rule_means_what_it_says(string pattern, string path, bool allowed)
    {
        var rule = new AccessRule("1", "compute", "GET", pattern);

        Assert.Equal(allowed, rule.Allows("compute", "GET", path));
        Assert.False(rule.Allows("compute", "POST", path));
        Assert.False(rule.Allows("image", "GET", path));
    }

    [Fact]
    public void A_path_that_is_made_to_take_long_does_not()
    {
        var rule = new AccessRule("1", "compute", "GET", string.Concat(Enumerable.Repeat("**a", 40)));

        Assert.False(rule.Matches(new string('a', 8000) + "b"));
    }

    private static Dictionary<string, object> Body(object credential) => new() { ["application_credential"] = credential };

    private static object ById(string id, string secret) => new { auth = new { identity = new { methods = new[] { "application_credential" }, application_credential = new { id, secret } } } };

    private static async Task<JsonElement> Issue(NeighbourCloud cloud, object request, int status) => await (await cloud.Anonymous.PostAsJsonAsync(Tokens, request)).Json(status);
}
