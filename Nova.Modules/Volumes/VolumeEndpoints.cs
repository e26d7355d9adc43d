using System.Text.Json;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Volumes;

/// <summary>
/// The addresses of volumes and their snapshots, which ended with 2.35, and the snapshots that a volume service asks of a guest.
/// This cloud has no volume service yet: there are no volumes, and none can be made.
/// </summary>
public sealed class VolumeEndpoints : IEndpoints
{
    private const string Rule = "os_compute_api:os-volumes:";
    private const string Assisted = "os_compute_api:os-assisted-volume-snapshots:";
    private const int Last = 35;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-volumes", List).Until(Last).Requires(Rule + "list");
        routes.Get("/os-volumes/detail", List).Until(Last).Requires(Rule + "detail");
        routes.Get("/os-volumes/{id}", Missing).Until(Last).Requires(Rule + "show");
        routes.Post("/os-volumes", Create).Until(Last).Requires(Rule + "create");
        routes.Delete("/os-volumes/{id}", Missing).Until(Last).Requires(Rule + "delete");

        routes.Get("/os-snapshots", ListSnapshots).Until(Last).Requires(Rule + "snapshots:list");
        routes.Get("/os-snapshots/detail", ListSnapshots).Until(Last).Requires(Rule + "snapshots:detail");
        routes.Get("/os-snapshots/{id}", MissingSnapshot).Until(Last).Requires(Rule + "snapshots:show");
        routes.Post("/os-snapshots", CreateSnapshot).Until(Last).Requires(Rule + "snapshots:create");
        routes.Delete("/os-snapshots/{id}", MissingSnapshot).Until(Last).Requires(Rule + "snapshots:delete");

        routes.Post("/os-assisted-volume-snapshots", CreateAssisted).Requires(Assisted + "create");
        routes.Delete("/os-assisted-volume-snapshots/{id}", DeleteAssisted).Requires(Assisted + "delete");
    }

    private static Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<VolumeQuery>();
        return Task.FromResult(Answer.Json(new VolumeListResponse([])));
    }

    private static Task<Answer> ListSnapshots(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<VolumeQuery>();
        return Task.FromResult(Answer.Json(new SnapshotListResponse([])));
    }

    private static async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<CreateVolumeRequest>(ct);
        throw Fault.BadRequest($"This cloud has no volume service.");
    }

    private static async Task<Answer> CreateSnapshot(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<CreateSnapshotRequest>(ct);
        throw Fault.BadRequest($"Volume {request.Snapshot.VolumeId} could not be found.");
    }

    private static async Task<Answer> CreateAssisted(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<AssistedSnapshotRequest>(ct);
        throw NotAttached(request.Snapshot.VolumeId);
    }

    // delete_info is JSON inside of the query.
    private static Task<Answer> DeleteAssisted(RequestContext caller, CancellationToken ct)
    {
        var info = caller.QueryAs<AssistedSnapshotQuery>().DeleteInfo ?? throw Fault.BadRequest($"'delete_info'");
        try
        {
            var volume = JsonSerializer.Deserialize<JsonElement>(info);
            throw volume.ValueKind == JsonValueKind.Object && volume.TryGetProperty("volume_id", out var id) ? NotAttached(id.ToString()) : Fault.BadRequest($"'volume_id'");
        }
        catch (JsonException)
        {
            throw Fault.BadRequest($"delete_info is not JSON.");
        }
    }

    private static Task<Answer> Missing(RequestContext caller, CancellationToken ct) =>
        throw Fault.NotFound($"Volume {caller.Route("id")} could not be found.");

    private static Task<Answer> MissingSnapshot(RequestContext caller, CancellationToken ct) =>
        throw Fault.NotFound($"Snapshot {caller.Route("id")} could not be found.");

    private static Fault NotAttached(string volume) => Fault.BadRequest($"No volume Block Device Mapping with id {volume}.");
}
