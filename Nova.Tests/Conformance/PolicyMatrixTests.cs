using Nova.Modules.Shared.Http;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Conformance;

/// <summary>
/// Every operation that is mapped, asked by everybody, against the published defaults; and every address of a server asked by
/// strangers, who must not learn whether it exists.
/// </summary>
[Collection(nameof(ServerCloud))]
public sealed class PolicyMatrixTests(ServerCloud cloud)
{
    private const string Nowhere = "4b7ebcda-1d9c-4a8b-9c0f-0123456789ab";
    private const string Project = "policy-matrix";

    private static readonly string[] Personas = ["nobody", "reader", "member", "manager", "admin", "service"];

    // What a role may do, by the default check of a rule.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["rule:context_is_admin"] = ["admin"],
        ["rule:project_manager_or_admin"] = ["manager", "admin"],
        ["rule:project_member_or_admin"] = ["member", "manager", "admin"],
        ["rule:project_reader_or_admin"] = ["reader", "member", "manager", "admin"],
        ["rule:service_or_admin"] = ["service", "admin"],
        ["(rule:context_is_admin) or user_id:%(user_id)s"] = ["nobody", "reader", "member", "manager", "admin", "service"],
        ["@"] = ["nobody", "reader", "member", "manager", "admin", "service"],
        ["!"] = [],
    };

    public static TheoryData<string> Groups => [.. Machine.ReasonToSkip(Need.Reference) is null
        ? ApiReference.Operations.Where(o => o.Rule.Length > 0).Select(o => o.Id.Split('.')[0]).Distinct() : []];

    [NeedsTheory(Need.Reference)]
    [MemberData(nameof(Groups))]
    public async Task Each_operation_is_for_those_whom_its_rule_names(string group)
    {
        var checks = ApiReference.Table("policy-defaults.tsv").Where(r => r["service"] == "compute").ToDictionary(r => r["rule"], r => r["default_check"]);
        var routes = RouteCoverageTests.ComputeRoutes(cloud).ToLookup(RouteCoverageTests.KeyOf);
        var wrong = new List<string>();
        foreach (var operation in ApiReference.Operations.Where(o => o.Rule.Length > 0 && o.Id.Split('.')[0] == group))
        {
            if (routes[operation.Key].FirstOrDefault() is not { } route)
                continue;

            var allowed = Allowed[checks[operation.Rule]];
            foreach (var persona in Personas)
            {
                var answer = await Ask(As(persona), operation, route, Nowhere);
                if (IsRefused(answer) == allowed.Contains(persona))
                    wrong.Add($"{operation.Id} as {persona}: {answer.Status} {answer.Text}");
            }

            if ((await Ask(cloud.As(""), operation, route, Nowhere)).Status != 401)
                wrong.Add($"{operation.Id} without a token is not refused");
        }

        Assert.Empty(wrong);
    }

    [NeedsFact(Need.Reference)]
    public async Task A_stranger_does_not_learn_whether_a_server_exists()
    {
        var server = await cloud.Boot(cloud.As("ada:" + Project).At("2.90"));
        var routes = RouteCoverageTests.ComputeRoutes(cloud).ToLookup(RouteCoverageTests.KeyOf);
        var wrong = new List<string>();
        foreach (var operation in ApiReference.Operations.Where(o => o.Path.Contains("/servers/{", StringComparison.Ordinal) || o.Path.StartsWith("/os-volumes_boot/{", StringComparison.Ordinal)))
            foreach (var roles in new[] { "reader", "member,reader", "manager,member,reader", "service", "" })
            {
                if (routes[operation.Key].FirstOrDefault() is not { } route)
                    continue;

                var stranger = cloud.As("eve:elsewhere").With("X-Roles", roles.Length == 0 ? "none" : roles);
                var (there, not) = (await Ask(stranger, operation, route, server), await Ask(stranger, operation, route, Nowhere));
                if (there.Status < 300 || there.Status != not.Status || there.Text.Replace(server, Nowhere, StringComparison.Ordinal) != not.Text)
                    wrong.Add($"{operation.Id} as {roles}: {there.Status} {there.Text} / {not.Status} {not.Text}");
            }

        Assert.Empty(wrong);
        Assert.Equal("ACTIVE", (await ServerCloud.Show(cloud.As("ada:" + Project), server)).GetProperty("status").GetString());
    }

    [NeedsFact(Need.Reference)]
    public void Every_rule_of_the_table_guards_something_that_is_mapped_or_missing()
    {
        var routes = RouteCoverageTests.ComputeRoutes(cloud).ToLookup(RouteCoverageTests.KeyOf);
        var used = RouteCoverageTests.ComputeRoutes(cloud).Select(r => r.Rule).OfType<string>().ToHashSet();
        var primary = ApiReference.Operations.ToLookup(o => o.Rule);
        var published = ApiReference.Table("policy-defaults.tsv").Where(r => r["service"] == "compute").Select(r => r["rule"]).ToHashSet();

        Assert.Empty(used.Except(published));
        Assert.DoesNotContain(published, rule => primary[rule].Any() && !used.Contains(rule) && primary[rule].All(o => routes[o.Key].Any()));
    }

    [NeedsFact(Need.Reference)]
    public async Task A_handler_asks_only_for_the_rules_of_its_operation()
    {
        // Who sees everything is a matter of lists and locks, not of one operation.
        string[] everywhere = ["context_is_admin"];
        var routes = RequestProbe.Routes.ToLookup(RouteCoverageTests.KeyOf);
        var wrong = new List<string>();
        foreach (var operation in ApiReference.Operations.Where(o => !o.IsGone))
            foreach (var route in routes[operation.Key])
            {
                var minor = Math.Min(route.LastMinor, operation.Last);
                var schema = ApiReference.RequestSchemas(operation.Id).FirstOrDefault(s => s.Part == "body" && s.Max.Minor >= minor)?.Schema;
                var asked = new HashSet<string>();
                foreach (var body in schema is { } known ? Mutations.Bodies(known).Take(3).Select(b => b?.ToJsonString()) : [null])
                    await RequestProbe.Refusal(route, minor, body, "", asked);
                wrong.AddRange(asked.Except(operation.OtherRules).Except(everywhere).Where(rule => rule != operation.Rule).Select(rule => $"{operation.Id} asks {rule}"));
            }

        Assert.Empty(wrong);
    }

    private CloudClient As(string persona) => cloud.As($"{persona}-user:{Project}").With("X-Roles", persona switch
    {
        "nobody" => "none",
        "member" => "member,reader",
        "manager" => "manager,member,reader",
        "admin" => "admin,manager,member,reader",
        _ => persona,
    });

    private static bool IsRefused(CloudAnswer answer) => answer.Status == 403 && answer.Text.Contains("Policy doesn't allow", StringComparison.Ordinal);

    // A body that names the action and nothing more: whoever may, hears what is wrong with it.
    private static async Task<CloudAnswer> Ask(CloudClient caller, ApiOperation operation, Route route, string id)
    {
        var own = operation.Path.StartsWith("/os-quota-sets", StringComparison.Ordinal) || operation.Path.StartsWith("/os-simple-tenant-usage", StringComparison.Ordinal);
        var first = own ? Project : id;
        var parts = operation.Path.Split('/').ToList();
        for (var i = 0; i < parts.Count; i++)
            if (parts[i].StartsWith('{'))
                (parts[i], first) = (first, "no-such");
        var query = operation.Id switch { "os-migrations.index" => "?project_id=" + Project, _ => "" };
        var body = operation.Action.Length > 0 ? $$"""{"{{operation.Action}}": []}""" : operation.Method is "POST" or "PUT" ? "[]" : null;
        return await caller.At($"2.{Math.Min(route.LastMinor, operation.Last)}").Send(new(operation.Method), "/v2.1" + string.Join('/', parts) + query, body);
    }
}
