using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Identity;
using Nova.Modules.Policy;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Settings;
using Nova.Tests.Support;

namespace Nova.Tests.Policy;

public class PolicyTests
{
    private static readonly Caller Ada = new() { UserId = "ada", ProjectId = "blue", Roles = ["member", "reader"] };
    private static readonly Dictionary<string, string> NoRules = [];
    private static readonly Caller Root = new() { UserId = "root", ProjectId = "ops", Roles = ["admin"] };

    [Theory]
    [InlineData("@", true)]
    [InlineData("", true)]
    [InlineData("!", false)]
    [InlineData("role:member", true)]
    [InlineData("role:MEMBER", true)]
    [InlineData("role:admin", false)]
    [InlineData("not role:admin", true)]
    [InlineData("role:admin or role:member", true)]
    [InlineData("role:admin and role:member or role:reader", true)]
    [InlineData("role:admin and (role:member or role:reader)", false)]
    [InlineData("project_id:%(project_id)s", true)]
    [InlineData("user_id:%(user_id)s", false)]
    [InlineData("(role:reader and project_id:%(project_id)s)", true)]
    [InlineData("user_id:ada", true)]
    [InlineData("is_admin:True", false)]
    [InlineData("is_admin:False", true)]
    [InlineData("system_scope:all", false)]
    [InlineData("rule:project_member_api", true)]
    [InlineData("rule:no_such_rule", false)]
    public void The_rule_language_means_what_it_says(string rule, bool allowed)
    {
        var policy = new PolicyRules(new Dictionary<string, string> { ["probe"] = rule });

        Assert.Equal(allowed, policy.Allows(Ada, "probe", new PolicyTarget("blue", "bob")));
    }

