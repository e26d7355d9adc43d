using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Images;
using Nova.Modules.Operations;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Snapshots;

/// <summary>What an operation that makes an image needs.</summary>
public sealed record SnapshotServerState
{
    /// <summary>The image, which was there when the operation was.</summary>
    public required string ImageId { get; init; }

    /// <summary>For a backup: of which type.</summary>
    public string? BackupType { get; init; }

    /// <summary>For a backup: how many of its type are kept.</summary>
    public int Rotation { get; init; }

    /// <summary>What the host's copy is, once it is there.</summary>
    public SnapshotFacts? Copy { get; init; }

    /// <summary>Somebody deleted the image meanwhile: nothing is brought, and nobody did wrong.</summary>
    public bool IsImageGone { get; init; }
}

/// <summary>
/// An image of a server: the host copies the disk, the image is told what it will be, the host brings the bytes. Whatever fails, the
/// server goes on as it was, and neither a half image nor the copy is left.
/// </summary>
public abstract class SnapshotServer(string shownAs, HostDirectory hosts, ServerStore servers, ISnapshotImages images) : Operation<SnapshotServerState>
{
    /// <inheritdoc />
    protected override IReadOnlyList<Step<SnapshotServerState>> Steps =>
    [
        new LocalStep<SnapshotServerState>("accept", Accept, TurnBack),
        new RemoteStep<SnapshotServerState>("snapshot", Copy, Drop) { Event = shownAs },
        new LocalStep<SnapshotServerState>("copied", (unit, s) => Task(unit, s, TaskStates.ImagePendingUpload)),
        new RemoteStep<SnapshotServerState>("describe", Describe),
        new LocalStep<SnapshotServerState>("uploading", (unit, s) => Task(unit, s, TaskStates.ImageUploading)),
        new RemoteStep<SnapshotServerState>("upload", Upload) { Event = shownAs, PointOfNoReturn = true },
        new RemoteStep<SnapshotServerState>("drop", Drop),
        .. Afterwards,
        new LocalStep<SnapshotServerState>("finish", Finish),
    ];

    /// <summary>The image service.</summary>
    protected ISnapshotImages Images => images;

    /// <summary>What follows once the image is whole.</summary>
    protected virtual IEnumerable<Step<SnapshotServerState>> Afterwards => [];

    /// <summary>The task that the server has while its disk is copied; null keeps the first.</summary>
    protected virtual string? CopyingTask => null;

    private SnapshotServerState Accept(OperationUnit unit, SnapshotServerState s) => CopyingTask is { } task ? Task(unit, s, task) : s;

    private SnapshotServerState Task(OperationUnit unit, SnapshotServerState s, string task)
    {
        servers.SetTask(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, task, unit.Now);
        return s;
    }

    private async Task<SnapshotServerState> Copy(OperationRun run, SnapshotServerState s, CancellationToken ct)
    {
        var result = await hosts.Get(await HostOf(run, ct)).Send(new SnapshotGuest { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = "snapshot" }, ct);
        return result.Fault is { } fault ? throw fault : s with { Copy = result.Snapshot ?? throw Capabilities.NotSupported };
    }

    // What a host cannot drop, or cannot now, goes with the next copy of this guest, or with the guest: no server waits for that.
    private async Task<SnapshotServerState> Drop(OperationRun run, SnapshotServerState s, CancellationToken ct)
    {
        if (await servers.Find(run.ServerId, ct) is not { HostId: { } hostId } || hosts.IsLost(hostId))
            return s;

        var result = await hosts.Get(hostId).Send(new DropSnapshot { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = "drop" }, ct);
        return result.Fault is { IsTransient: true } fault ? throw fault : s;
    }

    private async Task<SnapshotServerState> Describe(OperationRun run, SnapshotServerState s, CancellationToken ct)
    {
        var server = await servers.Find(run.ServerId, ct) ?? throw new FencedException(run.Id);
        return s with { IsImageGone = !await images.Describe(s.ImageId, s.Copy!, SnapshotImages.Found(server), ct) };
    }

    private async Task<SnapshotServerState> Upload(OperationRun run, SnapshotServerState s, CancellationToken ct)
    {
        if (s.IsImageGone)
            return s;

        var hostId = await HostOf(run, ct);
        var command = new UploadSnapshot(s.ImageId, images.TargetFor(s.ImageId, hostId)) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = "upload" };
        var result = await hosts.Get(hostId).Send(command, ct);
        return result.Fault is { Kind: not FaultKind.Gone } fault ? throw fault : s with { IsImageGone = result.Fault is not null };
    }

    private SnapshotServerState Finish(OperationUnit unit, SnapshotServerState s) =>
        servers.Settle(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, null, null, unit.Now) ? s : throw new FencedException(unit.Run.Id);

    // A delete of the server leaves an image that was whole already.
    private SnapshotServerState TurnBack(OperationUnit unit, SnapshotServerState s)
    {
        images.Discard(unit.Tx, s.ImageId, unlessWhole: unit.Run.IsCancelled);
        if (unit.Run is { IsCancelled: false, Failure: { } failure })
            servers.Fail(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, null, ServerFault.Json(failure, unit.Now), unit.Now);
        return s;
    }

    private async Task<Guid> HostOf(OperationRun run, CancellationToken ct) =>
        await servers.Find(run.ServerId, ct) is { } server
            ? server.HostId ?? throw Fault.Conflict($"Instance {server.Id} is not ready")
            : throw new FencedException(run.Id);
}

/// <summary>createImage.</summary>
public sealed class CreateImageServer(HostDirectory hosts, ServerStore servers, ISnapshotImages images)
    : SnapshotServer("compute_snapshot_instance", hosts, servers, images)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.create_image";

    /// <inheritdoc />
    public override string Kind => OperationKind;

    /// <inheritdoc />
    protected override string CopyingTask => TaskStates.ImageSnapshot;
}

/// <summary>createBackup: an image after which the oldest ones of its type go.</summary>
public sealed class CreateBackupServer(HostDirectory hosts, ServerStore servers, ISnapshotImages images)
    : SnapshotServer("compute_backup_instance", hosts, servers, images)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.create_backup";

    /// <inheritdoc />
    public override string Kind => OperationKind;

    /// <inheritdoc />
    protected override IEnumerable<Step<SnapshotServerState>> Afterwards => [new RemoteStep<SnapshotServerState>("rotate", Rotate)];

    private async Task<SnapshotServerState> Rotate(OperationRun run, SnapshotServerState s, CancellationToken ct)
    {
        await Images.Rotate(run.Caller.Caller(), run.ServerId, s.BackupType!, s.Rotation, ct);
        return s;
    }
}
