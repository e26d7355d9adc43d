using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hosts;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>What is attached.</summary>
public sealed record AttachInterfaceState
{
    /// <summary>The interface, its port already named.</summary>
    public required PlannedNic Nic { get; init; }
}

/// <summary>One more interface of a server: its port is bound, then the guest gets it while it runs.</summary>
public sealed class AttachInterface(
    HostDirectory hosts, ServerStore servers, ServerInterfaces interfaces, INetworkProvider networks, LiveChanges changes, ActionOptions options, TimeProvider time)
    : GuestOperation<AttachInterfaceState>(OperationKind, "compute_attach_interface", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.attach_interface";

    /// <inheritdoc />
    protected override void Accepted(OperationUnit unit, AttachInterfaceState s) => interfaces.Bind(unit.Tx, unit.Run.ServerId, s.Nic);

    /// <inheritdoc />
    protected override async ValueTask<HostCommand> Command(OperationRun run, Server server, AttachInterfaceState s, CancellationToken ct)
    {
        if (server.Networks.FirstOrDefault(port => port.PortId == s.Nic.PortId) is not { } port)
            throw Fault.NotFound($"Port id {s.Nic.PortId} could not be found.");   // it was deleted meanwhile
        if (run.FailingSince is { } since && time.GetUtcNow().ToUnixTimeMilliseconds() - since >= options.InterfaceTimeoutSeconds * 1000L)
            throw Failed(run, "The host did not answer in time.");

        var nic = (await networks.Describe([port], ct))[0];
        return new AttachNic(nic) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = StepName };
    }

    /// <inheritdoc />
    protected override HostCommand? Undoing(OperationRun run, AttachInterfaceState s) =>
        new DetachNic(s.Nic.PortId, Force: true) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = "command-undo" };

    /// <inheritdoc />
    protected override (string? VmState, Power? Power) Outcome(AttachInterfaceState s) => (null, null);

    // The guest hears of its groups; and of the loss of a port that somebody deleted after the host got it.
    /// <inheritdoc />
    protected override void Finishing(OperationUnit unit, AttachInterfaceState s) => changes.Guest(unit.Tx, unit.Run.ServerId);

    /// <inheritdoc />
    protected override void TurnedRound(OperationUnit unit, AttachInterfaceState s) => interfaces.Release(unit.Tx, unit.Run.ServerId, s.Nic.PortId);

    /// <inheritdoc />
    protected override Fault Refused(OperationRun run, Fault fault) => fault switch
    {
        { IsTransient: true } => fault,
        { Kind: FaultKind.NotImplemented } => Fault.BadRequest($"Attaching interfaces is not supported for instance {run.ServerId}."),
        _ => Failed(run, $"{fault.Message} {fault.Details}"),
    };

    private static Fault Failed(OperationRun run, string details) => new(FaultKind.Internal, Message.Of($"Failed to attach network adapter device to {run.ServerId}"), details);
}
