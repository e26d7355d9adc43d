using Nova.Modules.Identity;

namespace Nova.Modules.Images;

/// <summary>The image service as the old addresses of the Compute API show it, until 2.38.</summary>
public interface IImageCatalog
{
    /// <summary>Where the service is: an absolute URL, or a path on the public port.</summary>
    string Address { get; }

    /// <summary>What the caller sees in lists, the newest first.</summary>
    Task<IReadOnlyList<CatalogImage>> List(Caller caller, CancellationToken ct);

    /// <summary>An image that the caller may see, or null.</summary>
    Task<CatalogImage?> Find(Caller caller, string id, CancellationToken ct);

    /// <summary>The image is gone.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">403: not the caller's, or protected. 404.</exception>
    Task Delete(Caller caller, string id, CancellationToken ct);

    /// <summary>Replaces all properties; answers with those that are there then.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404.</exception>
    Task<IReadOnlyDictionary<string, string>> SetProperties(Caller caller, string id, IReadOnlyDictionary<string, string> properties, CancellationToken ct);
}

/// <summary>An image with its times.</summary>
/// <param name="Info">What servers need of it.</param>
/// <param name="CreatedAt">Milliseconds since 1970 UTC.</param>
/// <param name="UpdatedAt">Milliseconds since 1970 UTC.</param>
public sealed record CatalogImage(ImageInfo Info, long CreatedAt, long UpdatedAt);
