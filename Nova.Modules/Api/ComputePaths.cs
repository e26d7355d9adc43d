using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>
/// Brings every accepted form of a Compute address to <c>/v2.1/…</c> before routing: an optional <c>/compute</c> in front,
/// <c>/v2</c>, and a project id after the tree. What was there is kept as a <see cref="ComputeAddress"/>.
/// </summary>
public sealed class ComputePaths(RequestDelegate next, RouteTable routes)
{
    private readonly HashSet<string> _collections = routes.FirstPartsBelow(ComputeSurface.Prefix);

    /// <summary>Rewrites the path.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var request = http.Request;
        if (request.Path.StartsWithSegments("/compute", StringComparison.Ordinal, out var rest))
        {
            request.PathBase = request.PathBase.Add("/compute");
            request.Path = rest;
        }

        foreach (var tree in (ReadOnlySpan<string>)["v2.1", "v2"])
            if (request.Path.StartsWithSegments("/" + tree, StringComparison.Ordinal, out var below))
            {
                Rewrite(http, tree, below.Value ?? "");
                break;
            }

        return next(http);
    }

    private void Rewrite(HttpContext http, string tree, string below)
    {
        var parts = below.Split('/', 3);
        var project = parts.Length > 1 && IsProject(parts[1], parts.Length > 2 ? parts[2] : "") ? parts[1] : null;
        if (project is not null)
            below = parts.Length > 2 ? "/" + parts[2] : "/";

        http.Features.Set(new ComputeAddress(tree, project));
        http.Request.Path = ComputeSurface.Prefix + below;
    }

    // Project ids are hexadecimal with Keystone; other identity services may name them as they like.
    private bool IsProject(string part, string rest) =>
        part.Length > 0 && !_collections.Contains(part) && (part.All(c => char.IsAsciiHexDigitLower(c) || c == '-') || _collections.Contains(rest.Split('/')[0]));
}
