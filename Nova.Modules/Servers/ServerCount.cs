using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Quotas;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers;

/// <summary>Counts the servers of a user in a project: one statement, a row for each flavor.</summary>
public sealed class ServerCount : IServerCount
{
    private const string Sql =
        """
        SELECT flavor, COUNT(*) AS servers FROM servers
        WHERE project_id = @projectId AND user_id = @userId AND deleted_at IS NULL AND vm_state <> 'soft-delete'
        GROUP BY flavor
        """;

    /// <inheritdoc />
    public ServerUsage Of(Tx tx, string projectId, string userId) => Sum(tx.Query<Group>(Sql, new { projectId, userId }));

    /// <inheritdoc />
    public async Task<ServerUsage> Of(Rows rows, string projectId, string userId) => Sum(await rows.Query<Group>(Sql, new { projectId, userId }));

    private static ServerUsage Sum(IReadOnlyList<Group> groups)
    {
        var usage = default(ServerUsage);
        foreach (var group in groups)
        {
            var flavor = JsonSerializer.Deserialize<ServerFlavor>(group.Flavor, StateJson.Options)!;
            usage = new(usage.Instances + group.Servers, usage.Cores + group.Servers * flavor.Vcpus, usage.RamMb + group.Servers * flavor.MemoryMb);
        }

        return usage;
    }

    private sealed class Group
    {
        public string Flavor { get; set; } = "";
        public long Servers { get; set; }
    }
}
