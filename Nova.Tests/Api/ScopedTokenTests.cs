using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>What tokens of other scopes than projects, and of application credentials, get at in Compute and Placement.</summary>
public sealed class ScopedTokenTests
{
    [Fact]
    public async Task A_token_of_the_system_or_of_a_domain_passes_no_rule_of_compute_and_placement()
    {
        var cloud = await EmbeddedCloud.Start("sqlite");
        try
        {
            foreach (var scope in new[] { """{"system": {"all": true}}""", """{"domain": {"id": "default"}}""" })
            {
                var caller = await cloud.Login("admin", cloud.AdminPassword, scope);
                (await caller.Get("/v2.1/os-hypervisors")).Is(403, "Policy doesn't allow os_compute_api:os-hypervisors:list to be performed.");
                Assert.Equal(403, (await caller.Get("/placement/resource_providers")).Status);
                (await caller.Get("/v2.1/")).Is(200);
            }

            (await cloud.Admin.Get("/v2.1/os-hypervisors")).Is(200);
        }
        finally
        {
            await cloud.Remove();
        }
    }

    [Fact]
    public async Task Where_scope_is_not_enforced_the_roles_suffice()
    {
        var cloud = await EmbeddedCloud.Start("sqlite", ("policy.enforce_scope", "false"));
        try
        {
            var caller = await cloud.Login("admin", cloud.AdminPassword, """{"system": {"all": true}}""");
            (await caller.Get("/v2.1/os-hypervisors")).Is(200);
            (await caller.Get("/placement/resource_providers")).Is(200);
        }
        finally
        {
            await cloud.Remove();
        }
    }

    [Fact]
    public async Task An_application_credential_does_what_its_access_rules_say_and_nothing_else()
    {
        var cloud = await EmbeddedCloud.Start("sqlite");
        try
        {
            var user = (await cloud.Admin.Get("/identity/v3/users?name=demo")).Is(200)["users"][0].GetProperty("id").GetString();
            var made = (await cloud.Demo.Post(
                $"/identity/v3/users/{user}/application_credentials",
                """{"application_credential": {"name": "reader", "access_rules": [{"service": "compute", "method": "GET", "path": "/v2.1/servers/**"}, {"service": "compute", "method": "GET", "path": "/v2.1/flavors"}]}}""")).Is(201)["application_credential"];
            var (id, secret) = (made.GetProperty("id").GetString(), made.GetProperty("secret").GetString());
            var program = await cloud.Login($$$"""{"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "{{{id}}}", "secret": "{{{secret}}}"} } } }""");

            (await program.Get("/v2.1/servers/detail")).Is(200);
            (await program.Get("/compute/v2.1/flavors")).Is(200);
            (await program.Get("/v2.1/flavors/detail")).Is(401);
            (await program.Post("/v2.1/servers", cloud.Server())).Is(401);
            (await program.Get("/image/v2/images")).Is(401);
            (await cloud.Demo.Delete($"/identity/v3/users/{user}/application_credentials/{id}")).Is(204);
            (await program.Get("/v2.1/servers/detail")).Is(401);
        }
        finally
        {
            await cloud.Remove();
        }
    }
}
