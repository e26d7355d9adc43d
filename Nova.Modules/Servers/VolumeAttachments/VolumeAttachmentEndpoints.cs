using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.VolumeAttachments;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#servers-with-volume-attachments-servers-os-volume-attachments. This cloud has no volume
/// service yet: no server has a volume, and there is none to attach.
/// </summary>
public sealed class VolumeAttachmentEndpoints(ServerAccess access) : IEndpoints
{
    private const string Rules = "os_compute_api:os-volumes-attachments:";
    private const string All = "/servers/{server_id}/os-volume_attachments";
    private const string One = All + "/{id}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, Index).Requires(Rules + "index");
        routes.Post(All, Create).Requires(Rules + "create");
        routes.Get(One, Show).Requires(Rules + "show");
        routes.Put(One, Update).Requires(Rules + "update");
        routes.Delete(One, Delete).Requires(Rules + "delete");
    }

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<AttachmentQuery>();
        await access.Load(caller, caller.Route("server_id"), Rules + "index", ct);
        return Answer.Json(new AttachmentListResponse([]));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "show", ct);
        throw NotAttached(server, caller.Route("id"));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<AttachVolumeRequest>(ct)).VolumeAttachment;
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "create", ct);

        // 2.20 let volumes be attached to shelved servers.
        if (!caller.Since(20) && server.VmState is VmStates.Shelved or VmStates.ShelvedOffloaded)
            throw Fault.Conflict($"Cannot 'attach_volume' instance {server.Id} while it is in vm_state {server.VmState}");
        Transitions.AttachVolume.Check(caller, server);
        throw Fault.NotFound($"Volume {asked.VolumeId} could not be found.");
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<UpdateAttachmentRequest>(ct);
        await access.Load(caller, caller.Route("server_id"), Rules + "update", ct);
        throw Fault.NotFound($"Volume {caller.Route("id")} could not be found.");
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await access.Load(caller, caller.Route("server_id"), Rules + "delete", ct);
        throw Fault.NotFound($"Volume {caller.Route("id")} could not be found.");
    }

    private static Fault NotAttached(Server server, string volume) => Fault.NotFound($"Instance {server.Id} is not attached to volume {volume}");
}

/// <summary>Which attachments.</summary>
[StrictQuery(Since = 75)]
public sealed record AttachmentQuery
{
    /// <summary>At most.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Limit { get; set; }

    /// <summary>After so many.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Offset { get; set; }
}

/// <summary>The attachments of a server.</summary>
public sealed record AttachmentListResponse([property: WireName("volumeAttachments")] IReadOnlyList<object> VolumeAttachments);

/// <summary>Attaching a volume.</summary>
public sealed record AttachVolumeRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("volumeAttachment")]
    public AttachedVolume VolumeAttachment { get; set; } = null!;
}

/// <summary>A volume to be attached.</summary>
public sealed record AttachedVolume
{
    /// <summary>The volume.</summary>
    [Required, WireName("volumeId"), Format("uuid")]
    public string VolumeId { get; set; } = "";

    /// <summary>A wish.</summary>
    [Pattern(DevicePattern)]
    public string? Device { get; set; }

    /// <summary>By which the guest knows the disk.</summary>
    [Since(49), NotNull, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength)]
    public string? Tag { get; set; }

    /// <summary>Whether the volume goes with the server.</summary>
    [Since(79), NotNull]
    public Loose<bool>? DeleteOnTermination { get; set; }

    internal const string DevicePattern = "(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$";
}

/// <summary>Changing an attachment, or its volume.</summary>
public sealed record UpdateAttachmentRequest
{
    /// <summary>How it is to be.</summary>
    [Required, WireName("volumeAttachment")]
    public ChangedAttachment VolumeAttachment { get; set; } = null!;
}

/// <summary>An attachment as it is to be.</summary>
public sealed record ChangedAttachment
{
    /// <summary>The volume.</summary>
    [Required, WireName("volumeId"), Format("uuid")]
    public string VolumeId { get; set; } = "";

    /// <summary>As it is.</summary>
    [Since(85), Pattern(AttachedVolume.DevicePattern)]
    public string? Device { get; set; }

    /// <summary>As it is.</summary>
    [Since(85), NotNull, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength)]
    public string? Tag { get; set; }

    /// <summary>Whether the volume goes with the server.</summary>
    [Since(85), NotNull]
    public Loose<bool>? DeleteOnTermination { get; set; }

    /// <summary>As it is.</summary>
    [Since(85), NotNull, WireName("serverId"), Format("uuid")]
    public string? ServerId { get; set; }

    /// <summary>As it is.</summary>
    [Since(85), NotNull, Format("uuid")]
    public string? Id { get; set; }
}
