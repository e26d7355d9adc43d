using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Audit;

/// <summary>The sums of <c>quota_usages</c> against the servers of each project.</summary>
public sealed class QuotaAudit : IAuditPart
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<AuditFinding>> Look(Rows rows)
    {
        var recorded = (await rows.Query<Usage>(
            "SELECT project_id, resource, used FROM quota_usages WHERE user_id = '' AND resource IN ('instances', 'cores', 'ram') AND used <> 0"))
            .ToDictionary(u => (u.ProjectId, u.Resource), u => u.Used);
        var counted = await Count(rows);
        return
        [
            .. recorded.Keys.Union(counted.Keys).Order()
                .Where(key => recorded.GetValueOrDefault(key) != counted.GetValueOrDefault(key))
                .Select(key => new AuditFinding(
                    "quota", key.ProjectId, $"The project's usage of {key.Resource} is recorded as {recorded.GetValueOrDefault(key)}; its servers add up to {counted.GetValueOrDefault(key)}.")),
        ];
    }

    private static async Task<Dictionary<(string ProjectId, string Resource), long>> Count(Rows rows)
    {
        var counted = new Dictionary<(string ProjectId, string Resource), long>();
        foreach (var group in await rows.Query<Group>(
            "SELECT project_id, flavor, COUNT(*) AS servers FROM servers WHERE deleted_at IS NULL AND (vm_state <> 'soft-delete' OR task_state = 'restoring') GROUP BY project_id, flavor"))
        {
            var flavor = JsonSerializer.Deserialize<ServerFlavor>(group.Flavor, StateJson.Options)!;
            Add("instances", group.Servers);
            Add("cores", group.Servers * flavor.Vcpus);
            Add("ram", group.Servers * flavor.MemoryMb);

            void Add(string resource, long amount)
            {
                if (amount != 0)
                    counted[(group.ProjectId, resource)] = counted.GetValueOrDefault((group.ProjectId, resource)) + amount;
            }
        }

        return counted;
    }

    private sealed class Usage
    {
        public string ProjectId { get; init; } = "";
        public string Resource { get; init; } = "";
        public long Used { get; init; }
    }

    private sealed class Group
    {
        public string ProjectId { get; init; } = "";
        public string Flavor { get; init; } = "{}";
        public long Servers { get; init; }
    }
}
