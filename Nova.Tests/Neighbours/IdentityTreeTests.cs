using System.Net.Http.Json;
using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

/// <summary>Domains, trees of projects, groups, and roles that reach through them, on both databases.</summary>
public class IdentityTreeTests
{
    private const string V3 = "/identity/v3";
    private const string Tokens = V3 + "/auth/tokens";

    [Theory, OnSqlite, OnPostgres]
    public async Task A_domain_holds_its_own_users_and_projects_and_ends_with_them(string kind)
    {
        await using var cloud = await NeighbourCloud.Start(kind);
        var domain = await Make(cloud, "domain", new { name = "acme", description = "A customer" });
        await cloud.Admin.Send(HttpMethod.Post, V3 + "/domains", new { domain = new { name = "acme" } }, 409);
        var project = await Make(cloud, "project", new { name = "admin", domain_id = domain });
        var user = await Make(cloud, "user", new { name = "admin", domain_id = domain, password = "secret" });
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/domains/{domain}/users/{user}/roles/{await Role(cloud, "manager")}", null, 204);
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/projects/{project}/users/{user}/roles/{await Role(cloud, "member")}", null, 204);

        var manager = await cloud.Login(NeighbourCloud.Request("admin", "secret", new { domain = new { name = "acme" } }, domain));
        Assert.Equal(["admin"], (await manager.Json(V3 + "/users")).At("users").Names());
        Assert.Equal(["acme"], (await manager.Json(V3 + "/auth/domains")).At("domains").Names());
        await manager.Send(HttpMethod.Post, V3 + "/projects", new { project = new { name = "inner" } }, 201);
        await manager.Send(HttpMethod.Post, V3 + "/projects", new { project = new { name = "outer", domain_id = "default" } }, 403);
        await manager.Send(HttpMethod.Post, V3 + "/services", new { service = new { type = "dns" } }, 403);
        await manager.Send(HttpMethod.Put, $"{V3}/projects/{project}/users/{user}/roles/{await Role(cloud, "reader")}", null, 204);
        await manager.Send(HttpMethod.Put, $"{V3}/projects/{project}/users/{user}/roles/{await Role(cloud, "admin")}", null, 403);

        var member = await cloud.Login(NeighbourCloud.Request("admin", "secret", new { project = new { id = project } }, domain));
        var shown = (await member.Json(V3 + "/projects/" + project)).At("project");
        Assert.Equal((domain, domain), (shown.Text("domain_id"), shown.Text("parent_id")));

        await cloud.Admin.Send(HttpMethod.Delete, V3 + "/domains/" + domain, null, 403);
        await cloud.Admin.Send(HttpMethod.Patch, V3 + "/domains/" + domain, new { domain = new { enabled = false } }, 200);
        await member.Json(V3 + "/projects/" + project, 401);
        await (await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.Request("admin", "secret", new { project = new { id = project } }, domain))).Json(401);
        await cloud.Admin.Send(HttpMethod.Delete, V3 + "/domains/" + domain, null, 204);
        await cloud.Admin.Json(V3 + "/projects/" + project, 404);
        await cloud.Admin.Json(V3 + "/users/" + user, 404);
        await cloud.Admin.Send(HttpMethod.Patch, V3 + "/domains/default", new { domain = new { enabled = true } }, 200);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Roles_are_inherited_down_a_tree_and_come_through_groups(string kind)
    {
        await using var cloud = await NeighbourCloud.Start(kind);
        var root = await Make(cloud, "project", new { name = "root" });
        var middle = await Make(cloud, "project", new { name = "middle", parent_id = root });
        var leaf = await Make(cloud, "project", new { name = "leaf", parent_id = middle });
        var user = await Make(cloud, "user", new { name = "ann", password = "secret" });
        var group = await Make(cloud, "group", new { name = "crew" });
        var member = await Role(cloud, "member");

        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/OS-INHERIT/projects/{root}/groups/{group}/roles/{member}/inherited_to_projects", null, 204);
        await Login(cloud, leaf, 401);
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/groups/{group}/users/{user}", null, 204);
        await Login(cloud, root, 401);
        await Login(cloud, leaf, 201);
        var ann = await cloud.Login(NeighbourCloud.Request("ann", "secret", new { project = new { id = middle } }));
        Assert.Equal(["leaf", "middle"], (await ann.Json(V3 + "/auth/projects")).At("projects").Names());

        var effective = (await cloud.Admin.Json($"{V3}/role_assignments?effective&include_names&user.id={user}")).At("role_assignments");
        Assert.Equal(
            ["leaf member", "leaf reader", "middle member", "middle reader"],
            effective.EnumerateArray().Select(a => $"{a.Text("scope.project.name")} {a.Text("role.name")}").Order(StringComparer.Ordinal));
        var made = (await cloud.Admin.Json($"{V3}/role_assignments?group.id={group}")).At("role_assignments")[0];
        Assert.Equal(("projects", root), (made.At("scope").Text("OS-INHERIT:inherited_to"), made.Text("scope.project.id")));
        Assert.Equal(2, (await cloud.Admin.Json($"{V3}/role_assignments?effective&include_subtree&scope.project.id={leaf}&user.id={user}")).At("role_assignments").GetArrayLength());
        await cloud.Admin.Json($"{V3}/role_assignments?effective&group.id={group}", 400);

        await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/groups/{group}/users/{user}", null, 204);
        await ann.Json(V3 + "/auth/projects", 401);
        await Login(cloud, leaf, 401);
        await cloud.Admin.Send(HttpMethod.Head, $"{V3}/groups/{group}/users/{user}", null, 404);
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/OS-INHERIT/domains/default/users/{user}/roles/{member}/inherited_to_projects", null, 204);
        await Login(cloud, root, 201);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_tree_keeps_its_order_and_shows_it(string kind)
    {
        await using var cloud = await NeighbourCloud.Start(kind);
        var root = await Make(cloud, "project", new { name = "root", tags = new[] { "red", "blue" } });
        var leaf = await Make(cloud, "project", new { name = "leaf", parent_id = root });
        var deep = leaf;
        for (var level = 3; level <= 5; level++)
            deep = await Make(cloud, "project", new { name = "level" + level, parent_id = deep });
        var refused = await cloud.Admin.Send(HttpMethod.Post, V3 + "/projects", new { project = new { name = "level6", parent_id = deep } }, 403);
        Assert.Equal($"Max hierarchy depth reached for {deep} branch.", refused.Text("error.message"));

        Assert.Equal(
            $$$"""{"{{{root}}}":{"default":null}}""", (await cloud.Admin.Json($"{V3}/projects/{leaf}?parents_as_ids")).At("project").At("parents").GetRawText());
        Assert.Equal(leaf, (await cloud.Admin.Json($"{V3}/projects/{root}?subtree_as_ids")).At("project").At("subtree").EnumerateObject().Single().Name);
        await cloud.Admin.Send(HttpMethod.Delete, V3 + "/projects/" + root, null, 403);
        await cloud.Admin.Send(HttpMethod.Patch, V3 + "/projects/" + root, new { project = new { enabled = false } }, 403);
        await cloud.Admin.Send(HttpMethod.Patch, V3 + "/projects/" + leaf, new { project = new { parent_id = "default" } }, 403);

        Assert.Equal(["root"], (await cloud.Admin.Json($"{V3}/projects?tags=red,blue")).At("projects").Names());
        Assert.DoesNotContain("root", (await cloud.Admin.Json($"{V3}/projects?not-tags-any=red")).At("projects").Names());
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/projects/{root}/tags/green", null, 201);
        await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/projects/{root}/tags/red", null, 204);
        Assert.Equal("""["blue","green"]""", (await cloud.Admin.Json($"{V3}/projects/{root}/tags")).At("tags").GetRawText());
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/projects/{root}/tags", new { tags = new[] { "a,b" } }, 400);
    }

    [Fact]
    public async Task What_is_immutable_is_changed_only_after_that_was_taken_away()
    {
        await using var cloud = await NeighbourCloud.Start();
        var role = await Make(cloud, "role", new { name = "stone", options = new { immutable = true } });
        var refused = await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/roles/{role}", null, 403);
        Assert.Contains("immutable", refused.Text("error.message"), StringComparison.Ordinal);
        await cloud.Admin.Send(HttpMethod.Patch, $"{V3}/roles/{role}", new { role = new { name = "sand" } }, 403);
        await cloud.Admin.Send(HttpMethod.Patch, $"{V3}/roles/{role}", new { role = new { options = new { immutable = false } } }, 200);
        await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/roles/{role}", null, 204);
        await cloud.Admin.Send(HttpMethod.Post, V3 + "/roles", new { role = new { name = "odd", options = new { color = true } } }, 400);
    }

    [Fact]
    public async Task A_role_brings_those_that_it_implies_and_no_more_when_that_ends()
    {
        await using var cloud = await NeighbourCloud.Start();
        var (auditor, reader, admin) = (await Make(cloud, "role", new { name = "auditor" }), await Role(cloud, "reader"), await Role(cloud, "admin"));
        var demo = (await cloud.Admin.Json(V3 + "/projects?name=demo")).Text("projects.0.id");
        var user = await Make(cloud, "user", new { name = "ann", password = "secret" });
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/roles/{auditor}/implies/{reader}", null, 201);
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/roles/{auditor}/implies/{admin}", null, 403);
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/projects/{demo}/users/{user}/roles/{auditor}", null, 204);

        var token = (await Issue(cloud, NeighbourCloud.Request("ann", "secret", new { project = new { id = demo } }))).At("token");
        Assert.Equal(["auditor", "reader"], token.At("roles").Names());
        var ann = await cloud.Login("ann", "secret", "demo");
        await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/roles/{auditor}/implies/{reader}", null, 204);
        await ann.Json(V3 + "/auth/projects", 401);
        token = (await Issue(cloud, NeighbourCloud.Request("ann", "secret", new { project = new { id = demo } }))).At("token");
        Assert.Equal(["auditor"], token.At("roles").Names());
    }

    [Fact]
    public async Task A_locked_password_stays_and_several_methods_are_asked_for_where_a_user_needs_them()
    {
        await using var cloud = await NeighbourCloud.Start();
        var user = await Make(cloud, "user", new { name = "ann", password = "secret", options = new { lock_password = true } });
        await cloud.Anonymous.Send(HttpMethod.Post, $"{V3}/users/{user}/password", new { user = new { original_password = "secret", password = "new" } }, 400);
        await Issue(cloud, NeighbourCloud.Request("ann", "secret", "unscoped"));

        var options = new { multi_factor_auth_enabled = true, multi_factor_auth_rules = new[] { new[] { "password", "totp" } } };
        await cloud.Admin.Send(HttpMethod.Patch, $"{V3}/users/{user}", new { user = new { options } }, 200);
        await (await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.Request("ann", "secret", "unscoped"))).Json(401);
        await cloud.Admin.Send(HttpMethod.Patch, $"{V3}/users/{user}", new { user = new { options = new { multi_factor_auth_enabled = false } } }, 200);
        await Issue(cloud, NeighbourCloud.Request("ann", "secret", "unscoped"));
    }

