using System.Text.Json;
using Nova.Modules.Servers.InstanceActions;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Lock;

/// <summary>https://docs.openstack.org/api-ref/compute/#lock-server-lock-action.</summary>
public sealed class LockEndpoints(ServerAccess access, Database database, ServerStore servers, InstantActions instants) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string Rules = "os_compute_api:os-lock-server:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Action(Address, "lock", Lock).Until(72).Requires(Rules + "lock");
        routes.Action(Address, "lock", LockWithReason).Since(73).Requires(Rules + "lock");
        routes.Action(Address, "unlock", Unlock).Requires(Rules + "unlock");
    }

    private async Task<Answer> Lock(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<LockRequest>(ct);
        return await Lock(caller, null, ct);
    }

    private async Task<Answer> LockWithReason(RequestContext caller, CancellationToken ct) =>
        await Lock(caller, (await caller.Body<LockWithReasonRequest>(ct)).Lock?.LockedReason, ct);

    // An owner does not change a lock that is there: it may be an administrator's.
    private async Task<Answer> Lock(RequestContext caller, string? reason, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("id"), Rules + "lock", Transitions.Lock, ct);
        if (server.LockedBy is null || !IsOwner(caller, server))
            await Set(caller, server, "lock", Owner(caller, server), reason, ct);
        return Answer.Empty(202);
    }

    private async Task<Answer> Unlock(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<UnlockRequest>(ct);
        var server = await access.Load(caller, caller.Route("id"), Rules + "unlock", Transitions.Unlock, ct);
        if (server.LockedBy is { } by && by != Owner(caller, server))
            caller.Require(Rules + "unlock:unlock_override", ServerViews.PolicyTargetOf(server));
        await Set(caller, server, "unlock", null, null, ct);
        return Answer.Empty(202);
    }

    private Task Set(RequestContext caller, Server server, string action, string? lockedBy, string? reason, CancellationToken ct) => database.Write(
        tx =>
        {
            if (!servers.SetLock(tx, server.Id, lockedBy, reason, instants.Now))
                throw ServerAccess.NotFound(server.Id);
            instants.Record(tx, caller, server, action, "api_" + action);
            return true;
        },
        ct);

    private static bool IsOwner(RequestContext caller, Server server) => caller.Caller.ProjectId == server.ProjectId;

    private static string Owner(RequestContext caller, Server server) => IsOwner(caller, server) ? "owner" : "admin";
}

/// <summary>The action lock, until 2.72.</summary>
public sealed record LockRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Lock { get; set; }
}

/// <summary>The action lock, since 2.73.</summary>
public sealed record LockWithReasonRequest
{
    /// <summary>Why, or null.</summary>
    [Required]
    public LockReason? Lock { get; set; }
}

/// <summary>Why a server is locked.</summary>
public sealed record LockReason
{
    /// <summary>For people.</summary>
    [NotNull, Length(1, 255)]
    public string? LockedReason { get; set; }
}

/// <summary>The action unlock.</summary>
public sealed record UnlockRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Unlock { get; set; }
}
