using System.Net;
using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Shared.Http;

/// <summary>Believes X-Forwarded-For, -Proto and -Host of the configured proxies, and of nobody else.</summary>
public sealed class ForwardedHeaders(RequestDelegate next, HttpSettings settings)
{
    private readonly IPNetwork[] _proxies = [.. settings.TrustedProxies.Select(HttpSettings.NetworkOf).OfType<IPNetwork>()];

    /// <summary>Takes the headers over.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (_proxies.Length > 0 && http.Connection.RemoteIpAddress is { } peer && IsProxy(peer))
            Apply(http);
        return next(http);
    }

    // Of scheme and host the last entry is the one that our proxy wrote; earlier ones are the client's claims.
    private void Apply(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (Last(headers["X-Forwarded-Proto"]) is ("http" or "https") and var scheme)
            http.Request.Scheme = scheme;
        if (Last(headers["X-Forwarded-Host"]) is { } host)
            http.Request.Host = new(host);
        if (ClientIn(headers["X-Forwarded-For"].ToString()) is { } client)
            http.Connection.RemoteIpAddress = client;
    }

    // Each proxy appends who called it. From the right, the first who is no proxy of ours is the client; what stands before is the client's claim.
    private IPAddress? ClientIn(string header)
    {
        IPAddress? client = null;
        foreach (var entry in header.Split(',', StringSplitOptions.TrimEntries).Reverse())
        {
            if (!IPAddress.TryParse(entry, out var address) && !(IPEndPoint.TryParse(entry, out var endpoint) && (address = endpoint.Address) is not null))
                return client;
            client = Plain(address!);
            if (!IsProxy(client))
                return client;
        }

        return client;
    }

    private bool IsProxy(IPAddress address) => Array.Exists(_proxies, proxy => proxy.Contains(Plain(address)));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string? Last(string? header) => string.IsNullOrEmpty(header) ? null : header.Split(',')[^1].Trim();
}
