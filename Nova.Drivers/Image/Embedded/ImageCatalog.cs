using Nova.Modules.Identity;
using Nova.Modules.Images;

namespace Nova.Drivers.Image.Embedded;

/// <summary>The embedded images as the old addresses of the Compute API show them.</summary>
public sealed class ImageCatalog(ImageList list, ImageService images, ImageCache cache) : IImageCatalog
{
    /// <inheritdoc />
    public string Address => "/image";

    /// <inheritdoc />
    public async Task<IReadOnlyList<CatalogImage>> List(Caller caller, CancellationToken ct) =>
        [.. (await list.Seen(caller, ct)).OrderByDescending(i => i.CreatedAt).ThenByDescending(i => i.Id, StringComparer.Ordinal).Select(Of)];

    /// <inheritdoc />
    public async Task<CatalogImage?> Find(Caller caller, string id, CancellationToken ct) => await cache.Find(caller, id, ct) is { } image ? Of(image) : null;

    /// <inheritdoc />
    public Task Delete(Caller caller, string id, CancellationToken ct) => images.Delete(caller, id, ct);

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, string>> SetProperties(Caller caller, string id, IReadOnlyDictionary<string, string> properties, CancellationToken ct) =>
        (await images.SetProperties(caller, id, properties, ct)).PropertyMap();

    private static CatalogImage Of(ImageRow image) => new(EmbeddedImages.Info(image), image.CreatedAt, image.UpdatedAt);
}
