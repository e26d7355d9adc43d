using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Shared.Limits;

/// <summary>How much one client may ask for. Each API process counts for itself.</summary>
[SettingsSection("limits")]
public sealed record LimitSettings
{
    private const int Most = 10_000_000;

    /// <summary>Requests.</summary>
    [Description("Requests of one user in a minute, in any rhythm; 429 with Retry-After above it. 0 is no limit."), Range(0, Most)]
    public int RequestsPerUser { get; set; } = 60_000;

    /// <summary>Requests.</summary>
    [Description("Requests of all users of one project in a minute; 429 with Retry-After above it. 0 is no limit."), Range(0, Most)]
    public int RequestsPerProject { get; set; } = 120_000;

    /// <summary>Requests.</summary>
    [Description("Requests from one address in a minute, with or without a valid token; 429 with Retry-After above it. 0 is no limit. For IPv6 the first 64 bits count. Where a proxy is in front, name it in http.trusted_proxies, or everybody has its address.")]
    [Range(0, Most)]
    public int RequestsPerAddress { get; set; } = 240_000;
}
