using System.Text.Json;
using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.CrashDump;

/// <summary>Nothing has to be kept.</summary>
public sealed record CrashDumpState;

/// <summary>trigger_crash_dump: the guest is interrupted once; what it makes of it is its own matter.</summary>
public sealed class CrashDumpServer(HostDirectory hosts, ServerStore servers)
    : GuestOperation<CrashDumpState>(OperationKind, "compute_trigger_crash_dump", hosts, servers)
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.crash_dump";

    /// <inheritdoc />
    protected override ValueTask<HostCommand> Command(OperationRun run, Server server, CrashDumpState s, CancellationToken ct) =>
        new(new CrashGuest { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = StepName });

    /// <inheritdoc />
    protected override (string? VmState, Power? Power) Outcome(CrashDumpState s) => (null, null);
}

/// <summary>https://docs.openstack.org/api-ref/compute/#trigger-crash-dump-in-server.</summary>
public sealed class CrashDumpEndpoints(ServerAccess access, ServerActions actions) : IEndpoints
{
    private const string Rule = "os_compute_api:servers:trigger_crash_dump";

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Action("/servers/{id}/action", "trigger_crash_dump", Trigger).Since(17).Requires(Rule);

    private async Task<Answer> Trigger(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<CrashDumpRequest>(ct);
        var server = await access.Load(caller, caller.Route("id"), Rule, Transitions.CrashDump, ct);
        await actions.Begin(caller, server, new("trigger_crash_dump", CrashDumpServer.OperationKind, null), new CrashDumpState(), ct);
        return Answer.Empty(202);
    }
}

/// <summary>The action trigger_crash_dump.</summary>
public sealed record CrashDumpRequest
{
    /// <summary>null.</summary>
    [Required, WireName("trigger_crash_dump")]
    public OnlyNull Options { get; set; }
}
