using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>What is detached.</summary>
public sealed record DetachInterfaceState
{
    /// <summary>The port.</summary>
    public required Guid PortId { get; init; }
}

/// <summary>The guest lets an interface go while it runs; then its port is gone, or free where the user made it.</summary>
public sealed class DetachInterface(HostDirectory hosts, ServerStore servers, ServerInterfaces interfaces, LiveChanges changes)
    : GuestOperation<DetachInterfaceState>(OperationKind, "compute_detach_interface", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.detach_interface";

    // News of the server that is on its way to the host must not bring the interface back.
    /// <inheritdoc />
    protected override void Accepted(OperationUnit unit, DetachInterfaceState s) => interfaces.Leaves(unit.Tx, unit.Run.ServerId, s.PortId, isLeaving: true);

    /// <inheritdoc />
    protected override ValueTask<HostCommand> Command(OperationRun run, Server server, DetachInterfaceState s, CancellationToken ct) =>
        new(new DetachNic(s.PortId) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = StepName });

    /// <inheritdoc />
    protected override (string? VmState, Power? Power) Outcome(DetachInterfaceState s) => (null, null);

    /// <inheritdoc />
    protected override void Finishing(OperationUnit unit, DetachInterfaceState s) => interfaces.Release(unit.Tx, unit.Run.ServerId, s.PortId);

    // The port is the server's still: the host, which may have taken it out, is told so.
    /// <inheritdoc />
    protected override void TurnedRound(OperationUnit unit, DetachInterfaceState s)
    {
        interfaces.Leaves(unit.Tx, unit.Run.ServerId, s.PortId, isLeaving: false);
        changes.Guest(unit.Tx, unit.Run.ServerId);
    }

    /// <inheritdoc />
    protected override Fault Refused(OperationRun run, Fault fault) => fault.IsTransient
        ? fault
        : new(FaultKind.Internal, Message.Of($"Failed to detach network adapter device from {run.ServerId}"), $"{fault.Message} {fault.Details}");
}
