using System.Globalization;
using System.Text.Json;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Api;

/// <summary>What handlers of the Placement API read and write in the same way.</summary>
internal static class PlacementRequests
{
    private const string Json = "application/json";

    // Since then answers with a body say how old they are.
    private const int DatedSince = 15;

    /// <summary>A handler that answers JSON: 406 for a client that takes none.</summary>
    public static Handler GivesJson(Handler handler) => (caller, ct) => AcceptHeader.Of(caller.Http.Request).Quality(Json) > 0
        ? handler(caller, ct)
        : throw new Fault(FaultKind.NotAcceptable, Message.Of($"Only {Json} is provided"));

    /// <summary>A handler that takes JSON: 415 for anything else.</summary>
    public static Handler TakesJson(Handler handler) => (caller, ct) =>
    {
        var type = caller.Http.Request.ContentType?.Split(';')[0].Trim() is { Length: > 0 } sent ? sent : "None";
        return type.Equals(Json, StringComparison.OrdinalIgnoreCase)
            ? handler(caller, ct)
            : throw new Fault(FaultKind.UnsupportedMediaType, Message.Of($"The media type {type} is not supported, use {Json}"));
    };

    /// <summary>The body, which fits the form that the request has in the caller's version.</summary>
    /// <exception cref="Fault">400 in the words of the original's schema library.</exception>
    public static async Task<JsonElement> BodyAs(this RequestContext caller, Versions forms, CancellationToken ct)
    {
        var body = await BodyReader.Element(caller, ct) ?? throw caller.Surface.MalformedBody("Expecting value: line 1 column 1 (char 0)");
        var schema = forms.At(caller.Version.Minor);
        return schema.Accepts(body) ? body : throw Invalid(body, schema);
    }

    /// <summary>The 400 of a JSON document that does not fit.</summary>
    public static Fault Invalid(JsonElement body, Schema schema) => Fault.BadRequest($"JSON does not validate: {SchemaRefusal.Of(body, schema)}");

    /// <summary>Checks the query, of which the last value of each parameter counts.</summary>
    /// <exception cref="Fault">400 in the words of the original's schema library.</exception>
    public static void CheckQuery(this RequestContext caller, Versions forms) =>
        caller.CheckQuery(forms, caller.Http.Request.Query.Select(p => KeyValuePair.Create(p.Key, p.Value[^1] ?? "")));

    /// <summary>The same for parameters whose names differ by case.</summary>
    /// <exception cref="Fault">400 in the words of the original's schema library.</exception>
    public static void CheckQuery(this RequestContext caller, Versions forms, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in pairs)
            last[name] = value;
        var query = JsonSerializer.SerializeToElement(last);
        var schema = forms.At(caller.Version.Minor);
        if (!schema.Accepts(query))
            throw Fault.BadRequest($"Invalid query string parameters: {SchemaRefusal.Of(query, schema)}");
    }

    /// <summary>The provider or consumer that the address names, or null when the name is no UUID, which no row has.</summary>
    public static Guid? RouteUuid(this RequestContext caller, string name) => Guid.TryParseExact(caller.Route(name), "D", out var id) ? id : null;

    /// <summary>Where something is, relative to the service's host, as links give it.</summary>
    public static string Place(this RequestContext caller, string path) => caller.Http.Request.PathBase + PlacementSurface.Prefix + path;

    /// <summary>The answer with the place of what it is about, which is absolute there.</summary>
    public static Answer At(this Answer answer, RequestContext caller, string place) => answer.With("Location", caller.Link(place));

    /// <summary>The answer with its age (1.15): when what it shows was changed, in milliseconds since 1970 UTC.</summary>
    public static Answer Dated(this Answer answer, RequestContext caller, long changedAt) => caller.Since(DatedSince)
        ? answer.With("Last-Modified", DateTimeOffset.FromUnixTimeMilliseconds(changedAt).ToString("R", CultureInfo.InvariantCulture)).With("Cache-Control", "no-cache")
        : answer;
}
