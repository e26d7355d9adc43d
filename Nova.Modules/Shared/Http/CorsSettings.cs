using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Shared.Http;

/// <summary>Which web pages of other origins may call the APIs from a browser.</summary>
[SettingsSection("cors")]
public sealed record CorsSettings
{
    /// <summary>Origins; none turns it off.</summary>
    [Description("Origins (scheme, host and port, such as https://portal.example.org) whose pages may call the APIs from a browser; * for every one. None turns it off.")]
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Names of headers.</summary>
    [Description("Headers of requests that such pages may send beside the simple ones.")]
    public IReadOnlyList<string> AllowHeaders { get; init; } =
        ["Content-Type", "X-Auth-Token", "X-OpenStack-Request-ID", "OpenStack-API-Version", "X-OpenStack-Nova-API-Version"];

    /// <summary>Names of headers.</summary>
    [Description("Headers of answers that such pages may read beside the simple ones.")]
    public IReadOnlyList<string> ExposeHeaders { get; init; } =
        ["Location", "X-Subject-Token", "X-OpenStack-Request-ID", "OpenStack-API-Version", "X-OpenStack-Nova-API-Version"];

    /// <summary>Seconds.</summary>
    [Description("How long a browser may remember what a preflight request was told, in seconds."), Range(0, 86_400)]
    public int MaxAge { get; init; } = 3600;
}
