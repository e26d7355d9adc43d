using System.Globalization;
using Nova.Drivers.Embedded;
using Nova.Modules.Compute.Live;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Security groups and their rules, as the network API changes them.</summary>
public sealed class SecurityGroupService(
    Db database, PictureCache pictures, DefaultGroups defaultGroups, NetworkQuotas quotas, LiveChanges changes, TimeProvider time, Ids ids)
{
    /// <summary>The groups that the caller may see; the default group of the caller's project is among them.</summary>
    public async Task<IEnumerable<PictureGroup>> List(Caller caller, CancellationToken ct)
    {
        if (caller.ProjectId is { } project)
            await defaultGroups.Ensure(project, ct);
        return (await pictures.Get(ct)).Groups.Values.Where(g => NetworkAccess.Owns(caller, g.Row.ProjectId));
    }

    /// <summary>A group that the caller may see.</summary>
    public async Task<PictureGroup> Get(Caller caller, string id, CancellationToken ct) =>
        (await pictures.Get(ct)).Groups.TryGetValue(NetworkAccess.Id(id, NetworkFaults.GroupNotFound), out var group) && NetworkAccess.Owns(caller, group.Row.ProjectId)
            ? group
            : throw NetworkFaults.GroupNotFound(id);

    /// <summary>A new group, from which everything may go out.</summary>
    public async Task<PictureGroup> Create(Caller caller, JsonBody body, CancellationToken ct)
    {
        var project = NetworkAccess.ProjectOf(caller, body);
        NetworkAccess.RequireWriter(caller, project, "create_security_group");
        var name = body.Text("name") ?? "";
        await defaultGroups.Ensure(project, ct);
        if (name == "default")
            throw NetworkFaults.DefaultGroupExists();

        var now = Now();
        var group = new SecurityGroupRow
        {
            Id = ids.Next(),
            ProjectId = project,
            Name = name,
            Description = body.Text("description") ?? "",
            Stateful = body.Bool("stateful") ?? true,
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        List<SecurityGroupRuleRow> rules = [.. SecurityGroupStore.DefaultRules(group, ids, withIngress: false)];
        await Write(
            tx =>
            {
                quotas.Check(tx, project, "security_group");
                SecurityGroupStore.TryInsert(tx, group);
                foreach (var rule in rules)
                    SecurityGroupStore.Insert(tx, rule);
            },
            ct);
        return new(group, rules);
    }

    /// <summary>Changes what the body names.</summary>
    public async Task<PictureGroup> Update(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        var old = await Get(caller, id, ct);
        NetworkAccess.RequireWriter(caller, old.Row.ProjectId, "update_security_group");
        var name = body.Text("name") ?? old.Row.Name;
        if (name != old.Row.Name && (old.Row.IsDefault || name == "default"))
            throw NetworkFaults.Typed(Fault.Conflict($"Updating default security group not allowed."), "SecurityGroupCannotUpdateDefault");

        var row = old.Row with
        {
            Name = name,
            Description = body.Text("description") ?? old.Row.Description,
            Stateful = body.Bool("stateful") ?? old.Row.Stateful,
            Revision = old.Row.Revision + 1,
            UpdatedAt = Now(),
        };
        await Write(tx => SecurityGroupStore.Update(tx, row), ct);
        return new(row, old.Rules);
    }

    /// <summary>The group is gone; refused while a port has it.</summary>
    public async Task Delete(Caller caller, string id, CancellationToken ct)
    {
        var group = await Get(caller, id, ct);
        NetworkAccess.RequireWriter(caller, group.Row.ProjectId, "delete_security_group");
        if (group.Row.IsDefault && !NetworkAccess.IsAdmin(caller))
            throw NetworkFaults.DefaultGroupStays();
        await Write(
            tx =>
            {
                // The groups of a port are a JSON column; deleting a group is rare enough to read its project's ports.
                if (tx.Query<string>("SELECT security_groups FROM ports WHERE security_groups <> '[]'").Any(g => PortJson.Groups(g).Contains(group.Row.Id)))
                    throw NetworkFaults.GroupInUse(group.Row.Id);
                foreach (var other in SecurityGroupStore.Naming(tx, group.Row.Id))
                    changes.Group(tx, other);
                SecurityGroupStore.Delete(tx, group.Row.Id);
            },
            ct);
    }

    /// <summary>A rule that the caller may see.</summary>
    public async Task<SecurityGroupRuleRow> Rule(Caller caller, string id, CancellationToken ct)
    {
        var key = NetworkAccess.Id(id, NetworkFaults.RuleNotFound);
        return (await List(caller, ct)).SelectMany(g => g.Rules).FirstOrDefault(r => r.Id == key) ?? throw NetworkFaults.RuleNotFound(id);
    }

    /// <summary>A new rule.</summary>
    public async Task<SecurityGroupRuleRow> CreateRule(Caller caller, JsonBody body, CancellationToken ct)
    {
        var group = await Get(caller, body.Required("security_group_id"), ct);
        NetworkAccess.RequireWriter(caller, group.Row.ProjectId, "create_security_group_rule");
        Guid? remote = body.Text("remote_group_id") is { } id ? (await Get(caller, id, ct)).Row.Id : null;
        var rule = SecurityGroupRules.Read(body, remote) with { Id = ids.Next(), GroupId = group.Row.Id, ProjectId = group.Row.ProjectId, CreatedAt = Now() };
        if (group.Rules.FirstOrDefault(r => SecurityGroupRules.Same(r, rule)) is { } twin)
            throw NetworkFaults.RuleExists(twin.Id);

        await Write(
            tx =>
            {
                quotas.Check(tx, rule.ProjectId, "security_group_rule");
                SecurityGroupStore.Insert(tx, rule);
                changes.Group(tx, rule.GroupId);
            },
            ct);
        return rule;
    }

    /// <summary>The rule is gone.</summary>
    public async Task DeleteRule(Caller caller, string id, CancellationToken ct)
    {
        var rule = await Rule(caller, id, ct);
        NetworkAccess.RequireWriter(caller, rule.ProjectId, "delete_security_group_rule");
        await Write(
            tx =>
            {
                SecurityGroupStore.DeleteRule(tx, rule.Id);
                changes.Group(tx, rule.GroupId);
            },
            ct);
    }

    private Task Write(Action<Tx> change, CancellationToken ct) => database.Write(
        tx =>
        {
            change(tx);
            pictures.Changed(tx);
        },
        ct);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>What a rule may say.</summary>
internal static class SecurityGroupRules
{
    /// <summary>The rule of a request, checked.</summary>
    public static SecurityGroupRuleRow Read(JsonBody body, Guid? remoteGroup)
    {
        var direction = body.Required("direction");
        if (direction is not ("ingress" or "egress"))
            throw NetworkFaults.Invalid($"'{direction}' is not in ['ingress', 'egress']");
        var type = body.Text("ethertype") ?? "IPv4";
        if (type is not ("IPv4" or "IPv6"))
            throw NetworkFaults.Invalid($"'{type}' is not in ['IPv4', 'IPv6']");
        var rule = new SecurityGroupRuleRow
        {
            Ingress = direction == "ingress",
            V6 = type == "IPv6",
            Protocol = Protocol(body),
            PortMin = body.Int("port_range_min"),
            PortMax = body.Int("port_range_max"),
            RemoteGroupId = remoteGroup,
            RemotePrefix = Prefix(body, type == "IPv6"),
            Description = body.Text("description") ?? "",
        };
        if (rule is { RemoteGroupId: not null, RemotePrefix: not null })
            throw NetworkFaults.Typed(Fault.BadRequest($"Only remote_ip_prefix, remote_group_id or remote_address_group_id may be provided."), "SecurityGroupMultipleRemoteEntites");
        CheckPorts(rule);
        return rule;
    }

    /// <summary>True when two rules allow the same.</summary>
    public static bool Same(SecurityGroupRuleRow a, SecurityGroupRuleRow b) =>
        (a.Ingress, a.V6, a.PortMin, a.PortMax, a.RemoteGroupId, a.NormalPrefix) == (b.Ingress, b.V6, b.PortMin, b.PortMax, b.RemoteGroupId, b.NormalPrefix)
        && Protocols.ForHost(a.Protocol) == Protocols.ForHost(b.Protocol);

    private static string? Protocol(JsonBody body)
    {
        var text = body.Has("protocol") && body.Element.GetProperty("protocol").ValueKind == System.Text.Json.JsonValueKind.Number
            ? body.Long("protocol")?.ToString(CultureInfo.InvariantCulture)
            : body.Text("protocol");
        if (text is null or "" or "any")
            return null;
        return Protocols.NumberOf(text) is not null
            ? text.ToLowerInvariant()
            : throw NetworkFaults.Typed(
                Fault.BadRequest($"Security group rule protocol {text} not supported. Only protocol values [{string.Join(", ", Protocols.Names)}] and integer representations [0 to 255] are supported."),
                "SecurityGroupRuleInvalidProtocol");
    }

    private static string? Prefix(JsonBody body, bool v6)
    {
        if (body.Text("remote_ip_prefix") is not { Length: > 0 } text)
            return null;
        if (!Cidr.TryParse(text, out var cidr))
            throw NetworkFaults.Invalid($"'{text}' is not a valid IP subnet");
        return cidr.V6 == v6 && IpNumber.TryParse(text.Split('/')[0], out var address)
            ? string.Create(CultureInfo.InvariantCulture, $"{address}/{cidr.Prefix}")
            : throw NetworkFaults.Typed(Fault.BadRequest($"Conflicting value ethertype {(v6 ? "IPv6" : "IPv4")} for CIDR {text}"), "SecurityGroupRuleParameterConflict");
    }

    private static void CheckPorts(SecurityGroupRuleRow rule)
    {
        if (rule is { PortMin: null, PortMax: null })
            return;

        var number = rule.Protocol is null ? null : Protocols.NumberOf(rule.Protocol);
        if (number is 1 or 58)
        {
            if (rule.PortMin is null || rule.PortMin is < 0 or > 255 || rule.PortMax is < 0 or > 255)
                throw NetworkFaults.Typed(Fault.BadRequest($"Invalid value for ICMP type or code: {rule.PortMin}, {rule.PortMax}."), "SecurityGroupInvalidIcmpValue");
        }
        else if (number is not (6 or 17 or 33 or 132 or 136))
        {
            throw NetworkFaults.Typed(Fault.BadRequest($"Must also specify protocol if port range is given."), "SecurityGroupProtocolRequiredWithPorts");
        }
        else if (rule is not { PortMin: >= 1 and <= 65_535, PortMax: >= 1 and <= 65_535 } || rule.PortMin > rule.PortMax)
        {
            throw NetworkFaults.Typed(Fault.BadRequest($"For TCP/UDP protocols, port_range_min must be <= port_range_max"), "SecurityGroupInvalidPortRange");
        }
    }
}
