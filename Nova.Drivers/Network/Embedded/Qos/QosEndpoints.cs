using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded.Qos;

/// <summary>https://docs.openstack.org/api-ref/network/v2/#quality-of-service: policies with guaranteed bandwidth and packet rates.</summary>
public sealed class QosEndpoints(QosService policies) : IEndpoints
{
    private const string All = "/v2.0/qos/policies";
    private const string One = All + "/{policy}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, async (c, ct) => NetworkList.Of(c, "policies", (await policies.List(c.Caller, ct)).Select(p => View(p.Policy, p.Rules)))).AnyCaller();
        routes.Post(All, async (c, ct) => NetworkList.One(c, "policy", View(await policies.Create(c.Caller, await Body(c, "policy", ct), ct), []), 201)).AnyCaller();
        routes.Get(One, Show).AnyCaller();
        routes.Put(One, async (c, ct) =>
        {
            await policies.Update(c.Caller, c.Route("policy"), await Body(c, "policy", ct), ct);
            return await Show(c, ct);
        }).AnyCaller();
        routes.Delete(One, async (c, ct) =>
        {
            await policies.Delete(c.Caller, c.Route("policy"), ct);
            return Answer.Empty();
        }).AnyCaller();
        routes.Get("/v2.0/qos/rule-types", (_, _) => Task.FromResult(Answer.Json(new { rule_types = QosKind.All.Select(k => new { type = k.Name }) }))).AnyCaller();
        foreach (var kind in QosKind.All)
            MapRules(routes, kind);
    }

    private void MapRules(Routes routes, QosKind kind)
    {
        var (all, name) = ($"{One}/{kind.Name}_rules", kind.Name + "_rule");
        var one = all + "/{id}";
        routes.Get(all, async (c, ct) => NetworkList.Of(
            c, name + "s", (await policies.Get(c.Caller, c.Route("policy"), ct)).Rules.Where(r => r.Kind == kind.Name).Select(r => View(r, kind)))).AnyCaller();
        routes.Post(all, async (c, ct) =>
            NetworkList.One(c, name, View(await policies.CreateRule(c.Caller, c.Route("policy"), kind, await Body(c, name, ct), ct), kind), 201)).AnyCaller();
        routes.Get(one, async (c, ct) => NetworkList.One(c, name, View(await policies.Rule(c.Caller, c.Route("policy"), kind, c.Route("id"), ct), kind))).AnyCaller();
        routes.Put(one, async (c, ct) =>
            NetworkList.One(c, name, View(await policies.UpdateRule(c.Caller, c.Route("policy"), kind, c.Route("id"), await Body(c, name, ct), ct), kind))).AnyCaller();
        routes.Delete(one, async (c, ct) =>
        {
            await policies.DeleteRule(c.Caller, c.Route("policy"), kind, c.Route("id"), ct);
            return Answer.Empty();
        }).AnyCaller();
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var (policy, rules) = await policies.Get(caller.Caller, caller.Route("policy"), ct);
        return NetworkList.One(caller, "policy", View(policy, rules));
    }

    private static async Task<JsonBody> Body(RequestContext caller, string name, CancellationToken ct) => (await JsonBody.Read(caller, ct)).Object(name);

    private static Dictionary<string, object?> View(QosRuleRow rule, QosKind kind) => new()
    {
        ["id"] = rule.Id.ToString(), [kind.Member] = rule.Amount, ["direction"] = rule.Direction,
    };

    private static Dictionary<string, object?> View(QosPolicyRow row, IReadOnlyList<QosRuleRow> rules)
    {
        var view = NetworkWire.Common(row.Id, row.Name, row.ProjectId, row.Description, "[]", row.Revision, row.CreatedAt, row.UpdatedAt);
        view["shared"] = row.Shared;
        view["is_default"] = false;
        view["rules"] = rules.Select(r => new Dictionary<string, object?>(View(r, QosKind.All.First(k => k.Name == r.Kind))) { ["type"] = r.Kind, ["qos_policy_id"] = row.Id.ToString() });
        return view;
    }
}
