using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Drivers.Image.Embedded;

/// <summary>The embedded images as servers need them: from memory in the steady state.</summary>
public sealed class EmbeddedImages(ImageCache cache, ImageFiles files, ImageTickets tickets) : IImageStore
{
    /// <inheritdoc />
    public async ValueTask<ImageInfo?> Find(Caller caller, string imageId, CancellationToken ct) =>
        await cache.Find(caller, imageId, ct) is { } image ? Info(image) : null;

    /// <inheritdoc />
    /// <exception cref="Fault">404 when the bytes are not there.</exception>
    public ValueTask<string> SourceFor(string imageId, Guid hostId, CancellationToken ct)
    {
        // The id may come from a client: only a UUID names a file.
        var path = Guid.TryParseExact(imageId, "D", out _) ? Path.GetFullPath(files.PathOf(imageId)) : null;
        if (path is null || (tickets.AreForFiles && !File.Exists(path)))
            throw Fault.NotFound($"Image {imageId} could not be found.");
        return ValueTask.FromResult(tickets.AreForFiles ? path : tickets.UrlFor(imageId, hostId));
    }

    internal static ImageInfo Info(ImageRow image) => new()
    {
        Id = image.Id,
        Name = image.Name,
        Status = image.Status,
        DiskFormat = image.DiskFormat,
        ContainerFormat = image.ContainerFormat,
        Size = image.Size ?? 0,
        MinDiskGb = image.MinDisk,
        MinRamMb = image.MinRam,
        HashAlgorithm = image.OsHashAlgo,
        Hash = image.OsHashValue,
        Properties = image.PropertyMap(),
    };
}
