using Nova.Modules.Identity;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Images;

/// <summary>The image service as snapshots of servers need it: an image is there before its bytes, which a host brings.</summary>
public interface ISnapshotImages
{
    /// <summary>An image that waits for its bytes; it is there when the unit of work that inserts it is durable.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400 or 403: a property that no image may have.</exception>
    ReservedImage Reserve(Caller caller, NewImage image);

    /// <summary>The bytes will be of this format: false when the image is gone.</summary>
    Task<bool> Describe(string imageId, SnapshotFacts facts, IReadOnlyDictionary<string, string> properties, CancellationToken ct);

    /// <summary>Where a host brings the bytes: an address with a ticket that ends, or a name that only hosts of this process understand.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">500: nobody knows the address of the image service.</exception>
    string TargetFor(string imageId, Guid hostId);

    /// <summary>The image is gone with what came of its bytes; harmless when it is gone already. To be called in a unit of work.</summary>
    /// <param name="tx">The unit.</param>
    /// <param name="imageId">The image.</param>
    /// <param name="unlessWhole">True keeps an image whose bytes are all there.</param>
    void Discard(Tx tx, string imageId, bool unlessWhole);

    /// <summary>Of a server's backups of a type only the newest are kept; one that may not be deleted stays.</summary>
    Task Rotate(Caller caller, Guid serverId, string backupType, int keep, CancellationToken ct);
}

/// <summary>An image of a server, before its bytes.</summary>
public sealed record NewImage
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The project of the server: where it is not the caller's the image is shared with it.</summary>
    public required string ServerProject { get; init; }

    /// <summary>GiB that a disk must have at least.</summary>
    public int MinDiskGb { get; init; }

    /// <summary>MiB of memory that a guest must have at least.</summary>
    public int MinRamMb { get; init; }

    /// <summary>raw, qcow2 …; null until the bytes are known.</summary>
    public string? DiskFormat { get; init; }

    /// <summary>bare …; null until the bytes are known.</summary>
    public string? ContainerFormat { get; init; }

    /// <summary>Properties as they are sent to the image service.</summary>
    public required IReadOnlyDictionary<string, string> Properties { get; init; }
}

/// <summary>An image whose row is yet to be inserted.</summary>
/// <param name="Id">Chosen already.</param>
/// <param name="Insert">Belongs into the unit of work that accepts the request; may run again.</param>
public sealed record ReservedImage(string Id, Action<Tx> Insert);

/// <summary>What a copy of a disk is.</summary>
/// <param name="DiskFormat">raw, qcow2 …</param>
/// <param name="Bytes">Its size.</param>
public sealed record SnapshotFacts(string DiskFormat, long Bytes);
