using System.Net;
using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Shared.Http;

/// <summary>Believes X-Forwarded-For, -Proto and -Host of the configured proxies, and of nobody else.</summary>
public sealed class ForwardedHeaders(RequestDelegate next, HttpSettings settings)
{
    private readonly HashSet<IPAddress> _proxies = [.. settings.TrustedProxies.Select(IPAddress.Parse)];

    /// <summary>Takes the headers over.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is { } peer && _proxies.Contains(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer))
            Apply(http);
        return next(http);
    }

    // The last entry is the one that our proxy wrote; earlier ones are the client's claims.
    private static void Apply(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (Last(headers["X-Forwarded-Proto"]) is ("http" or "https") and var scheme)
            http.Request.Scheme = scheme;
        if (Last(headers["X-Forwarded-Host"]) is { } host)
            http.Request.Host = new(host);
        if (IPAddress.TryParse(Last(headers["X-Forwarded-For"]), out var client))
            http.Connection.RemoteIpAddress = client;
    }

    private static string? Last(string? header) => string.IsNullOrEmpty(header) ? null : header.Split(',')[^1].Trim();
}
