using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;

namespace Nova.Modules.Servers.Actions;

/// <summary>Which power a server is to have, and the states that follow.</summary>
public sealed record ChangePowerState
{
    /// <summary>What the host is asked for.</summary>
    public required PowerChange Change { get; init; }

    /// <summary>The vm_state afterwards.</summary>
    public required string VmState { get; init; }
}

/// <summary>An action that is one change of power.</summary>
/// <param name="kind">Such as <c>server.stop</c>.</param>
/// <param name="shownAs">The event of the action.</param>
/// <param name="hosts">Where the host is reached.</param>
/// <param name="servers">The rows.</param>
public class ChangePower(string kind, string shownAs, HostDirectory hosts, ServerStore servers) : GuestOperation<ChangePowerState>(kind, shownAs, hosts, servers)
{
    /// <inheritdoc />
    protected override string StepName => "power";

    /// <inheritdoc />
    protected override ValueTask<HostCommand> Command(OperationRun run, Server server, ChangePowerState s, CancellationToken ct) =>
        new(new SetGuestPower(s.Change) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = StepName });

    /// <inheritdoc />
    protected override (string? VmState, Power? Power) Outcome(ChangePowerState s) => (s.VmState, s.Change.To);
}
