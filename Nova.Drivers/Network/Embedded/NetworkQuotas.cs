using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>How many of each thing a project may have.</summary>
public sealed class NetworkQuotas(Db database, NetworkSettings settings)
{
    private static readonly Dictionary<string, string> Tables = new()
    {
        ["network"] = "networks", ["subnet"] = "subnets", ["port"] = "ports", ["security_group"] = "security_groups", ["security_group_rule"] = "security_group_rules",
        ["router"] = "routers", ["floatingip"] = "floating_ips",
    };

    /// <summary>What the settings say. What this service does not have is unlimited: clients read these names.</summary>
    public IReadOnlyDictionary<string, long> Defaults => new Dictionary<string, long>
    {
        ["network"] = settings.QuotaNetworks, ["subnet"] = settings.QuotaSubnets, ["port"] = settings.QuotaPorts,
        ["security_group"] = settings.QuotaSecurityGroups, ["security_group_rule"] = settings.QuotaSecurityGroupRules,
        ["router"] = settings.QuotaRouters, ["floatingip"] = settings.QuotaFloatingIps, ["subnetpool"] = -1, ["rbac_policy"] = -1,
    };

    /// <summary>The limits of a project.</summary>
    public async Task<Dictionary<string, long>> Of(string projectId, CancellationToken ct)
    {
        var rows = await database.Read(
            r => r.Query<LimitRow>("SELECT resource, hard_limit FROM network_quotas WHERE project_id = @projectId", new { projectId }), ct);
        var limits = new Dictionary<string, long>(Defaults);
        foreach (var row in rows)
            limits[row.Resource] = row.HardLimit;
        return limits;
    }

    /// <summary>The limits of every project that has some of its own.</summary>
    public async Task<IEnumerable<Dictionary<string, object?>>> All(CancellationToken ct) =>
        (await database.Read(r => r.Query<LimitRow>("SELECT project_id, resource, hard_limit FROM network_quotas"), ct)).GroupBy(row => row.ProjectId).Select(project =>
        {
            var view = Defaults.ToDictionary(d => d.Key, d => (object?)d.Value);
            foreach (var row in project)
                view[row.Resource] = row.HardLimit;
            (view["id"], view["project_id"], view["tenant_id"]) = (project.Key, project.Key, project.Key);
            return view;
        });

    /// <summary>Limits with what is used.</summary>
    public async Task<Dictionary<string, object>> Details(string projectId, CancellationToken ct)
    {
        var details = new Dictionary<string, object>();
        foreach (var (resource, limit) in await Of(projectId, ct))
        {
            var used = Tables.TryGetValue(resource, out var table)
                ? await database.Read(r => r.Value<long>($"SELECT count(*) FROM {table} WHERE project_id = @projectId", new { projectId }), ct)
                : 0;
            details[resource] = new { limit, used, reserved = 0 };
        }

        return details;
    }

    /// <summary>Sets limits of a project; -1 is unlimited.</summary>
    public Task Set(string projectId, IReadOnlyDictionary<string, long> limits, CancellationToken ct) => database.Write(
        tx =>
        {
            foreach (var (resource, limit) in limits)
                tx.Execute(
                    """
                    INSERT INTO network_quotas (project_id, resource, hard_limit) VALUES (@projectId, @resource, @limit)
                    ON CONFLICT (project_id, resource) DO UPDATE SET hard_limit = excluded.hard_limit
                    """,
                    new { projectId, resource, limit });
        },
        ct);

    /// <summary>The project has the defaults again.</summary>
    public Task Reset(string projectId, CancellationToken ct) =>
        database.Write(tx => tx.Execute("DELETE FROM network_quotas WHERE project_id = @projectId", new { projectId }), ct);

    /// <summary>Throws when the project has no room for one more; to be called before the insert, in its transaction.</summary>
    public void Check(Tx tx, string projectId, string resource)
    {
        if (!HasRoom(tx, projectId, resource))
            throw NetworkFaults.OverQuota(resource);
    }

    /// <summary>False when the project has no room for one more; to be asked before the insert, in its transaction.</summary>
    public bool HasRoom(Tx tx, string projectId, string resource)
    {
        var limit = tx.Find<long?>("SELECT hard_limit FROM network_quotas WHERE project_id = @projectId AND resource = @resource", new { projectId, resource })
            ?? Defaults[resource];
        return limit < 0 || tx.Find<long>($"SELECT count(*) FROM {Tables[resource]} WHERE project_id = @projectId", new { projectId }) < limit;
    }

    private sealed class LimitRow
    {
        public string ProjectId { get; init; } = "";

        public string Resource { get; init; } = "";

        public long HardLimit { get; init; }
    }
}
