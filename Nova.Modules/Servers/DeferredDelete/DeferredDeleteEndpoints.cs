using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Quotas;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.Delete;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.DeferredDelete;

/// <summary>https://docs.openstack.org/api-ref/compute/#force-delete-server-forcedelete-action.</summary>
public sealed class DeferredDeleteEndpoints(ServerAccess access, ServerActions actions, ServerDeletes deletes, QuotaStore quotas) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string Rules = "os_compute_api:os-deferred-delete:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Action(Address, "restore", Restore).Requires(Rules + "restore");
        routes.Action(Address, "forceDelete", ForceDelete).Requires(Rules + "force");
    }

    private async Task<Answer> Restore(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<RestoreRequest>(ct);
        var server = await access.Load(caller, caller.Route("id"), Rules + "restore", Transitions.Restore, ct);
        var scopes = await quotas.Scopes(server.ProjectId, server.UserId, ct);

        // What a soft-deleted server holds of hosts is counted all the time.
        var wanted = new QuotaDemand(server.Usage, QuotaDemand.NoClasses);
        try
        {
            await actions.Begin(
                caller, server, new("restore", DeferredDelete.Restore.OperationKind, TaskStates.Restoring), DeferredDelete.Restore.State, ct,
                (tx, _) => quotas.Take(tx, scopes, wanted));
        }
        catch (OverQuotaException)
        {
            throw QuotaFault.For(wanted, await quotas.Usage(scopes[0], ct), scopes[0]);
        }

        return Answer.Empty(202);
    }

    private async Task<Answer> ForceDelete(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<ForceDeleteRequest>(ct);
        var server = await access.Load(caller, caller.Route("id"), Rules + "force", Transitions.ForceDelete, ct);
        await deletes.DeleteNow(CallerRecords.Of(caller), server, ct);
        return Answer.Empty(202);
    }
}

/// <summary>The action restore.</summary>
public sealed record RestoreRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Restore { get; set; }
}

/// <summary>The action forceDelete.</summary>
public sealed record ForceDeleteRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required, WireName("forceDelete")]
    public JsonElement ForceDelete { get; set; }
}
