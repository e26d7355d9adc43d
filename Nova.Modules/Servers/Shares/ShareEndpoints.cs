using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Shares;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#servers-with-shares-attachments-servers-shares. This cloud has no share service: no
/// server has a share, and there is none to attach.
/// </summary>
public sealed class ShareEndpoints(ServerAccess access) : IEndpoints
{
    private const string Rules = "os_compute_api:os-server-shares:";
    private const string All = "/servers/{server_id}/shares";
    private const int First = 97;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, Index).Since(First).Requires(Rules + "index");
        routes.Post(All, Create).Since(First).Requires(Rules + "create");
        routes.Get(All + "/{id}", Show).Since(First).Requires(Rules + "show");
        routes.Delete(All + "/{id}", Delete).Since(First).Requires(Rules + "delete");
    }

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ShareQuery>();
        await access.Load(caller, caller.Route("server_id"), Rules + "index", ct);
        return Answer.Json(new ShareListResponse([]));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ShareQuery>();
        await access.Load(caller, caller.Route("server_id"), Rules + "show", ct);
        throw NotFound(caller.Route("id"));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var share = (await caller.Body<AttachShareRequest>(ct)).Share;
        await access.Load(caller, caller.Route("server_id"), Rules + "create", Transitions.AttachShare, ct);
        throw NotFound(share.ShareId);
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await access.Load(caller, caller.Route("server_id"), Rules + "delete", Transitions.DetachShare, ct);
        throw NotFound(caller.Route("id"));
    }

    private static Fault NotFound(string share) => Fault.NotFound($"Share {share} could not be found.");
}

/// <summary>Nothing may be asked.</summary>
[StrictQuery(Since = 97)]
public sealed record ShareQuery;

/// <summary>The shares of a server.</summary>
public sealed record ShareListResponse(IReadOnlyList<object> Shares);

/// <summary>Attaching a share.</summary>
public sealed record AttachShareRequest
{
    /// <summary>Which.</summary>
    [Required]
    public AttachedShare Share { get; set; } = null!;
}

/// <summary>A share to be attached.</summary>
public sealed record AttachedShare
{
    /// <summary>The share.</summary>
    [Required, Format("uuid")]
    public string ShareId { get; set; } = "";

    /// <summary>By which the guest mounts it.</summary>
    [NotNull, Length(1, 255), Pattern("^[a-zA-Z0-9-]*$")]
    public string? Tag { get; set; }
}
