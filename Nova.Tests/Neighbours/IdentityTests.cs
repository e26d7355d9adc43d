using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Drivers.Identity.Embedded;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

public class IdentityTests
{
    private const string Tokens = "/identity/v3/auth/tokens";

    [Fact]
    public async Task A_token_says_who_where_and_what_is_there()
    {
        await using var cloud = await NeighbourCloud.Start();
        var response = await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.PasswordRequest("admin", cloud.AdminPassword, "admin"));
        var token = (await response.Json(201)).At("token");

        Assert.Equal("admin", token.Text("project.name"));
        Assert.Equal("default", token.Text("user.domain.id"));
        Assert.Equal(["admin", "manager", "member", "reader"], token.At("roles").Names());
        Assert.Equal(["compute", "identity", "image", "network", "placement"], token.At("catalog").Names("type").Order());
        Assert.Equal(cloud.Url + "/compute/v2.1", token.Text("catalog.0.endpoints.0.url"));

        var unscoped = (await (await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.PasswordRequest("admin", cloud.AdminPassword, null))).Json(201)).At("token");
        Assert.False(unscoped.TryGetProperty("project", out _));
    }

    [Theory]
    [InlineData("admin", "wrong", "admin")]
    [InlineData("nobody", "wrong", "admin")]
    [InlineData("demo", "", "admin")]
    public async Task What_does_not_fit_is_401_without_saying_why(string user, string password, string project)
    {
        await using var cloud = await NeighbourCloud.Start();
        var given = password.Length > 0 ? password : cloud.DemoPassword;
        var response = await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.PasswordRequest(user, given, project));
        var error = (await response.Json(401)).At("error");
        Assert.Equal(("401", "Unauthorized", "The request you have made requires authentication."), (error.Text("code"), error.Text("title"), error.Text("message")));
    }

    [Fact]
    public async Task A_token_is_exchanged_shown_and_ended_with_those_made_from_it()
    {
        await using var cloud = await NeighbourCloud.Start();
        var unscoped = await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.PasswordRequest("demo", cloud.DemoPassword, null));
        var first = unscoped.Headers.GetValues("X-Subject-Token").Single();
        var exchange = new { auth = new { identity = new { methods = new[] { "token" }, token = new { id = first } }, scope = new { project = new { name = "demo", domain = new { id = "default" } } } } };
        var response = await cloud.Anonymous.PostAsJsonAsync(Tokens, exchange);
        var second = response.Headers.GetValues("X-Subject-Token").Single();
        Assert.Equal((await unscoped.Json(201)).Text("token.expires_at"), (await response.Json(201)).Text("token.expires_at"));

        Assert.Equal("demo", (await Subject(HttpMethod.Get, second, 200)).Text("token.project.name"));
        await Subject(HttpMethod.Head, second, 200);
        await Subject(HttpMethod.Delete, first, 204);
        await Subject(HttpMethod.Get, first, 404);
        await Subject(HttpMethod.Get, second, 404);
        await cloud.Client(second).Json("/identity/v3/auth/projects", 401);

        async Task<JsonElement> Subject(HttpMethod method, string subject, int status)
        {
            using var request = new HttpRequestMessage(method, Tokens);
            request.Headers.Add("X-Subject-Token", subject);
            return await (await cloud.Admin.SendAsync(request)).Json(status);
        }
    }

    [Fact]
    public async Task A_changed_token_is_worth_nothing()
    {
        await using var cloud = await NeighbourCloud.Start();
        var token = cloud.Demo.DefaultRequestHeaders.GetValues("X-Auth-Token").Single();
        var parts = token.Split('.');
        var claims = System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]);
        var forged = System.Text.Encoding.UTF8.GetString(claims).Replace("\"member\"", "\"admin\"", StringComparison.Ordinal);
        parts[2] = System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(forged));
        await cloud.Client(string.Join('.', parts)).Json("/identity/v3/auth/projects", 401);
        foreach (var nonsense in (IEnumerable<string>)["x", "v1.a.b.c", "v1.." + parts[2] + "." + parts[3], token + "x"])
            await cloud.Client(nonsense).Json("/identity/v3/auth/projects", 401);
        Assert.Equal(["demo"], (await cloud.Client(token).Json("/identity/v3/auth/projects")).At("projects").Names());
    }

    [Fact]
    public async Task A_user_gets_in_by_a_role_and_loses_the_token_with_it()
    {
        await using var cloud = await NeighbourCloud.Start();
        var project = (await cloud.Admin.Send(HttpMethod.Post, "/identity/v3/projects", new { project = new { name = "p1" } }, 201)).Text("project.id");
        var user = (await cloud.Admin.Send(HttpMethod.Post, "/identity/v3/users", new { user = new { name = "u1", password = "secret" } }, 201)).Text("user.id");
        var role = (await cloud.Admin.Json("/identity/v3/roles?name=member")).Text("roles.0.id");
        var grant = $"/identity/v3/projects/{project}/users/{user}/roles/{role}";

        await (await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.PasswordRequest("u1", "secret", "p1"))).Json(401);
        await cloud.Admin.Send(HttpMethod.Put, grant, null, 204);
        await cloud.Admin.Send(HttpMethod.Head, grant, null, 204);
        var mine = await cloud.Login("u1", "secret", "p1");
        await mine.Json("/identity/v3/projects/" + project);
        Assert.Equal(
            "You are not authorized to perform the requested action: identity:list_users.",
            (await mine.Json("/identity/v3/users", 403)).Text("error.message"));
        var named = (await cloud.Admin.Json($"/identity/v3/role_assignments?user.id={user}&include_names")).At("role_assignments")[0];
        Assert.Equal(("member", "u1", "p1"), (named.Text("role.name"), named.Text("user.name"), named.Text("scope.project.name")));

        await cloud.Admin.Send(HttpMethod.Delete, grant, null, 204);
        await mine.Json("/identity/v3/auth/projects", 401);
        await cloud.Admin.Send(HttpMethod.Delete, grant, null, 404);
        await cloud.Admin.Send(HttpMethod.Post, "/identity/v3/users", new { user = new { name = "u1" } }, 409);
        await cloud.Admin.Send(HttpMethod.Delete, "/identity/v3/projects/" + project, null, 204);
        Assert.Equal($"Could not find project: {project}.", (await cloud.Admin.Json("/identity/v3/projects/" + project, 404)).Text("error.message"));
    }

    [Fact]
    public async Task Changing_the_own_password_needs_the_old_one_and_ends_the_tokens()
    {
        await using var cloud = await NeighbourCloud.Start();
        var user = (await cloud.Admin.Json("/identity/v3/users?name=demo")).Text("users.0.id");
        var path = $"/identity/v3/users/{user}/password";

        await cloud.Demo.Send(HttpMethod.Post, path, new { user = new { original_password = "wrong", password = "new" } }, 401);
        await cloud.Demo.Send(HttpMethod.Post, path, new { user = new { original_password = cloud.DemoPassword, password = "new" } }, 204);

        await cloud.Demo.Json("/identity/v3/auth/projects", 401);
        await (await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.PasswordRequest("demo", cloud.DemoPassword, "demo"))).Json(401);
        await cloud.Login("demo", "new", "demo");
        await cloud.Admin.Send(HttpMethod.Patch, "/identity/v3/users/" + user, new { user = new { enabled = false } }, 200);
        await (await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.PasswordRequest("demo", "new", "demo"))).Json(401);
    }

    [Fact]
    public async Task Guessing_is_stopped_for_the_guesser()
    {
        await using var cloud = await NeighbourCloud.Start();
        var statuses = new List<int>();
        for (var i = 0; i < 12; i++)
            statuses.Add((int)(await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.PasswordRequest("demo", "guess" + i, "demo"))).StatusCode);

        // The window is a minute of the clock; a test that crosses its end sees a few more attempts.
        Assert.Contains(429, statuses);
        Assert.Equal(401, statuses[0]);
    }

    [Fact]
    public async Task Malformed_requests_are_400()
    {
        await using var cloud = await NeighbourCloud.Start();
        foreach (var body in (IEnumerable<object>)[new { }, new { auth = 1 }, new { auth = new { identity = new { } } }, new { auth = new { identity = new { methods = new[] { "password" }, password = new { user = new { } } } } }])
            await cloud.Anonymous.Send(HttpMethod.Post, Tokens, body, 400);
        await (await cloud.Anonymous.PostAsync(Tokens, new StringContent("{"))).Json(400);
    }

    [Fact]
    public async Task Another_process_of_the_installation_reads_the_token_and_one_with_another_master_key_does_not()
    {
        await using var cloud = await NeighbourCloud.Start();
        var token = cloud.Demo.DefaultRequestHeaders.GetValues("X-Auth-Token").Single();
        Assert.Equal("demo", (await Keys(masterKey: 0).Read(token, default))!.N);
        await Assert.ThrowsAnyAsync<System.Security.Cryptography.CryptographicException>(async () => await Keys(masterKey: 1).Read(token, default));

        TokenKeys Keys(byte masterKey) => new(
            cloud.Services.GetRequiredService<Nova.Modules.Shared.Database.Database>(),
            new SecretBox([.. Enumerable.Repeat(masterKey, 32)]),
            TimeProvider.System,
            new(TimeProvider.System));
    }

    [NeedsFact(Need.OpenStackClient)]
    public async Task The_stock_client_works()
    {
        await using var cloud = await NeighbourCloud.Start();
        Assert.NotEmpty((await cloud.OpenStack("token", "issue")).Text("id"));
        Assert.Equal(["admin", "demo"], (await cloud.OpenStack("project", "list")).Names("Name"));
        Assert.Equal(5, (await cloud.OpenStack("catalog", "list")).GetArrayLength());
        Assert.Equal(15, (await cloud.OpenStack("endpoint", "list")).GetArrayLength());
        Assert.Equal("web", (await cloud.OpenStack("project", "create", "web")).Text("name"));
        Assert.Equal("bob", (await cloud.OpenStack("user", "create", "--project", "web", "--password", "x", "bob")).Text("name"));
        await cloud.Run("role", "add", "--user", "bob", "--project", "web", "member");
        Assert.Contains((await cloud.OpenStack("role", "assignment", "list", "--names", "--project", "web")).EnumerateArray(), a => a.Text("User") == "bob@Default");
        await cloud.Run("user", "set", "--password", "y", "bob");
        await cloud.Run("user", "delete", "bob");
        await cloud.Run("project", "delete", "web");
        Assert.Equal(2, (await cloud.OpenStack("user", "list")).GetArrayLength());
    }
}
