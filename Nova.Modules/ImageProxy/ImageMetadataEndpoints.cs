using Nova.Modules.Images;
using Nova.Modules.Quotas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.ImageProxy;

/// <summary>https://docs.openstack.org/api-ref/compute/#image-metadata-deprecated: properties of images as Compute showed them until 2.38.</summary>
public sealed class ImageMetadataEndpoints(IImageCatalog images, QuotaStore quotas) : IEndpoints
{
    private const int Last = 38;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/images/{image_id}/metadata", List).Until(Last).AnyCaller();
        routes.Post("/images/{image_id}/metadata", Add).Until(Last).AnyCaller();
        routes.Put("/images/{image_id}/metadata", Replace).Until(Last).AnyCaller();
        routes.Get("/images/{image_id}/metadata/{id}", Show).Until(Last).AnyCaller();
        routes.Put("/images/{image_id}/metadata/{id}", Set).Until(Last).AnyCaller();
        routes.Delete("/images/{image_id}/metadata/{id}", Remove).Until(Last).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct) => Answer.Json(new ImageMetadataResponse(await Properties(caller, ct)));

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var key = caller.Route("id");
        return (await Properties(caller, ct)).TryGetValue(key, out var value)
            ? Answer.Json(new ImageMetaResponse(new Dictionary<string, string> { [key] = value }))
            : throw caller.Surface.UnknownPath(caller.Http.Request.Path);
    }

    private async Task<Answer> Add(RequestContext caller, CancellationToken ct)
    {
        var more = (await caller.Body<ImageMetadataRequest>(ct)).Metadata;
        return Answer.Json(new ImageMetadataResponse(await Save(caller, await With(caller, more, ct), ct)));
    }

    private async Task<Answer> Replace(RequestContext caller, CancellationToken ct)
    {
        var all = (await caller.Body<ImageMetadataRequest>(ct)).Metadata;
        await Properties(caller, ct);
        await Save(caller, all, ct);
        return Answer.Json(new ImageMetadataResponse(all));
    }

    private async Task<Answer> Set(RequestContext caller, CancellationToken ct)
    {
        var meta = (await caller.Body<ImageMetaRequest>(ct)).Meta;
        if (!meta.ContainsKey(caller.Route("id")))
            throw Fault.BadRequest($"Request body and URI mismatch");

        await Save(caller, await With(caller, meta, ct), ct);
        return Answer.Json(new ImageMetaResponse(meta));
    }

    private async Task<Answer> Remove(RequestContext caller, CancellationToken ct)
    {
        var left = new Dictionary<string, string>(await Properties(caller, ct));
        if (!left.Remove(caller.Route("id")))
            throw Fault.NotFound($"Invalid metadata key");

        await Save(caller, left, ct);
        return Answer.Empty();
    }

    private async Task<IReadOnlyDictionary<string, string>> Properties(RequestContext caller, CancellationToken ct) =>
        (await images.Find(caller.Caller, caller.Route("image_id"), ct) ?? throw ImageProxyEndpoints.NotFound()).Info.Properties;

    private async Task<Dictionary<string, string>> With(RequestContext caller, IReadOnlyDictionary<string, string> more, CancellationToken ct)
    {
        var all = new Dictionary<string, string>(await Properties(caller, ct));
        foreach (var (name, value) in more)
            all[name] = value;
        return all;
    }

    private async Task<IReadOnlyDictionary<string, string>> Save(RequestContext caller, IReadOnlyDictionary<string, string> all, CancellationToken ct)
    {
        if ((await quotas.Limits(caller.ProjectId, ct, caller.Caller.UserId)).IsOver("metadata_items", all.Count))
            throw Fault.Forbidden($"Image metadata limit exceeded");

        return await images.SetProperties(caller.Caller, caller.Route("image_id"), all, ct);
    }
}
