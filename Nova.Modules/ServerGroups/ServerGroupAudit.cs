using Nova.Modules.Scheduling;
using Nova.Modules.Servers.Audit;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.ServerGroups;

/// <summary>Counts groups against quota, and members against the policies of their groups.</summary>
public sealed class ServerGroupAudit : IAuditPart
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<AuditFinding>> Look(Rows rows) =>
    [
        .. await Quota(rows),
        .. (await rows.Query<Guid>("SELECT id FROM servers WHERE deleted_at IS NULL AND group_id IS NOT NULL AND group_id NOT IN (SELECT id FROM server_groups)"))
            .Select(id => new AuditFinding("groups", id.ToString(), "The server is in a group that is gone.")),
        .. await AntiAffinity(rows),
        .. await Affinity(rows),
    ];

    private static async Task<IEnumerable<AuditFinding>> Quota(Rows rows)
    {
        var recorded = (await rows.Query<Count>(
            $"SELECT project_id AS subject, used AS number FROM quota_usages WHERE user_id = '' AND resource = '{ServerGroupService.Resource}' AND used <> 0"))
            .ToDictionary(c => c.Subject, c => c.Number);
        var counted = (await rows.Query<Count>("SELECT project_id AS subject, COUNT(*) AS number FROM server_groups GROUP BY project_id"))
            .ToDictionary(c => c.Subject, c => c.Number);
        return recorded.Keys.Union(counted.Keys).Order(StringComparer.Ordinal)
            .Where(project => recorded.GetValueOrDefault(project) != counted.GetValueOrDefault(project))
            .Select(project => new AuditFinding(
                "quota", project, $"The project's usage of server groups is recorded as {recorded.GetValueOrDefault(project)}; it has {counted.GetValueOrDefault(project)}."));
    }

    private static async Task<IEnumerable<AuditFinding>> AntiAffinity(Rows rows) =>
        (await rows.Query<Place>(
            """
            SELECT g.id AS group_id, s.host_id AS host_id, COUNT(*) AS members
            FROM server_groups g JOIN servers s ON s.group_id = g.id
            WHERE g.policy = @policy AND s.deleted_at IS NULL AND s.host_id IS NOT NULL
            GROUP BY g.id, s.host_id, g.max_server_per_host
            HAVING COUNT(*) > COALESCE(g.max_server_per_host, 1)
            """, new { policy = GroupPolicies.AntiAffinity }))
        .Select(p => new AuditFinding("groups", p.GroupId.ToString(), $"Host {p.HostId} has {p.Members} members, more than anti-affinity allows."));

    private static async Task<IEnumerable<AuditFinding>> Affinity(Rows rows) =>
        (await rows.Query<Guid>(
            """
            SELECT g.id FROM server_groups g JOIN servers s ON s.group_id = g.id
            WHERE g.policy = @policy AND s.deleted_at IS NULL AND s.host_id IS NOT NULL
            GROUP BY g.id
            HAVING COUNT(DISTINCT s.host_id) > 1
            """, new { policy = GroupPolicies.Affinity }))
        .Select(id => new AuditFinding("groups", id.ToString(), "Its members are on several hosts, although its policy is affinity."));

    private sealed class Count
    {
        public string Subject { get; init; } = "";
        public long Number { get; init; }
    }

    private sealed class Place
    {
        public Guid GroupId { get; init; }
        public Guid HostId { get; init; }
        public long Members { get; init; }
    }
}
