using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

/// <summary>What operators and users do with identity, by the stock client: each group of commands once, with a usual mistake.</summary>
public class IdentityClientTests
{
    [NeedsFact(Need.OpenStackClient)]
    public async Task Domains_projects_users_and_groups()
    {
        await using var cloud = await NeighbourCloud.Start();
        Assert.Equal("acme", (await cloud.OpenStack("domain", "create", "--description", "A customer", "acme")).Text("name"));
        Assert.Equal(["Default", "acme"], (await cloud.OpenStack("domain", "list")).Names("Name"));
        var root = (await cloud.OpenStack("project", "create", "--domain", "acme", "--tag", "red", "web")).Text("id");
        var leaf = await cloud.OpenStack("project", "create", "--domain", "acme", "--parent", "web", "web-test");
        Assert.Equal(root, leaf.Text("parent_id"));
        Assert.Contains("web-test", (await cloud.OpenStack("project", "list", "--domain", "acme", "--parent", "web")).Names("Name"));
        Assert.Equal(["web"], (await cloud.OpenStack("project", "list", "--tags", "red")).Names("Name"));
        Assert.Contains(leaf.Text("id"), (await cloud.OpenStack("project", "show", "--domain", "acme", "--children", "web")).Text("subtree"), StringComparison.Ordinal);
        await cloud.Run("project", "set", "--domain", "acme", "--tag", "blue", "--description", "Pages", "web");
        Assert.Contains("leaf", await cloud.RunFailing(new(), "project", "delete", "--domain", "acme", "web"), StringComparison.Ordinal);

        var user = await cloud.OpenStack("user", "create", "--domain", "acme", "--project", "web", "--password", "secret", "--ignore-password-expiry", "ann");
        Assert.True(user.At("options").GetProperty("ignore_password_expiry").GetBoolean());
        await cloud.Run("user", "set", "--domain", "acme", "--email", "ann@example.org", "ann");
        Assert.Equal("ann@example.org", (await cloud.OpenStack("user", "show", "--domain", "acme", "ann")).Text("email"));
        await cloud.OpenStack("group", "create", "--domain", "acme", "crew");
        await cloud.Run("group", "add", "user", "--group-domain", "acme", "--user-domain", "acme", "crew", "ann");
        Assert.Contains("in group", await cloud.Run("group", "contains", "user", "--group-domain", "acme", "--user-domain", "acme", "crew", "ann"), StringComparison.Ordinal);
        Assert.Equal(["ann"], (await cloud.OpenStack("user", "list", "--domain", "acme", "--group", "crew")).Names("Name"));
        Assert.Equal(["crew"], (await cloud.OpenStack("group", "list", "--user", "ann", "--user-domain", "acme")).Names("Name"));
        await cloud.Run("group", "set", "--domain", "acme", "--name", "team", "crew");
        await cloud.Run("group", "remove", "user", "--group-domain", "acme", "--user-domain", "acme", "team", "ann");
        await cloud.Run("group", "delete", "--domain", "acme", "team");
        await cloud.Run("user", "delete", "--domain", "acme", "ann");
        await cloud.Run("project", "delete", "--domain", "acme", "web-test", "web");
        Assert.Contains("disable", await cloud.RunFailing(new(), "domain", "delete", "acme"), StringComparison.Ordinal);
        await cloud.Run("domain", "set", "--disable", "acme");
        await cloud.Run("domain", "delete", "acme");
    }

