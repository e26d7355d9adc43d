using System.Globalization;
using System.Text.Json;
using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.NetworkProxy;

/// <summary>https://docs.openstack.org/api-ref/compute/#security-groups-os-security-groups-deprecated: as Compute showed them until 2.35.</summary>
public sealed class SecurityGroupProxyEndpoints(INetworkCatalog network) : IEndpoints
{
    private const int Last = 35;
    private const string Rule = "os_compute_api:os-security-groups:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-security-groups", List).Until(Last).Requires(Rule + "get");
        routes.Post("/os-security-groups", Create).Until(Last).Requires(Rule + "create");
        routes.Get("/os-security-groups/{id}", Show).Until(Last).Requires(Rule + "show");
        routes.Put("/os-security-groups/{id}", Update).Until(Last).Requires(Rule + "update");
        routes.Delete("/os-security-groups/{id}", Delete).Until(Last).Requires(Rule + "delete");
        routes.Post("/os-security-group-rules", CreateRule).Until(Last).Requires(Rule + "rule:create");
        routes.Delete("/os-security-group-rules/{id}", DeleteRule).Until(Last).Requires(Rule + "rule:delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<GroupQuery>();
        var all = await network.Groups(caller.Caller, ct);
        var seen = all.Where(g => g.ProjectId == caller.Caller.ProjectId || (caller.IsAdmin && query.AllTenants is not null))
            .OrderBy(g => g.ProjectId, StringComparer.Ordinal).ThenBy(g => g.Name, StringComparer.Ordinal).Skip(query.Offset?.Value ?? 0);
        if (query.Limit?.Value is > 0 and var limit)
            seen = seen.Take(limit);
        return Answer.Json(new GroupListResponse([.. seen.Select(g => View(g, all))]));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var all = await network.Groups(caller.Caller, ct);
        return Answer.Json(new GroupResponse(View(Find(all, Id(caller.Route("id"))), all)));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var group = (await caller.Body<GroupRequest>(ct)).SecurityGroup;
        var made = await AsCompute(() => network.CreateGroup(caller.Caller, group.Name, group.Description, ct));
        return Answer.Json(new GroupResponse(View(made, [made])));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var group = (await caller.Body<GroupRequest>(ct)).SecurityGroup;
        var id = Find(await network.Groups(caller.Caller, ct), Id(caller.Route("id"))).Id;
        var changed = await AsCompute(() => network.ChangeGroup(caller.Caller, id, group.Name, group.Description, ct));
        return Answer.Json(new GroupResponse(View(changed, await network.Groups(caller.Caller, ct))));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var id = Find(await network.Groups(caller.Caller, ct), Id(caller.Route("id"))).Id;
        await AsCompute(() => network.DeleteGroup(caller.Caller, id, ct));
        return Answer.Empty(202);
    }

    private async Task<Answer> CreateRule(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<GroupRuleRequest>(ct)).SecurityGroupRule;
        var all = await network.Groups(caller.Caller, ct);
        var parent = Find(all, Id(asked.ParentGroupId));
        CatalogGroup? source = asked.GroupId is { } group ? Find(all, Id(group)) : null;
        var made = await AsCompute(() => network.CreateRule(caller.Caller, RuleReader.Read(asked, parent.Id, source?.Id), ct));
        return Answer.Json(new GroupRuleResponse(View(made, all)!));
    }

    private async Task<Answer> DeleteRule(RequestContext caller, CancellationToken ct)
    {
        var id = Id(caller.Route("id"));
        if (!(await network.Groups(caller.Caller, ct)).SelectMany(g => g.Rules).Any(r => r.Id == id))
            throw Fault.NotFound($"Security group with rule {id} not found.");

        await AsCompute(() => network.DeleteRule(caller.Caller, id, ct));
        return Answer.Empty(202);
    }

    private static Guid Id(string text) => Formats.IsUuid(text) && Guid.TryParse(text, out var id) ? id : throw Fault.BadRequest($"Security group id should be uuid");

    private static CatalogGroup Find(IReadOnlyList<CatalogGroup> groups, Guid id) =>
        groups.FirstOrDefault(g => g.Id == id) ?? throw Fault.NotFound($"Security group {id} not found.");

    private static async Task AsCompute(Func<Task> call) => await AsCompute(async () =>
    {
        await call();
        return true;
    });

    // What the network service calls a conflict is a bad request here, but for quotas.
    private static async Task<T> AsCompute<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Conflict)
        {
            var isQuota = fault.Text.ToString().StartsWith("Quota exceeded", StringComparison.Ordinal);
            throw new Fault(isQuota ? FaultKind.Forbidden : FaultKind.BadRequest, fault.Text, fault.Details);
        }
    }

    internal static GroupView View(CatalogGroup group, IReadOnlyList<CatalogGroup> all) =>
        new(group.Id, group.Name, group.Description, group.ProjectId, [.. group.Rules.Select(r => View(r, all)).OfType<GroupRuleView>()]);

    // Null for a rule whose remote group is gone or hidden.
    private static GroupRuleView? View(CatalogRule rule, IReadOnlyList<CatalogGroup> all)
    {
        var remote = rule.RemoteGroupId is { } id ? all.FirstOrDefault(g => g.Id == id) : null;
        if (rule.RemoteGroupId is not null && remote is null)
            return null;

        var protocol = rule.Protocol;
        var isOpen = rule is { PortMin: null, PortMax: null };
        var hasPorts = protocol?.ToUpperInvariant() is "TCP" or "UDP";
        return new()
        {
            Id = rule.Id,
            ParentGroupId = rule.GroupId,
            IpProtocol = protocol,
            FromPort = isOpen && protocol is not null ? hasPorts ? 1 : -1 : rule.PortMin,
            ToPort = isOpen && protocol is not null ? hasPorts ? 65535 : -1 : rule.PortMax,
            Group = remote is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["name"] = remote.Name, ["tenant_id"] = remote.ProjectId },
            IpRange = remote is null ? new Dictionary<string, string> { ["cidr"] = rule.RemotePrefix ?? "0.0.0.0/0" } : new Dictionary<string, string>(),
        };
    }
}