    [Fact]
    public async Task A_token_of_the_system_reads_everything_and_is_not_exchanged_for_one_of_a_project()
    {
        await using var cloud = await NeighbourCloud.Start();
        var user = await Make(cloud, "user", new { name = "ann", password = "secret" });
        await cloud.Admin.Send(HttpMethod.Put, $"{V3}/system/users/{user}/roles/{await Role(cloud, "reader")}", null, 204);
        var request = NeighbourCloud.Request("ann", "secret", new { system = new { all = true } });
        var system = await cloud.Login(request);

        Assert.True((await Issue(cloud, request)).At("token").At("system").At("all").GetBoolean());
        Assert.Equal(3, (await system.Json(V3 + "/users")).At("users").GetArrayLength());
        await system.Send(HttpMethod.Post, V3 + "/users", new { user = new { name = "bob" } }, 403);
        Assert.Equal(1, (await system.Json(V3 + "/auth/system")).At("system").GetArrayLength());
        var exchange = new { auth = new { identity = new { methods = new[] { "token" }, token = new { id = system.DefaultRequestHeaders.GetValues("X-Auth-Token").Single() } }, scope = new { project = new { name = "demo", domain = new { id = "default" } } } } };
        await (await cloud.Anonymous.PostAsJsonAsync(Tokens, exchange)).Json(403);
        await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/system/users/{user}/roles/{await Role(cloud, "reader")}", null, 204);
        await system.Json(V3 + "/users", 401);
    }

    private static async Task Login(NeighbourCloud cloud, string project, int status) =>
        await (await cloud.Anonymous.PostAsJsonAsync(Tokens, NeighbourCloud.Request("ann", "secret", new { project = new { id = project } }))).Json(status);

    private static async Task<JsonElement> Issue(NeighbourCloud cloud, object request) => await (await cloud.Anonymous.PostAsJsonAsync(Tokens, request)).Json(201);

    private static async Task<string> Role(NeighbourCloud cloud, string name) => (await cloud.Admin.Json(V3 + "/roles?name=" + name)).Text("roles.0.id");

    private static async Task<string> Make(NeighbourCloud cloud, string kind, object body) =>
        (await cloud.Admin.Send(HttpMethod.Post, $"{V3}/{kind}s", new Dictionary<string, object> { [kind] = body }, 201)).Text(kind + ".id");
}
