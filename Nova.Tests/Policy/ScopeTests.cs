using Nova.Modules.Identity;
using Nova.Modules.Policy;
using Nova.Modules.Shared.Http;
using Nova.Tests.Support;

namespace Nova.Tests.Policy;

public class ScopeTests
{
    private static readonly Caller Root = new() { UserId = "root", ProjectId = "ops", Roles = ["admin", "manager", "member", "reader"] };
    private static readonly Caller OfSystem = Root with { ProjectId = null, SystemScope = true };
    private static readonly Caller OfDomain = Root with { ProjectId = null, DomainId = "default" };
    private static readonly Caller Unscoped = Root with { ProjectId = null };

    [Theory]
    [InlineData("os_compute_api:os-services:list", true, false, false)]
    [InlineData("placement:resource_providers:list", true, false, false)]
    [InlineData("nova_host:audit", true, false, false)]
    [InlineData("identity:list_users", true, true, true)]
    [InlineData("identity:create_service", true, true, false)]
    [InlineData("identity:create_application_credential", true, false, false)]
    [InlineData("context_is_admin", true, true, true)]
    public void A_rule_is_for_tokens_of_its_scopes(string rule, bool project, bool system, bool domain)
    {
        var policy = new PolicyRules();
        var target = new PolicyTarget(null, "root", "default");

        Assert.Equal((project, system, domain), (policy.Allows(Root, rule, target), policy.Allows(OfSystem, rule, target), policy.Allows(OfDomain, rule, target)));
        Assert.Equal(project, policy.Allows(Unscoped, rule, target));
    }

    [Fact]
    public void Without_enforced_scope_the_roles_decide_alone()
    {
        var policy = new PolicyRules(new Dictionary<string, string>(), enforceScope: false);

        Assert.True(policy.Allows(OfSystem, "os_compute_api:os-services:list", new(null)));
        Assert.True(policy.Allows(OfDomain, "placement:resource_providers:list", new(null)));
        Assert.False(policy.Allows(OfSystem with { Roles = ["reader"] }, "os_compute_api:os-services:list", new(null)));
    }

    [Fact]
    public void A_rule_of_the_operators_own_is_for_tokens_of_every_scope_and_an_override_keeps_the_scopes()
    {
        var policy = new PolicyRules(new Dictionary<string, string> { ["os_compute_api:os-services:list"] = "@", ["helpdesk"] = "system_scope:all" });

        Assert.False(policy.Allows(OfSystem, "os_compute_api:os-services:list", new(null)));
        Assert.True(policy.Allows(OfSystem, "helpdesk", new(null)));
        Assert.False(policy.Allows(Root, "helpdesk", new(null)));
    }

    [Fact]
    public void A_target_may_have_more_to_name_than_its_owner()
    {
        var policy = new PolicyRules();
        var target = new PolicyTarget(null) { Further = new Dictionary<string, string?> { ["target.token.user_id"] = "ann" } };

        Assert.True(policy.Allows(Root with { UserId = "ann", Roles = [] }, "identity:validate_token", target));
        Assert.False(policy.Allows(Root with { UserId = "bob", Roles = [] }, "identity:validate_token", target));
        Assert.True(policy.Allows(Root with { UserId = "bob" }, "identity:validate_token", target));
    }

    [Fact]
    public void Every_rule_is_open_to_tokens_of_projects()
    {
        Assert.All(PolicyRules.Defaults, rule => Assert.True(rule.Scopes.HasFlag(PolicyScopes.Project), rule.Name));
    }

    [NeedsFact(Need.Reference)]
    public void The_scopes_of_compute_and_placement_are_those_of_the_reference()
    {
        var published = File.ReadLines(Path.Combine(Machine.ReferenceFolder, "policy-defaults.tsv")).Skip(1).Select(line => line.Split('\t'))
            .Where(c => c[4].Length > 0 && c[1].Contains(':', StringComparison.Ordinal)).Select(c => (Rule: c[1], Scopes: c[4])).ToList();
        var defaults = PolicyRules.Defaults.ToDictionary(d => d.Name, d => d.Scopes);

        Assert.NotEmpty(published);
        Assert.All(published, rule => Assert.Equal(rule.Scopes, string.Join(",", ((PolicyScopes[])[PolicyScopes.System, PolicyScopes.Domain, PolicyScopes.Project])
            .Where(scope => defaults[rule.Rule].HasFlag(scope)).Select(scope => scope.ToString().ToLowerInvariant()))));
    }
}