    [NeedsFact(Need.OpenStackClient)]
    public async Task Roles_and_where_they_hold()
    {
        await using var cloud = await NeighbourCloud.Start();
        await cloud.OpenStack("role", "create", "--description", "Looks", "auditor");
        await cloud.OpenStack("implied", "role", "create", "--implied-role", "reader", "auditor");
        Assert.Contains(
            (await cloud.OpenStack("implied", "role", "list")).EnumerateArray(), r => r.Text("Prior Role Name") == "auditor" && r.Text("Implied Role Name") == "reader");
        await cloud.OpenStack("group", "create", "crew");
        await cloud.Run("group", "add", "user", "crew", "demo");
        await cloud.Run("role", "add", "--group", "crew", "--project", "admin", "auditor");
        await cloud.Run("role", "add", "--user", "demo", "--domain", "default", "--inherited", "reader");
        await cloud.Run("role", "add", "--user", "demo", "--system", "all", "reader");

        var named = await cloud.OpenStack("role", "assignment", "list", "--names", "--group", "crew");
        Assert.Equal(("auditor", "crew@Default", "admin@Default"), (named[0].Text("Role"), named[0].Text("Group"), named[0].Text("Project")));
        var effective = await cloud.OpenStack("role", "assignment", "list", "--names", "--effective", "--user", "demo", "--project", "admin");
        Assert.Equal(["auditor", "reader"], effective.Names("Role").Distinct().Order());
        Assert.Equal("all", (await cloud.OpenStack("role", "assignment", "list", "--names", "--user", "demo", "--system", "all"))[0].Text("System"));
        Assert.Contains("admin", (await cloud.OpenStack("role", "list")).Names("Name"));

        var demo = Demo(cloud);
        Assert.Equal(["admin", "demo"], Json(await cloud.RunAs(demo, "project", "list", "-f", "json")).Names("Name").Order());
        var system = new Dictionary<string, string>(demo) { ["OS_PROJECT_NAME"] = "", ["OS_PROJECT_DOMAIN_ID"] = "", ["OS_SYSTEM_SCOPE"] = "all" };
        Assert.Equal("all", Json(await cloud.RunAs(system, "token", "issue", "-f", "json")).Text("system"));
        Assert.Contains("demo", Json(await cloud.RunAs(system, "user", "list", "-f", "json")).Names("Name"));
        Assert.Contains("403", await cloud.RunFailing(system, "user", "create", "bob"), StringComparison.Ordinal);
        var domain = new Dictionary<string, string> { ["OS_PROJECT_NAME"] = "", ["OS_PROJECT_DOMAIN_ID"] = "", ["OS_DOMAIN_ID"] = "default" };
        Assert.Equal("default", Json(await cloud.RunAs(domain, "token", "issue", "-f", "json")).Text("domain_id"));
        Assert.Contains("demo", Json(await cloud.RunAs(domain, "project", "list", "-f", "json")).Names("Name"));

        await cloud.Run("role", "remove", "--user", "demo", "--system", "all", "reader");
        await cloud.RunFailing(system, "token", "issue");
        await cloud.Run("role", "remove", "--group", "crew", "--project", "admin", "auditor");
        await cloud.Run("implied", "role", "delete", "--implied-role", "reader", "auditor");
        await cloud.Run("role", "delete", "auditor");
    }

    [NeedsFact(Need.OpenStackClient)]
    public async Task Tokens_passwords_and_application_credentials()
    {
        await using var cloud = await NeighbourCloud.Start();
        var demo = Demo(cloud);
        var token = Json(await cloud.RunAs(demo, "token", "issue", "-f", "json")).Text("id");
        await cloud.Run("token", "revoke", token);
        Assert.Contains("401", await cloud.RunFailing(ByToken(cloud, token), "project", "list"), StringComparison.Ordinal);

        var made = Json(await cloud.RunAs(
            demo, "application", "credential", "create", "--role", "member", "--access-rules", """[{"service": "identity", "method": "GET", "path": "/v3/**"}]""", "ci", "-f", "json"));
        Assert.Equal("ci", made.Text("name"));
        Assert.Equal(["ci"], Json(await cloud.RunAs(demo, "application", "credential", "list", "-f", "json")).Names("Name"));
        Assert.Equal("demo", (await cloud.OpenStack("project", "show", Json(await cloud.RunAs(demo, "application", "credential", "show", "ci", "-f", "json")).Text("project_id"))).Text("name"));
        var rule = Json(await cloud.RunAs(demo, "access", "rule", "list", "-f", "json"));
        Assert.Equal(("identity", "GET", "/v3/**"), (rule[0].Text("Service"), rule[0].Text("Method"), rule[0].Text("Path")));
        var program = new Dictionary<string, string>
        {
            ["OS_AUTH_TYPE"] = "v3applicationcredential",
            ["OS_APPLICATION_CREDENTIAL_ID"] = made.Text("id"),
            ["OS_APPLICATION_CREDENTIAL_SECRET"] = made.Text("secret"),
            ["OS_USERNAME"] = "", ["OS_PASSWORD"] = "", ["OS_PROJECT_NAME"] = "", ["OS_USER_DOMAIN_ID"] = "", ["OS_PROJECT_DOMAIN_ID"] = "",
        };
        Assert.NotEmpty(Json(await cloud.RunAs(program, "token", "issue", "-f", "json")).Text("id"));
        Assert.Contains("401", await cloud.RunFailing(program, "image", "list"), StringComparison.Ordinal);
        await cloud.RunAs(demo, "application", "credential", "delete", "ci");
        await cloud.RunFailing(program, "token", "issue");
        await cloud.RunAs(demo, "access", "rule", "delete", rule[0].Text("ID"));

        await cloud.RunAs(demo, "user", "password", "set", "--password", "new words", "--original-password", cloud.DemoPassword);
        await cloud.RunFailing(demo, "token", "issue");
        demo["OS_PASSWORD"] = "new words";
        await cloud.RunAs(demo, "token", "issue");
        var kept = await cloud.OpenStack("credential", "create", "--type", "cert", "admin", "words");
        await cloud.Run("credential", "set", "--user", "admin", "--type", "cert", "--data", "others", kept.Text("id"));
        Assert.Equal("others", (await cloud.OpenStack("credential", "list"))[0].Text("Data"));
        await cloud.Run("credential", "delete", kept.Text("id"));
    }

