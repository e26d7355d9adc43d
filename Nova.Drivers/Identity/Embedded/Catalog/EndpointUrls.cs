using System.Text.RegularExpressions;
using Nova.Modules.Shared;

namespace Nova.Drivers.Identity.Embedded.Catalog;

/// <summary>Addresses in which <c>$(project_id)s</c> and the like stand for what a token says.</summary>
internal static partial class EndpointUrls
{
    /// <summary>The address for a token; null when it needs a project and the token has none.</summary>
    public static string? Fill(string url, string? projectId, string userId)
    {
        if (!url.Contains("(", StringComparison.Ordinal))
            return url;

        var isComplete = true;
        var filled = Variable().Replace(url, match =>
        {
            var value = match.Groups[1].Value == "user_id" ? userId : projectId;
            isComplete &= value is not null;
            return value ?? "";
        });
        return isComplete ? filled : null;
    }

    /// <summary>Refuses what no client could use.</summary>
    /// <exception cref="Fault">400.</exception>
    public static void Check(string url)
    {
        var rest = Variable().Replace(url, "x");
        if (rest.Contains("$(", StringComparison.Ordinal) || rest.Contains("%(", StringComparison.Ordinal) || !Uri.TryCreate(rest, UriKind.Absolute, out var parsed)
            || parsed.Scheme is not ("http" or "https"))
            throw Fault.BadRequest($"Cannot create an endpoint with an invalid URL: {IdentityWire.Short(url)}.");
    }

    [GeneratedRegex(@"[$%]\((project_id|tenant_id|user_id)\)s", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
