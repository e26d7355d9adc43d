using System.Text.Json;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Scheduling;

/// <summary>Reads which servers are where.</summary>
internal static class ServerStates
{
    /// <summary>All servers that have a host.</summary>
    public static async Task<IReadOnlyList<ServerState>> Read(Rows rows)
    {
        var known = new Dictionary<string, IReadOnlyDictionary<string, string>?>(StringComparer.Ordinal);
        var servers = await rows.Query<ServerRow>(
            """
            SELECT id, host_id, details,
                CASE WHEN vm_state = 'building' OR task_state IN ('resize_prep', 'resize_migrating', 'rebuilding', 'rebuild_spawning',
                    'image_snapshot', 'image_backup', 'rescuing', 'unshelving', 'migrating', 'spawning') THEN 1 ELSE 0 END AS busy
            FROM servers WHERE deleted_at IS NULL AND host_id IS NOT NULL
            """);
        return [.. servers.Select(row => new ServerState(row.Id, row.HostId, row.Busy != 0) { ImageProperties = Properties(row.Details) })];

        IReadOnlyDictionary<string, string>? Properties(string details)
        {
            if (!known.TryGetValue(details, out var properties))
                known.Add(details, properties = details.Contains("ImageProperties", StringComparison.Ordinal)
                    ? JsonSerializer.Deserialize<ServerFacts>(details)?.ImageProperties
                    : null);
            return properties;
        }
    }

    private sealed record ServerFacts
    {
        public Dictionary<string, string>? ImageProperties { get; init; }
    }

    private sealed class ServerRow
    {
        public Guid Id { get; init; }
        public Guid HostId { get; init; }
        public string Details { get; init; } = "{}";
        public int Busy { get; init; }
    }
}
