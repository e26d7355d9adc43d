using Nova.Modules.Api;
using Nova.Modules.Images;
using Nova.Modules.Quotas;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Snapshots;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#create-image-createimage-action and #create-server-back-up-createbackup-action.
/// </summary>
public sealed class SnapshotEndpoints(ServerAccess access, ServerActions actions, SnapshotImages snapshots, IImageCatalog catalog, QuotaStore quotas) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string ImageRule = "os_compute_api:servers:create_image";
    private const string BackupRule = "os_compute_api:os-create-backup";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Action(Address, "createImage", CreateImage).Requires(ImageRule);
        routes.Action(Address, "createBackup", CreateBackup).Requires(BackupRule);
    }

    private async Task<Answer> CreateImage(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<CreateImageRequest>(ct)).Options;
        var server = await Load(caller, ImageRule, asked.Metadata, ct);
        if (server.ImageId is null)
        {
            caller.Require(ImageRule + ":allow_volume_backed", ServerViews.PolicyTargetOf(server));
            throw Fault.BadRequest($"The requested functionality is not supported.");
        }

        Transitions.CreateImage.Check(caller, server);
        var image = await snapshots.Reserve(caller.Caller, server, asked.Name.Trim(), SnapshotImages.Snapshot, asked.Metadata, ct);
        await Begin(caller, server, new("createImage", CreateImageServer.OperationKind, Transitions.CreateImage.Task), image, new() { ImageId = image.Id }, ct);
        return Accepted(caller, image.Id, () => ServiceAddress(caller) + "/images/" + image.Id);
    }

    private async Task<Answer> CreateBackup(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<CreateBackupRequest>(ct)).Options;
        var server = await Load(caller, BackupRule, asked.Metadata, ct);
        Transitions.CreateBackup.Check(caller, server);
        if (server.ImageId is null)
            throw Fault.BadRequest($"Backup is not supported for volume-backed instances.");

        var (type, rotation) = (asked.BackupType, asked.Rotation.Value);
        var metadata = new Dictionary<string, string>(asked.Metadata ?? new Dictionary<string, string>()) { [SnapshotImages.BackupType] = type };
        var image = await snapshots.Reserve(caller.Caller, server, asked.Name.Trim(), SnapshotImages.Backup, metadata, ct);
        var state = new SnapshotServerState { ImageId = image.Id, BackupType = type, Rotation = rotation };
        await Begin(caller, server, new("createBackup", CreateBackupServer.OperationKind, Transitions.CreateBackup.Task), image, state, ct);

        // Of a backup that is rotated away at once there was never an address.
        return Accepted(caller, image.Id, () => rotation > 0 ? caller.Links("images", image.Id)[0].Href : null);
    }

    // Until 2.38 the properties were counted as metadata of a server.
    private async Task<Server> Load(RequestContext caller, string rule, IReadOnlyDictionary<string, string>? metadata, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("id"), rule, ct);
        if (!caller.Since(39) && metadata is { Count: > 0 and var items } && caller.Caller.ProjectId is { } project
            && (await quotas.Limits(project, ct, caller.Caller.UserId))["metadata_items"] is >= 0 and var most && items > most)
            throw Fault.Forbidden($"Image metadata limit exceeded");
        return server;
    }

    private Task Begin(RequestContext caller, Server server, StartedAction action, ReservedImage image, SnapshotServerState state, CancellationToken ct) =>
        actions.Begin(caller, server, action, state, ct, (tx, _) => image.Insert(tx));

    private string ServiceAddress(RequestContext caller) => catalog.Address.StartsWith('/') ? caller.Link(catalog.Address) : catalog.Address;

    // 2.45 put the image's id into the body; before, the address was in a header.
    private static Answer Accepted(RequestContext caller, string imageId, Func<string?> address)
    {
        if (caller.Since(45))
            return Answer.Json(new SnapshotResponse(imageId), 202);

        return address() is { } location ? Answer.Empty(202).With("Location", location) : Answer.Empty(202);
    }
}
