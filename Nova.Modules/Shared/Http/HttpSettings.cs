using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Shared.Http;

/// <summary>What the HTTP listener accepts.</summary>
[SettingsSection("http")]
public sealed record HttpSettings : IValidatableObject
{
    /// <summary>Bytes.</summary>
    [Description("The largest total of a request's headers, in bytes; 431 above it."), Range(4096, 1_048_576)]
    public int MaxHeaderBytes { get; init; } = 32_768;

    /// <summary>Headers.</summary>
    [Description("The largest number of headers in a request; 431 above it."), Range(20, 1000)]
    public int MaxHeaders { get; init; } = 100;

    /// <summary>Bytes.</summary>
    [Description("The longest request line (method, address, query), in bytes; 414 above it."), Range(1024, 1_048_576)]
    public int MaxRequestLineBytes { get; init; } = 16_384;

    /// <summary>Seconds.</summary>
    [Description("How long a client may take to send its headers, in seconds."), Range(1, 600)]
    public int HeaderSeconds { get; init; } = 10;

    /// <summary>Bytes per second.</summary>
    [Description("The slowest rate at which a body may arrive, in bytes per second, after a grace of 5 seconds; 0 turns the limit off."), Range(0, 1_000_000)]
    public int MinBodyBytesPerSecond { get; init; } = 240;

    /// <summary>Requests.</summary>
    [Description("How many requests of one project are served at once; 429 with Retry-After above it."), Range(1, 1_000_000)]
    public int RequestsPerProject { get; set; } = 100;

    /// <summary>Rows.</summary>
    [Description("The most items that one page of a list holds."), Range(1, 1000)]
    public int MaxPage { get; set; } = 1000;

    /// <summary>Scheme and authority, or null.</summary>
    [Description("Scheme and authority that links tell clients, such as https://cloud.example.org; null takes what the client called.")]
    [RegularExpression("^https?://[^/]+$", ErrorMessage = "http://HOST[:PORT] or https://HOST[:PORT]")]
    public string? PublicUrl { get; init; }

    /// <summary>Addresses.</summary>
    [Description("Addresses or networks (10.0.0.5, 10.0.1.0/24) of proxies whose X-Forwarded-For, -Proto and -Host count; from anyone else they are ignored.")]
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => TrustedProxies.Where(text => NetworkOf(text) is null)
        .Select(text => new ValidationResult($"'{text}' is neither an IP address nor a network such as 10.0.1.0/24.", [nameof(TrustedProxies)]));

    /// <summary>The network that a text means, a single address being one; null for anything else.</summary>
    internal static IPNetwork? NetworkOf(string text) =>
        IPAddress.TryParse(text, out var address) ? new(address, address.GetAddressBytes().Length * 8) : IPNetwork.TryParse(text, out var network) ? network : null;
}