    [Theory]
    [InlineData("role:member and")]
    [InlineData("(role:member")]
    [InlineData("role:member role:reader")]
    [InlineData("member")]
    [InlineData("http://example.org")]
    public void A_rule_that_is_none_is_refused_with_its_name(string rule)
    {
        var refusal = Assert.Throws<PolicyException>(() => new PolicyRules(new Dictionary<string, string> { ["probe"] = rule }));

        Assert.Contains("probe", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_reaches_itself_is_refused()
    {
        var rules = new Dictionary<string, string> { ["a"] = "rule:b", ["b"] = "not rule:a" };

        Assert.Contains("refers to itself", Assert.Throws<PolicyException>(() => new PolicyRules(rules)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_let_members_act_in_their_project_and_administrators_everywhere()
    {
        var policy = new PolicyRules();

        Assert.True(policy.Allows(Ada, "os_compute_api:servers:create", new("blue")));
        Assert.False(policy.Allows(Ada, "os_compute_api:servers:create", new("red")));
        Assert.True(policy.Allows(Root, "os_compute_api:servers:create", new("red")));
        Assert.False(policy.Allows(Root with { SystemScope = true, ProjectId = null }, "os_compute_api:servers:create", new("red")));
    }

    [Fact]
    public void A_policy_file_changes_rules_and_a_bad_one_says_where()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "\"os_compute_api:flavors\": \"@\"\n");
            Assert.Contains("os_compute_api:flavors", Assert.Throws<PolicyException>(() => PolicyFile.Load(path)).Message, StringComparison.Ordinal);
            File.WriteAllText(path, "# members manage flavors here\nos_compute_api:os-flavor-manage:create: \"role:member\"\n");
            Assert.True(PolicyFile.Load(path).Allows(Ada, "os_compute_api:os-flavor-manage:create", new("blue")));
            File.WriteAllText(path, "- just\n- a list\n");
            Assert.Contains(path, Assert.Throws<PolicyException>(() => PolicyFile.Load(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("os_compute_api:servers:create", true)]
    [InlineData("os_compute_api:os-instance-actions:list", true)]
    [InlineData("os_compute_api:os-flavor-manage:create", false)]
    public void Former_defaults_are_accepted_when_the_operator_says_so(string rule, bool accepted)
    {
        var caller = Ada with { Roles = ["auditor"] };

        Assert.False(new PolicyRules().Allows(caller, rule, new("blue")));
        Assert.Equal(accepted, new PolicyRules(NoRules, enforceNewDefaults: false).Allows(caller, rule, new("blue")));
        Assert.False(new PolicyRules(NoRules, enforceNewDefaults: false).Allows(caller, rule, new("red")));
    }

    [Fact]
    public void An_administrator_may_reshape_as_formerly_and_with_the_new_defaults_only_a_service()
    {
        Assert.False(new PolicyRules().Allows(Root, "placement:reshaper:reshape", new(null)));
        Assert.True(new PolicyRules(NoRules, enforceNewDefaults: false).Allows(Root, "placement:reshaper:reshape", new(null)));
        Assert.True(new PolicyRules().Allows(Root with { Roles = ["service"] }, "placement:reshaper:reshape", new(null)));
    }

    [Fact]
    public void An_override_of_a_former_name_goes_for_all_its_successors_that_are_not_overridden_themselves()
    {
        var policy = new PolicyRules(new Dictionary<string, string>
        {
            ["os_compute_api:os-services"] = "role:member",
            ["os_compute_api:os-services:delete"] = "!",
            ["os_compute_api:os-rescue"] = "rule:os_compute_api:os-unrescue",
        });

        Assert.True(policy.Allows(Ada, "os_compute_api:os-services:list", new("blue")));
        Assert.False(policy.Allows(Ada, "os_compute_api:os-services:delete", new("blue")));
        Assert.True(policy.Allows(Ada, "os_compute_api:os-unrescue", new("blue")));
        Assert.Equal(
            ["os_compute_api:os-services is a former name, and stands for os_compute_api:os-services:delete, os_compute_api:os-services:list, os_compute_api:os-services:update; write those instead"],
            policy.Remarks);
    }

    [Fact]
    public void A_rule_of_the_operators_own_to_which_nobody_refers_is_remarked()
    {
        var policy = new PolicyRules(new Dictionary<string, string> { ["helpdesk"] = "role:helpdesk", ["night_shift"] = "role:night", ["os_compute_api:os-services:list"] = "rule:helpdesk" });

        Assert.True(policy.Allows(Ada with { Roles = ["helpdesk"] }, "os_compute_api:os-services:list", new("blue")));
        Assert.Equal(["night_shift changes nothing: no rule refers to it"], policy.Remarks);
    }

    [Fact]
    public void A_bad_edit_leaves_the_rules_in_force_and_a_good_one_replaces_them()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "os_compute_api:os-services:list: role:member\n");
            var policy = new LivePolicy(path, mustExist: true, enforceNewDefaults: true, enforceScope: true, NullLogger<LivePolicy>.Instance);
            Assert.True(policy.Allows(Ada, "os_compute_api:os-services:list", new("blue")));

            File.WriteAllText(path, "os_compute_api:os-services:list: (role:member\n");
            Assert.Contains("a parenthesis is not closed", Assert.Throws<ReloadException>(policy.Reload).Message, StringComparison.Ordinal);
            Assert.True(policy.Allows(Ada, "os_compute_api:os-services:list", new("blue")));

            File.Delete(path);
            Assert.Contains("there is no file", Assert.Throws<ReloadException>(policy.Reload).Message, StringComparison.Ordinal);
            File.WriteAllText(path, "os_compute_api:os-services:list: role:admin\n");
            policy.Reload();
            Assert.False(policy.Allows(Ada, "os_compute_api:os-services:list", new("blue")));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [NeedsFact(Need.Reference)]
    public void The_former_rules_are_those_of_the_reference()
    {
        var published = Published("compute").Where(rule => rule[7].Length > 0 && rule[1] != "context_is_admin").Select(rule => (Rule: rule[1], Former: rule[7])).ToList();
        var former = PolicyRules.Defaults.Where(rule => FormerRules.Of(rule.Name) is not null && !rule.Name.StartsWith("placement:", StringComparison.Ordinal)).ToList();

        Assert.Equal(published.Select(rule => rule.Rule).Order(StringComparer.Ordinal), former.Select(rule => rule.Name).Order(StringComparer.Ordinal));
        Assert.All(published, rule =>
        {
            // Base rules are said to have been called "rule:…", which no file can say.
            var (name, check) = (rule.Former[..rule.Former.IndexOf(' ', StringComparison.Ordinal)], rule.Former[(rule.Former.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            Assert.Equal(new FormerRule(name.StartsWith("rule:", StringComparison.Ordinal) ? null : name, check), FormerRules.Of(rule.Rule));
        });
    }

    [NeedsFact(Need.Reference)]
    public void The_defaults_of_compute_are_those_of_the_reference()
    {
        var published = Published("compute").ToDictionary(rule => rule[1], rule => rule[2]);

        Assert.Equal(published.OrderBy(p => p.Key, StringComparer.Ordinal), PolicyDefaults.Base.Concat(PolicyDefaults.Compute)
            .Select(d => KeyValuePair.Create(d.Name, d.Check)).OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    private static IEnumerable<string[]> Published(string service) =>
        File.ReadLines(Path.Combine(Machine.ReferenceFolder, "policy-defaults.tsv")).Skip(1).Select(line => line.Split('\t')).Where(columns => columns[0] == service);
}
