using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Shared.Http;

/// <summary>How this service names itself in links.</summary>
public static class PublicUrls
{
    /// <summary>The scheme and authority that clients are told, from the setting <c>public_url</c>; null takes the request's own.</summary>
    public static string? Configured { get; set; }

    /// <summary>Scheme and authority without a slash at the end.</summary>
    public static string Of(HttpRequest request) => Configured ?? $"{request.Scheme}://{request.Host}";
}
