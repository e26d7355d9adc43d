using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Images;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Rebuild;

/// <summary>What a rebuild needs beside the server's row, which already says how it is to be.</summary>
public sealed record RebuildServerState
{
    /// <summary>The image as it was when the request was accepted.</summary>
    public required ImageInfo Image { get; init; }

    /// <summary>The guest's password, sealed in the row.</summary>
    public Secret? AdminPass { get; init; }

    /// <summary>Files for the guest, sealed in the row; null for none.</summary>
    public IReadOnlyList<GuestFile>? Files { get; init; }

    /// <summary>The server was off, and is off afterwards.</summary>
    public bool StaysOff { get; init; }

    /// <summary>The ephemeral disk was to stay.</summary>
    public bool PreservesEphemeral { get; init; }
}

/// <summary>rebuild: the guest is made anew from an image, on its host, with its interfaces. What it had on its disks is gone.</summary>
public sealed class RebuildServer(HostDirectory hosts, ServerStore servers, GuestSpecs guests)
    : GuestOperation<RebuildServerState>(OperationKind, "compute_rebuild_instance", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.rebuild";

    // Its disks may be half made.
    /// <inheritdoc />
    protected override string? FailedState => VmStates.Error;

    /// <inheritdoc />
    protected override async ValueTask<HostCommand> Command(OperationRun run, Server server, RebuildServerState s, CancellationToken ct)
    {
        if (s.PreservesEphemeral)
            throw Fault.BadRequest($"The current driver does not support preserving ephemeral partitions.");

        var guest = await guests.For(server, s.Image, s.AdminPass, s.Files ?? [], ct);
        return new RebuildGuest(guest, s.StaysOff ? Power.Off : Power.On) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = StepName };
    }

    /// <inheritdoc />
    protected override (string? VmState, Power? Power) Outcome(RebuildServerState s) => s.StaysOff ? (VmStates.Stopped, Power.Off) : (VmStates.Active, Power.On);
}