    [NeedsFact(Need.OpenStackClient)]
    public async Task The_catalog_and_limits()
    {
        await using var cloud = await NeighbourCloud.Start();
        await cloud.OpenStack("region", "create", "--description", "cold", "--parent-region", "RegionOne", "north");
        await cloud.OpenStack("service", "create", "--name", "designate", "--description", "Names", "dns");
        var endpoint = await cloud.OpenStack("endpoint", "create", "--region", "north", "designate", "public", "http://dns.example/%(project_id)s");
        await cloud.Run("endpoint", "set", "--url", "http://names.example/", endpoint.Text("id"));
        Assert.Equal(["http://names.example/"], (await cloud.OpenStack("endpoint", "list", "--service", "dns")).Names("URL"));
        Assert.Contains("names.example", (await cloud.OpenStack("catalog", "show", "dns")).At("endpoints").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("endpoints", await cloud.RunFailing(new(), "region", "delete", "north"), StringComparison.Ordinal);
        await cloud.Run("service", "set", "--disable", "designate");
        Assert.DoesNotContain("dns", (await cloud.OpenStack("catalog", "list")).Names("Type"));
        await cloud.Run("endpoint", "delete", endpoint.Text("id"));
        await cloud.Run("service", "delete", "designate");
        await cloud.Run("region", "delete", "north");

        var registered = await cloud.OpenStack("registered", "limit", "create", "--service", "nova", "--default-limit", "10", "servers");
        Assert.Equal("10", registered.Text("default_limit"));
        await cloud.OpenStack("registered", "limit", "set", "--default-limit", "12", registered.Text("id"));
        Assert.Equal("12", (await cloud.OpenStack("registered", "limit", "list", "--service", "nova"))[0].Text("Default Limit"));
        var limit = await cloud.OpenStack("limit", "create", "--project", "demo", "--service", "nova", "--resource-limit", "3", "servers");
        await cloud.OpenStack("limit", "set", "--resource-limit", "4", limit.Text("id"));
        Assert.Equal("4", (await cloud.OpenStack("limit", "list", "--project", "demo"))[0].Text("Resource Limit"));
        Assert.Equal("4", Json(await cloud.RunAs(Demo(cloud), "limit", "show", limit.Text("id"), "-f", "json")).Text("resource_limit"));
        Assert.Contains("registered limit", await cloud.RunFailing(new(), "registered", "limit", "delete", registered.Text("id")), StringComparison.Ordinal);
        await cloud.Run("limit", "delete", limit.Text("id"));
        await cloud.Run("registered", "limit", "delete", registered.Text("id"));
    }

    private static Dictionary<string, string> Demo(NeighbourCloud cloud) =>
        new() { ["OS_USERNAME"] = "demo", ["OS_PASSWORD"] = cloud.DemoPassword, ["OS_PROJECT_NAME"] = "demo" };

    private static Dictionary<string, string> ByToken(NeighbourCloud cloud, string token) => new()
    {
        ["OS_AUTH_TYPE"] = "v3token", ["OS_TOKEN"] = token, ["OS_USERNAME"] = "", ["OS_PASSWORD"] = "", ["OS_USER_DOMAIN_ID"] = "", ["OS_PROJECT_NAME"] = "demo",
    };

    private static JsonElement Json(string output) => JsonSerializer.Deserialize<JsonElement>(output);
}