/// <summary>What a rule of this API means to the network service.</summary>
internal static class RuleReader
{
    /// <summary>The rule; a source group may leave ports and protocol open, a prefix may not.</summary>
    /// <exception cref="Fault">400.</exception>
    public static CatalogRule Read(NewGroupRule asked, Guid parent, Guid? source)
    {
        var prefix = source is not null ? null : Prefix(Text(asked.Cidr));
        var protocol = Text(asked.IpProtocol) is { Length: > 0 } text ? text.ToUpperInvariant() : null;
        var (from, to) = (Number(asked.FromPort, "from_port"), Number(asked.ToPort, "to_port"));
        if (source is not null && from is null && to is null)
            (from, to) = protocol switch { "ICMP" => (-1, -1), "TCP" or "UDP" => (1, 65535), _ => (from, to) };
        if (protocol is null || from is null || to is null)
        {
            if (source is null)
                throw Fault.BadRequest($"Not enough parameters to build a valid rule.");
            return new() { GroupId = parent, RemoteGroupId = source };
        }

        if (protocol is not ("TCP" or "UDP" or "ICMP"))
            throw Fault.BadRequest($"Invalid IP protocol {protocol}.");
        if (from > to && protocol != "ICMP")
            throw Fault.BadRequest($"Invalid port range {from}:{to}. Former value cannot be greater than the later");
        if (protocol == "ICMP" ? from is < -1 or > 255 || to is < -1 or > 255 : from < 1 || to > 65535)
            throw Fault.BadRequest($"Invalid port range {from}:{to}. Valid {(protocol == "ICMP" ? "types and codes are -1 to 255" : $"{protocol} ports should be between 1-65535")}");

        // -1 is any type or code.
        return new()
        {
            GroupId = parent, RemoteGroupId = source, RemotePrefix = prefix, Protocol = protocol.ToLowerInvariant(),
            PortMin = from == -1 ? null : from, PortMax = to == -1 ? null : to,
        };
    }

    private static string Prefix(string? text) => string.IsNullOrEmpty(text) ? "0.0.0.0/0"
        : Formats.Fits("cidr", text) && !(text.EndsWith("/0", StringComparison.Ordinal) && text is not ("0.0.0.0/0" or "::/0")) ? text
        : throw Fault.BadRequest($"Invalid cidr {text}.");

    private static int? Number(JsonElement value, string name) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null
        : int.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Fault.BadRequest($"Invalid input received: {name} must be an integer");

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
