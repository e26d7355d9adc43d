using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers;

/// <summary>A server that ran in a period, and may be gone by now.</summary>
public sealed record PastServer
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its project.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Its state now.</summary>
    public string VmState { get; init; } = "";

    /// <summary>When it ran first; milliseconds since 1970 UTC.</summary>
    public long LaunchedAt { get; init; }

    /// <summary>When its guest went.</summary>
    public long? TerminatedAt { get; init; }

    /// <summary>The column of <see cref="Flavor"/>.</summary>
    public string FlavorJson { get; init; } = "{}";

    /// <summary>Its size.</summary>
    public ServerFlavor Flavor => JsonSerializer.Deserialize<ServerFlavor>(FlavorJson, StateJson.Options)!;
}

/// <summary>Reads which servers ran when, deleted ones included for as long as their rows are kept.</summary>
public sealed class ServerHistory(Database database)
{
    /// <summary>A page of the servers that ran in a period, in the order of project and id; null when the marker is none.</summary>
    /// <param name="from">Milliseconds since 1970 UTC.</param>
    /// <param name="to">Later than <paramref name="from"/>.</param>
    /// <param name="projectId">Null for all.</param>
    /// <param name="marker">The last server of the page before, or null.</param>
    /// <param name="limit">The most.</param>
    /// <param name="ct">Cancels.</param>
    public Task<IReadOnlyList<PastServer>?> Between(long from, long to, string? projectId, Guid? marker, int limit, CancellationToken ct) => database.Read<IReadOnlyList<PastServer>?>(
        async rows =>
        {
            var before = marker is null ? null : await rows.Find<string>("SELECT project_id FROM servers WHERE cell = 0 AND id = @marker", new { marker });
            if (marker is not null && before is null)
                return null;

            return await rows.Query<PastServer>(
                $"""
                SELECT id, name, project_id, vm_state, launched_at, terminated_at, flavor AS flavor_json FROM servers
                WHERE cell = 0 AND launched_at IS NOT NULL AND launched_at < @to AND (terminated_at IS NULL OR terminated_at > @from)
                {(projectId is null ? "" : "AND project_id = @projectId")}
                {(marker is null ? "" : "AND (project_id, id) > (@before, @marker)")}
                ORDER BY project_id, id
                LIMIT @limit
                """,
                new { from, to, projectId, before, marker, limit });
        },
        ct);
}
