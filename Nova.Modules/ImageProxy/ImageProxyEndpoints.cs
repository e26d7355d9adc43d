using System.Globalization;
using Nova.Modules.Api;
using Nova.Modules.Images;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.ImageProxy;

/// <summary>https://docs.openstack.org/api-ref/compute/#images-deprecated: the image service as Compute showed it until 2.35.</summary>
public sealed class ImageProxyEndpoints(IImageCatalog images) : IEndpoints
{
    private const int Last = 35;
    private const string PropertyPrefix = "property-";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/images", List).Until(Last).AnyCaller();
        routes.Get("/images/detail", Detail).Until(Last).AnyCaller();
        routes.Get("/images/{id}", Show).Until(Last).AnyCaller();
        routes.Delete("/images/{id}", Delete).Until(Last).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var (page, next) = await Page(caller, "images", ct);
        return Answer.Json(new ImageProxyList<ImageProxySummary>([.. page.Select(i => new ImageProxySummary(i.Info.Id, i.Info.Name, Links(caller, i.Info.Id)))], next));
    }

    private async Task<Answer> Detail(RequestContext caller, CancellationToken ct)
    {
        var (page, next) = await Page(caller, "images/detail", ct);
        return Answer.Json(new ImageProxyList<ImageProxyView>([.. page.Select(i => View(caller, i))], next));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new ImageProxyResponse(View(caller, await images.Find(caller.Caller, caller.Route("id"), ct) ?? throw NotFound())));

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        try
        {
            await images.Delete(caller.Caller, caller.Route("id"), ct);
            return Answer.Empty();
        }
        catch (Fault fault) when (fault.Kind is FaultKind.NotFound or FaultKind.Forbidden)
        {
            throw fault.Kind == FaultKind.NotFound ? NotFound() : Fault.Forbidden($"You are not allowed to delete the image.");
        }
    }

    internal static Fault NotFound() => Fault.NotFound($"Image not found.");

    private async Task<(List<CatalogImage> Page, IReadOnlyList<Link>? Next)> Page(RequestContext caller, string path, CancellationToken ct)
    {
        var query = caller.QueryAs<ImageProxyQuery>();
        var wanted = Filter(caller, query);
        var found = (await images.List(caller.Caller, ct)).Where(wanted).ToList();
        var from = query.Marker is null ? 0 : found.FindIndex(i => i.Info.Id == query.Marker) + 1;
        if (query.Marker is not null && from == 0)
            throw Fault.BadRequest($"Invalid marker. Image could not be found.");

        var limit = Shared.Http.Page.Of(caller, query.Limit?.Value ?? query.PageSize?.Value, null).Limit;
        var page = found.Skip(from).Take(limit).ToList();
        return (page, caller.Next(path, limit, page.Count, page.LastOrDefault()?.Info.Id));
    }

    private static Func<CatalogImage, bool> Filter(RequestContext caller, ImageProxyQuery query)
    {
        var properties = caller.Http.Request.Query.Where(q => q.Key.StartsWith(PropertyPrefix, StringComparison.Ordinal))
            .Select(q => (Name: q.Key[PropertyPrefix.Length..], Value: q.Value[^1])).ToList();
        if (query.Server is { } server)
            properties.Add(("instance_uuid", server.Split('/')[^1]));
        if (query.Type is { } type)
            properties.Add(("image_type", type));
        var (ram, disk, since) = (Number(query.MinRam), Number(query.MinDisk), Time(query.ChangesSince));
        return image => (query.Name is null || image.Info.Name == query.Name)
            && (query.Status is null || query.Status.Equals(image.Info.Status, StringComparison.OrdinalIgnoreCase) || query.Status.Equals(Status(image.Info), StringComparison.OrdinalIgnoreCase))
            && (ram is null || image.Info.MinRamMb == ram) && (disk is null || image.Info.MinDiskGb == disk) && (since is null || image.UpdatedAt >= since)
            && properties.TrueForAll(p => image.Info.Properties.TryGetValue(p.Name, out var value) && value == p.Value);
    }

    private static int? Number(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Fault.BadRequest($"Invalid filter value {text}: not a number.");

    private static long? Time(string? text) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeMilliseconds()
        : throw Fault.BadRequest($"Invalid filter value {text}: not a time.");

    private ImageProxyView View(RequestContext caller, CatalogImage image)
    {
        var info = image.Info;
        return new()
        {
            Id = info.Id,
            Name = info.Name,
            MinRam = info.MinRamMb,
            MinDisk = info.MinDiskGb,
            Metadata = info.Properties,
            Created = WireTime.Seconds(image.CreatedAt),
            Updated = WireTime.Seconds(image.UpdatedAt),
            Status = Status(info),
            Progress = info.Status switch { "queued" => 25, "saving" => 50, "active" => 100, _ => 0 },
            Size = info.Size,
            Links = Links(caller, info.Id),
            Server = info.Properties.TryGetValue("instance_uuid", out var server) ? new(server, caller.Links("servers", server)) : null,
            DiskConfig = info.Properties.TryGetValue("auto_disk_config", out var auto) ? LooseBool.Parse(auto) == true ? "AUTO" : "MANUAL" : null,
        };
    }

    private static string Status(ImageInfo image) => image.Status switch
    {
        "active" => "ACTIVE",
        "queued" or "saving" => "SAVING",
        "deleted" or "pending_delete" => "DELETED",
        "killed" => "ERROR",
        _ => "UNKNOWN",
    };

    private List<ImageLink> Links(RequestContext caller, string id)
    {
        var service = images.Address.StartsWith('/') ? caller.Link(images.Address) : images.Address;
        return [.. caller.Links("images", id).Select(l => new ImageLink(l.Rel, l.Href)), new("alternate", $"{service}/images/{id}", "application/vnd.openstack.image")];
    }
}
