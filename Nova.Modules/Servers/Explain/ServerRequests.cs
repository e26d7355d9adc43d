using Nova.Modules.Images;
using Nova.Modules.Scheduling;
using Nova.Modules.ServerGroups;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Explain;

/// <summary>What servers that exist want of a host, from their own rows: flavor, image, hints and group as they are now.</summary>
public sealed class ServerRequests(Database database, NeedsReader needs, ServerGroupStore groups)
{
    /// <summary>So many servers are looked at in one question.</summary>
    public const int Most = 10_000;

    /// <summary>The request of one server.</summary>
    public async Task<PlacementRequest> Of(Server server, CancellationToken ct) =>
        Of(server, server.GroupId is { } id ? (await groups.Find(id, null, ct))?.Request : null);

    /// <summary>The requests of all servers on some hosts or in some zones, those that take most memory first.</summary>
    /// <exception cref="Fault">400: there are more than 10,000.</exception>
    public async Task<IReadOnlyList<PlacementRequest>> On(IReadOnlyList<string> hosts, IReadOnlyList<string> zones, CancellationToken ct)
    {
        if (hosts.Count + zones.Count == 0)
            return [];

        var args = new { hosts = hosts.ToArray(), zones = zones.ToArray(), most = Most + 1 };
        var there = $"SELECT id FROM hosts WHERE {database.Dialect.OneOf("name", "hosts")} OR {database.Dialect.OneOf("zone", "zones")}";
        var (servers, inGroups) = await database.Read(
            async rows => (
                await rows.Query<Server>(
                    $"""
                    SELECT {ServerStore.Columns} FROM servers
                    WHERE cell = 0 AND deleted_at IS NULL AND host_id IN ({there})
                    ORDER BY id LIMIT @most
                    """, args),
                await rows.Query<ServerGroup>(
                    $"""
                    SELECT id, policy, max_server_per_host FROM server_groups
                    WHERE id IN (SELECT group_id FROM servers
                        WHERE cell = 0 AND deleted_at IS NULL AND host_id IN ({there}))
                    """, args)),
            ct);
        if (servers.Count > Most)
            throw Fault.BadRequest($"More than {Most} servers are on these hosts: ask for fewer hosts at once.");

        var known = inGroups.ToDictionary(g => g.Id, g => g.Request);
        return [.. servers.Select(s => Of(s, s.GroupId is { } id ? known.GetValueOrDefault(id) : null)).OrderByDescending(Memory).ThenBy(r => r.Id)];
    }

    private PlacementRequest Of(Server server, GroupRequest? group)
    {
        var properties = server.Details.ImageProperties ?? new Dictionary<string, string>();
        var image = server.ImageId is { } imageId ? new ImageInfo { Id = imageId, Status = "active", Properties = properties } : null;
        var wanted = needs.Of(server.Flavor, image, server.Details.SchedulerHints, server.Details.TrustedImageCertificates is { Count: > 0 });
        return wanted.Request([server.Id], server.ProjectId, server.Flavor) with
        {
            Image = image is null ? null : new(image.Id, null),
            ImageProperties = properties,
            Group = group,
            Zone = server.RequestedZone,
        };
    }

    private static long Memory(PlacementRequest request) => request.Resources.FirstOrDefault(r => r.Class == "MEMORY_MB").Amount;
}
