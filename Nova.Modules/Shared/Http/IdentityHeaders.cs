using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// The headers with which an authenticating proxy tells a service who asks. There is no such proxy in front of this
/// service, so whatever a client sends in them is thrown away before a handler sees the request.
/// </summary>
internal static class IdentityHeaders
{
    private static readonly string[] Prefixes =
    [
        "X-Identity-", "X-User", "X-Project", "X-Tenant", "X-Domain", "X-Role", "X-Is-Admin", "X-Trust", "X-Service-User",
        "X-Service-Project", "X-Service-Domain", "X-Service-Role", "X-Service-Identity", "X-Service-Catalog", "OpenStack-System-Scope",
    ];

    /// <summary>Removes them.</summary>
    public static void Drop(IHeaderDictionary headers)
    {
        List<string>? found = null;
        foreach (var (name, _) in headers)
            if (Array.Exists(Prefixes, p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
                (found ??= []).Add(name);
        foreach (var name in found ?? [])
            headers.Remove(name);
    }
}
