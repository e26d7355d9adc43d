using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Snapshots;

/// <summary>The action createImage.</summary>
public sealed record CreateImageRequest
{
    /// <summary>What is made.</summary>
    [Required, WireName("createImage")]
    public CreateImageOptions Options { get; set; } = null!;
}

/// <summary>The image that is made of a server.</summary>
public sealed record CreateImageOptions
{
    /// <summary>Its name.</summary>
    [Required, Format("name"), Length(1, 255)]
    public string Name { get; set; } = "";

    /// <summary>Properties beside those that it inherits.</summary>
    [NotNull, Keys(ImageMetadata.Names), Length(0, 255)]
    public IReadOnlyDictionary<string, string>? Metadata { get; set; }
}

/// <summary>The action createBackup.</summary>
public sealed record CreateBackupRequest
{
    /// <summary>What is made.</summary>
    [Required, WireName("createBackup")]
    public CreateBackupOptions Options { get; set; } = null!;
}

/// <summary>The backup that is made of a server.</summary>
public sealed record CreateBackupOptions
{
    /// <summary>Its name; the tree <c>/v2</c> takes spaces around it.</summary>
    [Required, Format("name", Since = 1), Format("name_with_leading_trailing_spaces", Until = 0), Length(1, 255)]
    public string Name { get; set; } = "";

    /// <summary>Such as daily: backups of a type are counted together.</summary>
    [Required]
    public string BackupType { get; set; } = "";

    /// <summary>How many backups of the type are kept, this one included.</summary>
    [Required, Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int> Rotation { get; set; }

    /// <summary>Properties beside those that it inherits.</summary>
    [NotNull, Keys(ImageMetadata.Names), Length(0, 255)]
    public IReadOnlyDictionary<string, string>? Metadata { get; set; }
}

/// <summary>From 2.45 on.</summary>
public sealed record SnapshotResponse(string ImageId);

/// <summary>What the properties may be called.</summary>
internal static class ImageMetadata
{
    public const string Names = "^[a-zA-Z0-9-_:. ]{1,255}$";
}
