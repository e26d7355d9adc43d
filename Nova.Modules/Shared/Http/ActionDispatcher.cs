using System.Text.Json;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// Addresses such as <c>/servers/{id}/action</c> serve many operations: the single key of the body names the one that is
/// meant. What cannot name one is refused in the original's words.
/// </summary>
internal static class ActionDispatcher
{
    /// <summary>The routes of the action that the body names.</summary>
    public static async ValueTask<Route[]> Choose(RequestContext caller, Route[] routes, CancellationToken ct)
    {
        var name = NameIn(await BodyReader.Element(caller, ct) ?? throw caller.Surface.MalformedBody(), caller);
        var chosen = Array.FindAll(routes, r => r.Action == name);
        return chosen.Length > 0 ? chosen : throw Fault.BadRequest($"There is no such action: {name}");
    }

    // The original takes the length of whatever was sent: one item of something without keys is an address that it does not have.
    private static string NameIn(JsonElement body, RequestContext caller)
    {
        var count = body.ValueKind switch
        {
            JsonValueKind.Object => body.EnumerateObject().Select(m => m.Name).Distinct().Count(),
            JsonValueKind.Array => body.GetArrayLength(),
            JsonValueKind.String => body.GetString()!.Length,
            _ => 1,
        };
        if (count != 1)
            throw caller.Surface.MalformedBody();

        return body.ValueKind == JsonValueKind.Object ? body.EnumerateObject().First().Name : throw caller.Surface.UnknownPath(caller.Http.Request.Path);
    }
}
