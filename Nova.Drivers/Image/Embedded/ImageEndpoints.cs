using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Image.Embedded;

/// <summary>https://docs.openstack.org/api-ref/image/v2/#images</summary>
public sealed class ImageEndpoints(ImageService images, ImageList list, ImageFiles files) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("", (caller, _) => Versions(caller, 300)).Anonymous();
        routes.Get("/versions", (caller, _) => Versions(caller, 200)).Anonymous();
        routes.Get("/v2/images", async (caller, ct) => Answer.Json(await list.Page(caller, ct))).AnyCaller();
        routes.Post("/v2/images", Create).AnyCaller();
        routes.Get("/v2/images/{id}", Show).AnyCaller();
        routes.Patch("/v2/images/{id}", Patch).AnyCaller();
        routes.Delete("/v2/images/{id}", Delete).AnyCaller();
        routes.Put("/v2/images/{id}/file", Upload).AnyCaller();
        routes.Get("/v2/images/{id}/file", Download).AnyCaller();
        routes.Put("/v2/images/{id}/tags/{tag}", (caller, ct) => Tag(caller, isAdded: true, ct)).AnyCaller();
        routes.Delete("/v2/images/{id}/tags/{tag}", (caller, ct) => Tag(caller, isAdded: false, ct)).AnyCaller();
        routes.Post("/v2/images/{id}/actions/deactivate", (caller, ct) => Switch(caller, "active", "deactivated", ct)).AnyCaller();
        routes.Post("/v2/images/{id}/actions/reactivate", (caller, ct) => Switch(caller, "deactivated", "active", ct)).AnyCaller();
    }

    private static Task<Answer> Versions(RequestContext caller, int status)
    {
        var href = caller.Link("/image/v2/");
        var versions = ((string[])["v2.9", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0"]).Select(id => new
        {
            id,
            status = id == "v2.9" ? "CURRENT" : "SUPPORTED",
            links = new[] { new { rel = "self", href } },
        });
        return Task.FromResult(Answer.Json(new { versions }, status));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var image = await images.Create(caller.Caller, await JsonBody.Read(caller, ct), ct);
        return Answer.Json(ImageWire.Of(image), 201).With("Location", caller.Link("/image/v2/images/" + image.Id));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct) =>
        Answer.Json(ImageWire.Of(await images.Get(caller.Caller, caller.Route("id"), ct)));

    private async Task<Answer> Patch(RequestContext caller, CancellationToken ct)
    {
        var changes = ImagePatch.Read(caller.Http.Request.ContentType, await JsonBody.ReadAny(caller, ct));
        return Answer.Json(ImageWire.Of(await images.Patch(caller.Caller, caller.Route("id"), changes, ct)));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await images.Delete(caller.Caller, caller.Route("id"), ct);
        return Answer.Empty();
    }

    private async Task<Answer> Upload(RequestContext caller, CancellationToken ct)
    {
        if (caller.Http.Request.ContentType?.Split(';')[0] != "application/octet-stream")
            throw new Fault(FaultKind.UnsupportedMediaType, Message.Of($"Unsupported Content-Type; it must be application/octet-stream."));

        // The service has a limit of its own, and a slow line is no attack here: the client may do this.
        if (caller.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        if (caller.Http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        await images.Upload(caller, caller.Route("id"), ct);
        return Answer.Empty();
    }

    private async Task<Answer> Download(RequestContext caller, CancellationToken ct)
    {
        var image = await images.Get(caller.Caller, caller.Route("id"), ct);
        if (image.Status == "deactivated" && !caller.Caller.HasRole("admin"))
            throw Fault.Forbidden($"The requested image has been deactivated. Image data download is forbidden.");
        if (image.Size is null)
            return Answer.Empty();

        var path = files.PathOf(image.Id);
        if (!File.Exists(path))
            throw ImageService.NotFound(image.Id);
        return ImageBytesAnswer.Of(caller, path).With("Content-MD5", image.Checksum ?? "");
    }

    private async Task<Answer> Tag(RequestContext caller, bool isAdded, CancellationToken ct)
    {
        var (id, tag) = (caller.Route("id"), ImageMembers.CheckTag(caller.Route("tag"))[0]);
        var tags = (await images.Own(caller.Caller, id, "modify_image", ct)).TagList();
        if (!isAdded && !tags.Remove(tag))
            throw Fault.NotFound($"Tag {tag} not found on image {id}.");
        if (isAdded && !tags.Contains(tag))
            tags.Add(tag);
        await images.Patch(caller.Caller, id, [new("replace", "tags", JsonSerializer.SerializeToElement(tags))], ct);
        return Answer.Empty();
    }

    private async Task<Answer> Switch(RequestContext caller, string from, string to, CancellationToken ct)
    {
        await images.Switch(caller.Caller, caller.Route("id"), from, to, ct);
        return Answer.Empty();
    }
}
