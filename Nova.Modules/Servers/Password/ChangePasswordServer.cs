using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Password;

/// <summary>The password that a guest's administrator gets.</summary>
public sealed record ChangePasswordState
{
    /// <summary>Sealed in the row.</summary>
    public required Secret Password { get; init; }
}

/// <summary>changePassword.</summary>
public sealed class ChangePasswordServer(HostDirectory hosts, ServerStore servers)
    : GuestOperation<ChangePasswordState>(OperationKind, "compute_set_admin_password", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.change_password";

    /// <inheritdoc />
    protected override ValueTask<HostCommand> Command(OperationRun run, Server server, ChangePasswordState s, CancellationToken ct) =>
        new(new SetGuestPassword(s.Password) { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = StepName });

    /// <inheritdoc />
    protected override (string? VmState, Power? Power) Outcome(ChangePasswordState s) => (null, null);
}
