using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Settings;

namespace Nova.Drivers.Identity.Keystone;

/// <summary>Where the site's Keystone is, and as whom this service asks it (identity.kind = keystone).</summary>
[SettingsSection("keystone")]
public sealed record KeystoneSettings
{
    /// <summary>The address, with or without <c>/v3</c>.</summary>
    [Description("The address of Keystone, such as https://identity.example.org:5000/v3; needed with identity.kind = keystone.")]
    public string? Url { get; init; }

    /// <summary>The user of this service.</summary>
    [Description("The user as whom this service validates tokens; it needs the role admin or service on its project.")]
    [Required]
    public string Username { get; init; } = "nova";

    /// <summary>Its password.</summary>
    [Description("The password of that user; needed with identity.kind = keystone.")]
    public Secret? Password { get; init; }

    /// <summary>The domain of the user, by name.</summary>
    [Description("The name of the user's domain.")]
    [Required]
    public string UserDomain { get; init; } = "Default";

    /// <summary>The project of this service.</summary>
    [Description("The name of the project in which the user has its role.")]
    [Required]
    public string Project { get; init; } = "service";

    /// <summary>The domain of the project, by name.</summary>
    [Description("The name of the project's domain.")]
    [Required]
    public string ProjectDomain { get; init; } = "Default";

    /// <summary>A PEM file of authorities.</summary>
    [Description("A PEM file with the certificate authorities that sign Keystone's certificate; null are those of the system.")]
    public string? CaFile { get; init; }

    /// <summary>Life of an answer.</summary>
    [Description("How long what Keystone said of a token is believed, in seconds: so long a revoked token may still be accepted, and so long requests with known tokens go on when Keystone is away. 0 asks each time.")]
    [Range(0, 3600)]
    public int CacheSeconds { get; init; } = 60;

    /// <summary>Patience.</summary>
    [Description("How long Keystone may take to answer, in seconds; then the request is answered 503.")]
    [Range(1, 300)]
    public int TimeoutSeconds { get; init; } = 10;

    /// <summary>Questions at once.</summary>
    [Description("How many questions are put to Keystone at once; more wait.")]
    [Range(1, 1000)]
    public int ParallelQuestions { get; init; } = 16;
}
