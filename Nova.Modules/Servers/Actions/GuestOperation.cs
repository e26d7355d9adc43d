using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Actions;

/// <summary>An operation that is one command to the server's host, and the states that it leaves.</summary>
/// <param name="kind">Such as <c>server.rescue</c>.</param>
/// <param name="shownAs">The event of the action.</param>
/// <param name="hosts">Where the host is reached.</param>
/// <param name="servers">The rows.</param>
public abstract class GuestOperation<TState>(string kind, string shownAs, HostDirectory hosts, ServerStore servers) : Operation<TState> where TState : class
{
    /// <inheritdoc />
    public override string Kind => kind;

    /// <summary>The name of the step that commands the host.</summary>
    protected virtual string StepName => "command";

    /// <inheritdoc />
    protected override IReadOnlyList<Step<TState>> Steps =>
    [
        new LocalStep<TState>("accept", Accept, KeepFault),
        new RemoteStep<TState>(StepName, Carry, PutBack) { Event = shownAs, PointOfNoReturn = true },
        new LocalStep<TState>("finish", Finish),
    ];

    /// <summary>The rows.</summary>
    protected ServerStore Servers => servers;

    /// <summary>What the host is asked for.</summary>
    protected abstract ValueTask<HostCommand> Command(OperationRun run, Server server, TState s, CancellationToken ct);

    /// <summary>What puts the guest back as it was after the command failed, perhaps half way; null when nothing has to.</summary>
    protected virtual HostCommand? Undoing(OperationRun run, TState s) => null;

    /// <summary>The vm_state and the power that success leaves; null is what it was.</summary>
    protected abstract (string? VmState, Power? Power) Outcome(TState s);

    /// <summary>The vm_state that failure leaves; null is what it was.</summary>
    protected virtual string? FailedState => null;

    /// <summary>Belongs into the unit that begins.</summary>
    protected virtual void Accepted(OperationUnit unit)
    {
    }

    /// <summary>The same, with the operation's state.</summary>
    protected virtual void Accepted(OperationUnit unit, TState s) => Accepted(unit);

    /// <summary>Belongs into the unit that ends well; the server still has its former state.</summary>
    protected virtual void Finishing(OperationUnit unit)
    {
    }

    /// <summary>The same, with the operation's state.</summary>
    protected virtual void Finishing(OperationUnit unit, TState s) => Finishing(unit);

    /// <summary>Belongs into the unit that ends undone.</summary>
    protected virtual void TurnedRound(OperationUnit unit)
    {
    }

    /// <summary>The same, with the operation's state.</summary>
    protected virtual void TurnedRound(OperationUnit unit, TState s) => TurnedRound(unit);

    /// <summary>What the user is told when the host refused the command.</summary>
    protected virtual Fault Refused(OperationRun run, Fault fault) => fault;

    private TState Accept(OperationUnit unit, TState s)
    {
        Accepted(unit, s);
        return s;
    }

    private async Task<TState> Carry(OperationRun run, TState s, CancellationToken ct)
    {
        var server = run.Attached<Server>() ?? await servers.Find(run.ServerId, ct) ?? throw new FencedException(run.Id);
        if (server.HostId is { } hostId && await Send(hostId, await Command(run, server, s, ct), ct) is { } fault)
            throw Refused(run, fault);
        return s;
    }

    // A host that is lost compares its guests with the rows when it comes back.
    private async Task<TState> PutBack(OperationRun run, TState s, CancellationToken ct)
    {
        if (!run.IsCancelled && Undoing(run, s) is { } command && await servers.Find(run.ServerId, ct) is { HostId: { } hostId } && !hosts.IsLost(hostId)
            && await Send(hostId, command, ct) is { } fault)
            throw fault;
        return s;
    }

    private async Task<Fault?> Send(Guid hostId, HostCommand command, CancellationToken ct) => (await hosts.Get(hostId).Send(command, ct)).Fault;

    private TState Finish(OperationUnit unit, TState s)
    {
        Finishing(unit, s);
        var (vmState, power) = Outcome(s);
        if (!servers.Settle(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, vmState, (int?)power, unit.Now))
            throw new FencedException(unit.Run.Id);
        if (vmState is not null)
            ServerEvents.Changed(unit.Tx, unit.Run.ServerId, unit.Run.Caller.ProjectId, vmState);
        return s;
    }

    private TState KeepFault(OperationUnit unit, TState s)
    {
        TurnedRound(unit, s);
        if (unit.Run is { IsCancelled: false, Failure: { } failure })
            servers.Fail(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, FailedState, ServerFault.Json(failure, unit.Now), unit.Now);
        return s;
    }
}
