using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Servers.Actions;

namespace Nova.Modules.Servers.Snapshots;

/// <summary>What an image that is made of a server has before its bytes: what the server's own image had, and where it comes from.</summary>
public sealed class SnapshotImages(ISnapshotImages images, IImageStore store, ActionOptions options)
{
    /// <summary>The image_type of createImage.</summary>
    public const string Snapshot = "snapshot";

    /// <summary>The image_type of createBackup.</summary>
    public const string Backup = "backup";

    /// <summary>The property by which backups are counted together.</summary>
    public const string BackupType = "backup_type";

    private const string BaseImage = "base_image_ref";

    // What holds for the bytes of one image alone, or is written by other services.
    private static readonly string[] NeverInherited =
    [
        "cinder_encryption_key_id", "cinder_encryption_key_deletion_policy", "img_signature", "img_signature_hash_method", "img_signature_key_type",
        "img_signature_certificate_uuid", "mappings", "block_device_mapping",
    ];

    /// <summary>The image; it is there when the operation that makes it is.</summary>
    /// <param name="caller">Who gets it.</param>
    /// <param name="server">Of which.</param>
    /// <param name="name">Its name.</param>
    /// <param name="type"><see cref="Snapshot"/> or <see cref="Backup"/>.</param>
    /// <param name="metadata">What the request says of it; stands over what is inherited.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<ReservedImage> Reserve(Caller caller, Server server, string name, string type, IReadOnlyDictionary<string, string>? metadata, CancellationToken ct)
    {
        // The image may be gone by now, or be hidden from this caller.
        var origin = await store.Find(caller, server.ImageId!, ct);
        return images.Reserve(caller, new()
        {
            Name = name,
            ServerProject = server.ProjectId,
            MinDiskGb = Math.Max(origin?.MinDiskGb ?? 0, server.Flavor.RootGb),
            MinRamMb = origin?.MinRamMb ?? 0,
            DiskFormat = type == Backup ? origin?.DiskFormat : null,
            ContainerFormat = type == Backup ? origin?.ContainerFormat : null,
            Properties = Properties(caller, server, type, metadata ?? new Dictionary<string, string>()),
        });
    }

    /// <summary>What is known of the bytes once the host has them, as the original's driver says it.</summary>
    public static IReadOnlyDictionary<string, string> Found(Server server) => new Dictionary<string, string>
    {
        ["image_location"] = "snapshot", ["image_state"] = "available", ["owner_id"] = server.ProjectId,
    };

    private Dictionary<string, string> Properties(Caller caller, Server server, string type, IReadOnlyDictionary<string, string> metadata)
    {
        var properties = (server.Details.ImageProperties ?? new Dictionary<string, string>())
            .Where(p => !NeverInherited.Contains(p.Key) && !options.NonInheritableImageProperties.Contains(p.Key) && !p.Key.StartsWith("os_glance", StringComparison.Ordinal))
            .ToDictionary();

        // An image of an image of an image tells the first.
        properties.TryAdd(BaseImage, server.ImageId!);
        properties["instance_uuid"] = server.Id.ToString();
        properties["user_id"] = caller.UserId;
        properties["image_type"] = type;
        foreach (var (key, value) in metadata)
            properties[key] = value;
        if (caller.ProjectId != server.ProjectId)
            properties["instance_owner"] = server.ProjectId;
        return properties;
    }
}
