using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Shared.Http;

/// <summary>The id of a request: <c>req-UUID</c>, made once per request; and the id that spans services, which a caller may send.</summary>
public static partial class RequestIds
{
    private static readonly object Key = new();

    /// <summary>The id of this request.</summary>
    public static string Of(HttpContext http, Ids ids)
    {
        if (http.Items.TryGetValue(Key, out var known))
            return (string)known!;

        var id = "req-" + ids.Next();
        http.Items[Key] = id;
        return id;
    }

    /// <summary>The id that the calling service sent in X-OpenStack-Request-ID, or null when there is none or it is not of the form req-UUID.</summary>
    public static string? GlobalOf(HttpContext http) =>
        http.Request.Headers.TryGetValue("X-OpenStack-Request-ID", out var values) && values is [{ } sent] && Form().IsMatch(sent) ? sent : null;

    [GeneratedRegex(@"^req-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}\z")]
    private static partial Regex Form();
}
