using System.Text.Json;
using Nova.Modules.Api;
using Nova.Modules.Images;
using Nova.Modules.Operations;
using Nova.Modules.Quotas;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Rebuild;

/// <summary>https://docs.openstack.org/api-ref/compute/#rebuild-server-rebuild-action.</summary>
public sealed class RebuildEndpoints(
    ServerAccess access, ServerStore servers, ServerViews views, ServerActions actions, BootLookups lookups, IImageStore images, QuotaStore quotas) : IEndpoints
{
    private const string Rule = "os_compute_api:servers:rebuild";

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Action("/servers/{id}/action", "rebuild", Rebuild).Requires(Rule);

    private async Task<Answer> Rebuild(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<RebuildRequest>(ct)).Rebuild;
        var server = await access.Load(caller, caller.Route("id"), Rule, Transitions.Rebuild, ct);
        if (asked.TrustedImageCertificates.IsSent)
            caller.Require(Rule + ":trusted_certs", ServerViews.PolicyTargetOf(server));
        var image = await Image(caller, asked.Image, server, ct);
        var limits = await quotas.Limits(server.ProjectId, ct, caller.Caller.UserId);
        InjectionLimits.Check(limits, asked.Metadata, asked.Personality);

        var (wasOff, password) = (server.VmState == VmStates.Stopped, asked.AdminPass ?? AdminPasswords.New());
        await Apply(caller, server, asked, image, ct);
        var state = new RebuildServerState
        {
            Image = image, AdminPass = new(password), StaysOff = wasOff, PreservesEphemeral = asked.PreserveEphemeral?.Value == true,
            Files = asked.Personality is { Count: > 0 } ? InjectionLimits.Files(asked.Personality) : null,
        };
        await actions.Begin(caller, server, new("rebuild", RebuildServer.OperationKind, TaskStates.Rebuilding), state, ct, (tx, now) =>
        {
            server.UpdatedAt = now;
            servers.Update(tx, server);
            servers.UpdateOrigin(tx, server);
        });
        server.TaskState = TaskStates.Rebuilding;
        return Answer.Json(new ServerResponse(await View(caller, server, password, ct)), 202).With("Location", caller.Links("servers", server.Id.ToString())[0].Href);
    }

    private async ValueTask<ImageInfo> Image(RequestContext caller, string id, Server server, CancellationToken ct)
    {
        var image = await images.Find(caller.Caller, id, ct) ?? throw Fault.BadRequest($"Cannot find image for rebuild");
        if (image.Status != "active")
            throw Fault.BadRequest($"Image {id} is not active.");
        ImageFit.Check(caller, image, server.Flavor);
        return image;
    }

    private async ValueTask Apply(RequestContext caller, Server server, RebuildOptions asked, ImageInfo image, CancellationToken ct)
    {
        if (asked.KeyName is { IsSent: true, Value: var name })
        {
            // The keys of whoever asks: users own keys, projects own servers.
            var key = name is null ? null : await lookups.Keypair(caller.Caller.UserId, name, ct) ?? throw Fault.BadRequest($"Invalid key_name provided.");
            (server.KeyName, server.PublicKey) = (key?.Name, key?.PublicKey);
            server.SetDetails(server.Details with { KeyType = key?.Type });
        }

        server.Name = asked.Name?.Trim() ?? server.Name;
        server.Hostname = asked.Hostname ?? server.Hostname;
        server.ImageId = image.Id;
        server.AccessIpv4 = asked.AccessIpv4 ?? server.AccessIpv4;
        server.AccessIpv6 = AccessAddress.Short(asked.AccessIpv6) ?? server.AccessIpv6;
        if (asked.Metadata is { } metadata)
            server.MetadataJson = JsonSerializer.Serialize(metadata, StateJson.Options);
        if (asked.Description.IsSent)
            server.Description = asked.Description.Value;
        if (asked.UserData.IsSent)
            server.UserData = string.IsNullOrEmpty(asked.UserData.Value) ? null : asked.UserData.Value;
        server.SetDetails(server.Details with
        {
            ImageProperties = image.Properties,
            DiskConfig = asked.DiskConfig ?? server.Details.DiskConfig,
            TrustedImageCertificates = asked.TrustedImageCertificates.IsSent ? asked.TrustedImageCertificates.Value : server.Details.TrustedImageCertificates,
        });
    }

    // 2.54 and 2.57 added what was rebuilt to the answer; 2.75 made it that of a show.
    private async Task<ServerView> View(RequestContext caller, Server server, string password, CancellationToken ct)
    {
        var view = await views.Of(caller, server, caller.Since(75) ? ServerParts.Whole : ServerParts.Core, ct);
        return view with
        {
            AdminPass = password,
            KeyName = caller.Since(54) ? new(server.KeyName) : default,
            UserData = default,
            RebuiltUserData = caller.Since(57) ? new(server.UserData) : default,
        };
    }
}
