using Nova.Modules.Identity;

namespace Nova.Modules.Images;

/// <summary>The image service, embedded or external, as servers need it.</summary>
public interface IImageStore
{
    /// <summary>An image that the caller may see, or null. From memory where possible.</summary>
    ValueTask<ImageInfo?> Find(Caller caller, string imageId, CancellationToken ct);

    /// <summary>Where a host fetches the bytes: a file path on this machine, a URL with a ticket that ends, or empty when no URL is known.</summary>
    ValueTask<string> SourceFor(string imageId, Guid hostId, CancellationToken ct);
}

/// <summary>What servers need to know of an image.</summary>
public sealed record ImageInfo
{
    /// <summary>Opaque.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, or null.</summary>
    public string? Name { get; init; }

    /// <summary>queued, saving, active, deactivated, deleted …</summary>
    public required string Status { get; init; }

    /// <summary>raw, qcow2 …; null before it is known.</summary>
    public string? DiskFormat { get; init; }

    /// <summary>bare …; null before it is known.</summary>
    public string? ContainerFormat { get; init; }

    /// <summary>Bytes, 0 before the upload.</summary>
    public long Size { get; init; }

    /// <summary>GiB that a disk must have at least.</summary>
    public int MinDiskGb { get; init; }

    /// <summary>MiB of memory that a guest must have at least.</summary>
    public int MinRamMb { get; init; }

    /// <summary>sha512 …</summary>
    public string? HashAlgorithm { get; init; }

    /// <summary>Hex.</summary>
    public string? Hash { get; init; }

    /// <summary>Further properties, such as <c>hw_disk_bus</c>.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}
