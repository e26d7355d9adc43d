using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Drivers.Image.Embedded;

/// <summary>Settings of the embedded image service.</summary>
[SettingsSection("image")]
public sealed record ImageSettings
{
    /// <summary>Where the files are.</summary>
    [Description("Directory of the images' files, relative to the data directory; it must be on one file system. Where roles are in several processes they all need the same directory here.")]
    [Required]
    public string Directory { get; init; } = "images";

    /// <summary>Where hosts of other processes fetch images.</summary>
    [Description("Scheme and authority under which hosts of other processes fetch images, such as http://10.0.0.1:8774; null is public_url, else the API of the same process.")]
    [RegularExpression("^https?://[^/]+$", ErrorMessage = "http://HOST[:PORT] or https://HOST[:PORT]")]
    public string? Url { get; init; }

    /// <summary>Largest upload.</summary>
    [Description("Largest image that may be uploaded, in MiB.")]
    [Range(1, 1_048_576)]
    public int MaxMb { get; init; } = 65_536;

    /// <summary>Largest disk.</summary>
    [Description("Largest disk that an image may describe, in GiB.")]
    [Range(1, 1_048_576)]
    public int MaxVirtualGb { get; init; } = 1024;

    /// <summary>Space left alone.</summary>
    [Description("Space that uploads leave free on the file system, in MiB.")]
    [Range(0, 1_048_576)]
    public int KeepFreeMb { get; init; } = 256;
}
