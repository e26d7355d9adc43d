using System.Text.Json;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Create;

/// <summary>One of <c>block_device_mapping</c>.</summary>
public record OldBlockDevice
{
    /// <summary>Unused.</summary>
    [NotNull, Length(0, 255)]
    public string? VirtualName { get; set; }

    /// <summary>The volume.</summary>
    [NotNull, Format("uuid")]
    public string? VolumeId { get; set; }

    /// <summary>The snapshot.</summary>
    [NotNull, Format("uuid")]
    public string? SnapshotId { get; set; }

    /// <summary>GiB.</summary>
    [NotNull, Pattern("^[0-9]+$"), Range(1, int.MaxValue)]
    public Loose<int>? VolumeSize { get; set; }

    /// <summary>Such as vda.</summary>
    [NotNull, Length(1, 255), Pattern("^[a-zA-Z0-9._/-]*$")]
    public string? DeviceName { get; set; }

    /// <summary>Whether it goes with the server.</summary>
    [NotNull]
    public Loose<bool>? DeleteOnTermination { get; set; }

    /// <summary>Anything.</summary>
    public JsonElement? NoDevice { get; set; }

    /// <summary>Unused.</summary>
    [NotNull, Length(0, 16_777_215)]
    public string? ConnectionInfo { get; set; }
}

/// <summary>One of <c>block_device_mapping_v2</c>.</summary>
public sealed record BlockDevice : OldBlockDevice
{
    /// <summary>volume, image, snapshot or blank.</summary>
    [NotNull, OneOf("volume", "image", "snapshot", "blank")]
    public string? SourceType { get; set; }

    /// <summary>Of the source.</summary>
    [NotNull, Length(1, 255), Pattern("^[a-zA-Z0-9._-]*$")]
    public string? Uuid { get; set; }

    /// <summary>The image.</summary>
    [NotNull, Format("uuid")]
    public string? ImageId { get; set; }

    /// <summary>local or volume.</summary>
    [NotNull, OneOf("local", "volume")]
    public string? DestinationType { get; set; }

    /// <summary>swap, or a file system.</summary>
    [NotNull, Length(0, 255)]
    public string? GuestFormat { get; set; }

    /// <summary>disk, cdrom …</summary>
    [NotNull, Length(0, 255)]
    public string? DeviceType { get; set; }

    /// <summary>virtio …</summary>
    [NotNull, Length(0, 255)]
    public string? DiskBus { get; set; }

    /// <summary>0 for the root disk.</summary>
    [Pattern("^-?[0-9]+$")]
    public Loose<int>? BootIndex { get; set; }

    /// <summary>By which the guest knows the disk.</summary>
    [Since(42), NotNull, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength)]
    public string? Tag { get; set; }

    /// <summary>The same in the one version that had it before it was taken back.</summary>
    [Since(32), Until(32), WireName("tag"), NotNull, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength)]
    public string? EarlyTag { get; set; }

    /// <summary>The type of the volume that is made.</summary>
    [Since(67), Length(0, 255)]
    public string? VolumeType { get; set; }
}
