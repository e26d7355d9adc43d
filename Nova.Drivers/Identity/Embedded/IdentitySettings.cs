using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>Settings of the embedded identity service.</summary>
[SettingsSection("identity")]
public sealed record IdentitySettings
{
    /// <summary>Life of a token in seconds.</summary>
    [Description("How long a token is valid, in seconds.")]
    [Range(60, 7 * 86_400)]
    public int TokenSeconds { get; set; } = 3600;

    /// <summary>PBKDF2 rounds.</summary>
    [Description("Rounds of PBKDF2-HMAC-SHA512 for new passwords; a stored password keeps its own.")]
    [Range(100_000, 10_000_000)]
    public int PasswordRounds { get; set; } = 210_000;

    /// <summary>Seconds a verified password is remembered.</summary>
    [Description("How long a verified password is remembered in memory under a keyed hash, in seconds; 0 verifies each time.")]
    [Range(0, 3600)]
    public int RememberPasswordSeconds { get; set; } = 300;

    /// <summary>Failures before a pause.</summary>
    [Description("Wrong passwords for one user from one address within a minute; further attempts are answered 429.")]
    [Range(1, 10_000)]
    public int FailuresPerMinute { get; set; } = 10;

    /// <summary>Failures before a pause.</summary>
    [Description("Wrong passwords for one user from all addresses together within a minute; further attempts are answered 429.")]
    [Range(1, 100_000)]
    public int FailuresPerUser { get; set; } = 60;

    /// <summary>Failures before a pause.</summary>
    [Description("Wrong passwords for all users together from one address within a minute; further attempts are answered 429.")]
    [Range(1, 100_000)]
    public int FailuresPerAddress { get; set; } = 60;

    /// <summary>Waiting password checks.</summary>
    [Description("Password checks that may wait for a core; more are answered 503.")]
    [Range(1, 10_000)]
    public int WaitingPasswordChecks { get; set; } = 64;

    /// <summary>The region in the catalog.</summary>
    [Description("Name of the region of the services that this program serves itself: in the catalog when that is first made, and of the limits that hold here.")]
    [Required]
    public string Region { get; init; } = "RegionOne";
}

/// <summary>A service of the catalog.</summary>
/// <param name="Type">compute, placement, …</param>
/// <param name="Name">nova, …</param>
/// <param name="Url">Absolute, or a path on this service.</param>
public sealed record CatalogService(string Type, string Name, string Url);
