using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;
using Nova.Modules.Quotas;
using Nova.Modules.Servers.Actions;

namespace Nova.Modules.Servers.DeferredDelete;

/// <summary>DELETE where deleted servers are kept for a while: the guest is turned off, and its quota is free.</summary>
public sealed class Soft(HostDirectory hosts, ServerStore servers, QuotaStore quotas) : ChangePower(OperationKind, "compute_soft_delete_instance", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.soft_delete";

    /// <summary>The operation's state.</summary>
    /// <param name="patience">How long the guest may take to turn itself off.</param>
    public static ChangePowerState State(TimeSpan patience) => new() { Change = new(Power.Off, patience), VmState = VmStates.SoftDeleted };

    // As the successor of an operation that turned round it finds the server without a task.
    /// <inheritdoc />
    protected override void Accepted(OperationUnit unit) =>
        Servers.SetTask(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, TaskStates.SoftDeleting, unit.Now);

    /// <inheritdoc />
    protected override void Finishing(OperationUnit unit)
    {
        if (Servers.Find(unit.Tx, unit.Run.ServerId) is { VmState: not VmStates.SoftDeleted } server)
            quotas.Give(unit.Tx, server.ProjectId, server.Usage);
    }
}

/// <summary>restore: the guest runs again. Its quota was taken when the request was accepted.</summary>
public sealed class Restore(HostDirectory hosts, ServerStore servers, QuotaStore quotas) : ChangePower(OperationKind, "compute_restore_instance", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.restore";

    /// <summary>The operation's state.</summary>
    public static ChangePowerState State { get; } = new() { Change = new(Power.On, TimeSpan.Zero), VmState = VmStates.Active };

    // A guest that runs although its server is deleted would be paid for by nobody.
    /// <inheritdoc />
    protected override HostCommand? Undoing(OperationRun run, ChangePowerState s) =>
        new SetGuestPower(new(Power.Off, TimeSpan.Zero)) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = "power-undo" };

    /// <inheritdoc />
    protected override void TurnedRound(OperationUnit unit)
    {
        if (Servers.Find(unit.Tx, unit.Run.ServerId) is { } server)
            quotas.Give(unit.Tx, server.ProjectId, server.Usage);
    }
}
