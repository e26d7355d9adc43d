using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Images;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Rescue;

/// <summary>What a server is rescued with.</summary>
public sealed record RescueServerState
{
    /// <summary>The image as it was when the request was accepted.</summary>
    public required ImageInfo Image { get; init; }

    /// <summary>The password meanwhile, sealed in the row.</summary>
    public Secret? AdminPass { get; init; }

    /// <summary>How long the guest may take to turn itself off.</summary>
    public TimeSpan Timeout { get; init; }
}

/// <summary>rescue: the guest runs from another image and sees its own disk as its second.</summary>
public sealed class RescueServer(HostDirectory hosts, ServerStore servers, GuestSpecs guests)
    : GuestOperation<RescueServerState>(OperationKind, "compute_rescue_instance", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.rescue";

    /// <inheritdoc />
    protected override async ValueTask<HostCommand> Command(OperationRun run, Server server, RescueServerState s, CancellationToken ct) =>
        new RescueGuest(new(await guests.ImageFor(s.Image, server.HostId!.Value, ct), s.AdminPass), s.Timeout)
        {
            ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = StepName,
        };

    /// <inheritdoc />
    protected override HostCommand? Undoing(OperationRun run, RescueServerState s) =>
        new RescueGuest(null, TimeSpan.Zero) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = "command-undo" };

    /// <inheritdoc />
    protected override (string? VmState, Power? Power) Outcome(RescueServerState s) => (VmStates.Rescued, Power.On);
}

/// <summary>How a rescue ends.</summary>
public sealed record UnrescueServerState
{
    /// <summary>How long the guest may take to turn itself off.</summary>
    public TimeSpan Timeout { get; init; }
}

/// <summary>unrescue: the guest runs from its own disk again.</summary>
public sealed class UnrescueServer(HostDirectory hosts, ServerStore servers)
    : GuestOperation<UnrescueServerState>(OperationKind, "compute_unrescue_instance", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.unrescue";

    /// <inheritdoc />
    protected override ValueTask<HostCommand> Command(OperationRun run, Server server, UnrescueServerState s, CancellationToken ct) =>
        new(new RescueGuest(null, s.Timeout) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = StepName });

    /// <inheritdoc />
    protected override (string? VmState, Power? Power) Outcome(UnrescueServerState s) => (VmStates.Active, Power.On);
}
