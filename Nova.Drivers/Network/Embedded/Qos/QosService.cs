using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded.Qos;

/// <summary>Policies and their rules, as the network API changes them. What bound ports were given does not change under them.</summary>
public sealed class QosService(Db database, TimeProvider time, Ids ids)
{
    private const string Columns = "id, project_id, name, description, shared, revision, created_at, updated_at";
    private const int MostRules = 10;

    /// <summary>The policies that the caller may see, with their rules.</summary>
    public async Task<IReadOnlyList<(QosPolicyRow Policy, IReadOnlyList<QosRuleRow> Rules)>> List(Caller caller, CancellationToken ct)
    {
        var (policies, rules) = await database.Read(
            async rows => (
                await rows.Query<QosPolicyRow>($"SELECT {Columns} FROM qos_policies ORDER BY id"),
                await rows.Query<QosRuleRow>("SELECT id, policy_id, kind, direction, amount FROM qos_rules ORDER BY id")),
            ct);
        var of = rules.ToLookup(r => r.PolicyId);
        return [.. policies.Where(p => MaySee(caller, p)).Select(p => (p, (IReadOnlyList<QosRuleRow>)[.. of[p.Id]]))];
    }

    /// <summary>A policy that the caller may see.</summary>
    public async Task<(QosPolicyRow Policy, IReadOnlyList<QosRuleRow> Rules)> Get(Caller caller, string id, CancellationToken ct)
    {
        var key = NetworkAccess.Id(id, NotFound);
        var (policy, rules) = await database.Read(
            async rows => (await rows.Find<QosPolicyRow>($"SELECT {Columns} FROM qos_policies WHERE id = @key", new { key }), await QosStore.RulesOf(rows, key)), ct);
        return policy is not null && MaySee(caller, policy) ? (policy, rules) : throw NotFound(id);
    }

