using Nova.Modules.Operations;
using Nova.Modules.Quotas;
using Nova.Modules.Servers.Delete;
using Nova.Modules.Servers.InstanceActions;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.ResetState;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#reset-server-state-os-resetstate-action. An operation that is under way goes on
/// and says at its end how the server is; one that is stuck is undone.
/// </summary>
public sealed class ResetStateEndpoints(
    ServerAccess access, Database database, ServerStore servers, OperationStore operations, IOperationStarter starter, QuotaStore quotas, InstantActions instants) : IEndpoints
{
    private const string Rule = "os_compute_api:os-admin-actions:reset_state";

    private static readonly HeldLimits Unlimited = new(new Dictionary<string, long> { ["instances"] = -1, ["cores"] = -1, ["ram"] = -1 });

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Action("/servers/{id}/action", "os-resetState", Reset).Requires(Rule);

    private async Task<Answer> Reset(RequestContext caller, CancellationToken ct)
    {
        var state = (await caller.Body<ResetStateRequest>(ct)).Options.State;
        var server = await access.Load(caller, caller.Route("id"), Rule, Transitions.ResetState, ct);
        var undone = await database.Write(tx => Reset(tx, caller, server.Id, state), ct);
        if (undone is { } operation)
            await starter.TurnRound(operation.Id, operation.Owner, ct);
        return Answer.Empty(202);
    }

    private (Guid Id, Guid? Owner)? Reset(Tx tx, RequestContext caller, Guid id, string state)
    {
        var server = servers.FindLocked(tx, id) ?? throw ServerAccess.NotFound(id);
        instants.Record(tx, caller, server, "resetState", null);
        var busy = operations.Unfinished(tx, id);
        if (busy is (DeleteServer.OperationKind, true))
            return null;   // it will be gone whatever is asked here

        if (server.VmState == VmStates.SoftDeleted && busy is null)
            quotas.Take(tx, [new(server.ProjectId, null, Unlimited)], new(server.Usage, QuotaDemand.NoClasses));
        else if (server.VmState == VmStates.SoftDeleted)
            throw Fault.Conflict($"Cannot 'resetState' instance {id} while it is in task_state {server.TaskState ?? "none"}");
        servers.ResetState(tx, id, state, instants.Now);
        ServerEvents.Changed(tx, id, server.ProjectId, state);
        return busy is null ? null : operations.CancelStuck(tx, id, starter.ChooseOwner());
    }
}

/// <summary>The action os-resetState.</summary>
public sealed record ResetStateRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("os-resetState")]
    public WantedState Options { get; set; } = null!;
}

/// <summary>The state that a server is to have.</summary>
public sealed record WantedState
{
    /// <summary>active or error.</summary>
    [Required, OneOf("active", "error")]
    public string State { get; set; } = "";
}
