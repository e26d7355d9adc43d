using System.Text.Json;
using Nova.Modules.Images;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Rescue;

/// <summary>https://docs.openstack.org/api-ref/compute/#rescue-server-rescue-action.</summary>
public sealed class RescueEndpoints(ServerAccess access, ServerActions actions, IImageStore images, ActionOptions options) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string RescueRule = "os_compute_api:os-rescue";
    private const string UnrescueRule = "os_compute_api:os-unrescue";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Action(Address, "rescue", Rescue).Requires(RescueRule);
        routes.Action(Address, "unrescue", Unrescue).Requires(UnrescueRule);
    }

    private async Task<Answer> Rescue(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<RescueRequest>(ct)).Rescue;
        var server = await access.Load(caller, caller.Route("id"), RescueRule, Transitions.Rescue, ct);
        var password = asked?.AdminPass ?? AdminPasswords.New();
        var state = new RescueServerState
        {
            Image = await Image(caller, asked?.RescueImageRef ?? server.ImageId, ct), AdminPass = new(password), Timeout = options.ShutdownTimeout,
        };
        await actions.Begin(caller, server, new("rescue", RescueServer.OperationKind, TaskStates.Rescuing), state, ct);

        // It was always 200, although the work goes on.
        return Answer.Json(new RescueResponse(password));
    }

    private async Task<Answer> Unrescue(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<UnrescueRequest>(ct);
        var server = await access.Load(caller, caller.Route("id"), UnrescueRule, Transitions.Unrescue, ct);
        var state = new UnrescueServerState { Timeout = options.ShutdownTimeout };
        await actions.Begin(caller, server, new("unrescue", UnrescueServer.OperationKind, TaskStates.Unrescuing), state, ct);
        return Answer.Empty(202);
    }

    private async ValueTask<ImageInfo> Image(RequestContext caller, string? id, CancellationToken ct) =>
        (id is null ? null : await images.Find(caller.Caller, id, ct)) is { Status: "active" } image
            ? image
            : throw Fault.BadRequest($"Requested rescue image '{id ?? ""}' is not supported");
}

/// <summary>The action rescue.</summary>
public sealed record RescueRequest
{
    /// <summary>With what, or null.</summary>
    [Required]
    public RescueOptions? Rescue { get; set; }
}

/// <summary>With what a server is rescued.</summary>
public sealed record RescueOptions
{
    /// <summary>Made up when absent.</summary>
    [WireName("adminPass"), NotNull]
    public string? AdminPass { get; set; }

    /// <summary>The server's own image when absent.</summary>
    [NotNull, Format("uuid")]
    public string? RescueImageRef { get; set; }
}

/// <summary>The action unrescue.</summary>
public sealed record UnrescueRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Unrescue { get; set; }
}

/// <summary>The password of a server that is being rescued.</summary>
public sealed record RescueResponse([property: WireName("adminPass")] string AdminPass);