    /// <summary>A new policy without rules.</summary>
    public async Task<QosPolicyRow> Create(Caller caller, JsonBody body, CancellationToken ct)
    {
        RequireAdmin(caller, "create_policy");
        var now = Now();
        var row = new QosPolicyRow
        {
            Id = ids.Next(),
            ProjectId = NetworkAccess.ProjectOf(caller, body),
            Name = body.Required("name"),
            Description = body.Text("description") ?? "",
            Shared = body.Bool("shared") ?? false,
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await database.Write(
            tx => tx.Execute(
                $"INSERT INTO qos_policies ({Columns}) VALUES (@Id, @ProjectId, @Name, @Description, @Shared, @Revision, @CreatedAt, @UpdatedAt)", row), ct);
        return row;
    }

    /// <summary>Changes what the body names.</summary>
    public async Task Update(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        RequireAdmin(caller, "update_policy");
        var (old, _) = await Get(caller, id, ct);
        var row = old with
        {
            Name = body.Text("name") ?? old.Name, Description = body.Text("description") ?? old.Description, Shared = body.Bool("shared") ?? old.Shared, UpdatedAt = Now(),
        };
        await database.Write(
            tx => tx.Execute(
                "UPDATE qos_policies SET name = @Name, description = @Description, shared = @Shared, revision = revision + 1, updated_at = @UpdatedAt WHERE id = @Id", row), ct);
    }

    /// <summary>The policy with its rules is gone; refused while a port has it.</summary>
    public async Task Delete(Caller caller, string id, CancellationToken ct)
    {
        RequireAdmin(caller, "delete_policy");
        var (policy, _) = await Get(caller, id, ct);
        await database.Write(
            tx =>
            {
                if (tx.Find<Guid?>("SELECT id FROM ports WHERE qos_policy_id = @Id LIMIT 1", new { policy.Id }) is { } port)
                    throw NetworkFaults.Typed(Fault.Conflict($"QoS Policy {policy.Id} is used by port {port}."), "QosPolicyInUse");
                tx.Execute("DELETE FROM qos_rules WHERE policy_id = @Id", new { policy.Id });
                tx.Execute("DELETE FROM qos_policies WHERE id = @Id", new { policy.Id });
            },
            ct);
    }

    /// <summary>A rule of a policy.</summary>
    internal async Task<QosRuleRow> Rule(Caller caller, string policy, QosKind kind, string id, CancellationToken ct) =>
        (await Get(caller, policy, ct)).Rules.FirstOrDefault(r => r.Kind == kind.Name && r.Id.ToString() == id) ?? throw RuleNotFound(policy, id);

    /// <summary>A new rule.</summary>
    internal async Task<QosRuleRow> CreateRule(Caller caller, string id, QosKind kind, JsonBody body, CancellationToken ct)
    {
        RequireAdmin(caller, "create_policy_" + kind.Name + "_rule");
        var (policy, rules) = await Get(caller, id, ct);
        if (rules.Count >= MostRules)
            throw NetworkFaults.Invalid($"a policy has at most {MostRules} rules");
        var rule = Read(new() { Id = ids.Next(), PolicyId = policy.Id, Kind = kind.Name, Direction = "egress", Amount = -1 }, kind, body);
        await Change(
            policy, tx =>
            {
                if (tx.Execute("INSERT INTO qos_rules (id, policy_id, kind, direction, amount) VALUES (@Id, @PolicyId, @Kind, @Direction, @Amount) ON CONFLICT DO NOTHING", rule) == 0)
                    throw NetworkFaults.Typed(Fault.Conflict($"Rule {kind.Name} for direction {rule.Direction} already exists in QoS Policy {policy.Id}."), "QoSRulesConflict");
            },
            ct);
        return rule;
    }

    /// <summary>Another amount or direction.</summary>
    internal async Task<QosRuleRow> UpdateRule(Caller caller, string id, QosKind kind, string ruleId, JsonBody body, CancellationToken ct)
    {
        RequireAdmin(caller, "update_policy_" + kind.Name + "_rule");
        var (policy, _) = await Get(caller, id, ct);
        var rule = Read(await Rule(caller, id, kind, ruleId, ct), kind, body);
        await Change(policy, tx => tx.Execute("UPDATE qos_rules SET direction = @Direction, amount = @Amount WHERE id = @Id", rule), ct);
        return rule;
    }

    /// <summary>The rule is gone.</summary>
    internal async Task DeleteRule(Caller caller, string id, QosKind kind, string ruleId, CancellationToken ct)
    {
        RequireAdmin(caller, "delete_policy_" + kind.Name + "_rule");
        var (policy, _) = await Get(caller, id, ct);
        var rule = await Rule(caller, id, kind, ruleId, ct);
        await Change(policy, tx => tx.Execute("DELETE FROM qos_rules WHERE id = @Id", rule), ct);
    }

    private Task Change(QosPolicyRow policy, Action<Tx> change, CancellationToken ct) => database.Write(
        tx =>
        {
            if (QosStore.IsBound(tx, policy.Id))
                throw NetworkFaults.Typed(Fault.Conflict($"QoS Policy {policy.Id} is used by ports of servers: what they were given cannot change. Detach them first, or make another policy."), "QosPolicyInUse");
            change(tx);
            tx.Execute("UPDATE qos_policies SET revision = revision + 1, updated_at = @now WHERE id = @Id", new { policy.Id, now = Now() });
        },
        ct);

    private static QosRuleRow Read(QosRuleRow rule, QosKind kind, JsonBody body)
    {
        var direction = body.Text("direction") ?? rule.Direction;
        if (!kind.Directions.Contains(direction))
            throw NetworkFaults.Invalid($"'{direction}' is not in [{string.Join(", ", kind.Directions.Select(d => $"'{d}'"))}]");
        var amount = body.Long(kind.Member) ?? (rule.Amount < 0 ? throw NetworkFaults.Invalid($"{kind.Member} is required") : rule.Amount);
        return amount is >= 0 and <= int.MaxValue
            ? rule with { Direction = direction, Amount = amount }
            : throw NetworkFaults.Invalid($"'{amount}' is not in range 0 through {int.MaxValue}");
    }

    private static bool MaySee(Caller caller, QosPolicyRow policy) => policy.Shared || NetworkAccess.Owns(caller, policy.ProjectId);

    private static void RequireAdmin(Caller caller, string rule)
    {
        if (!NetworkAccess.IsAdmin(caller))
            throw NetworkFaults.NotAllowed(rule);
    }

    private static Fault NotFound(string id) => NetworkFaults.Typed(Fault.NotFound($"QoS policy {id} could not be found."), "QosPolicyNotFound");

    private static Fault RuleNotFound(string policy, string id) =>
        NetworkFaults.Typed(Fault.NotFound($"QoS rule {id} for policy {policy} could not be found."), "QosRuleNotFound");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
