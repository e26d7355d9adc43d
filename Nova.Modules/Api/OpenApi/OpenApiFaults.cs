using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api.OpenApi;

/// <summary>The faults of the Compute API in a document.</summary>
internal static class OpenApiFaults
{
    private static readonly FaultKind[] Kinds =
    [
        FaultKind.BadRequest, FaultKind.Forbidden, FaultKind.NotFound, FaultKind.Conflict, FaultKind.Gone, FaultKind.TooLarge, FaultKind.UnsupportedMediaType, FaultKind.TooManyRequests,
        FaultKind.NotImplemented, FaultKind.Unavailable,
    ];

    /// <summary>What a client reads of a status.</summary>
    public static string Word(int status) => ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } word ? word : "Answer";

    /// <summary>What the document has below <c>components/responses</c>.</summary>
    public static JsonObject Components()
    {
        var responses = new JsonObject { ["unauthorized"] = Response("The token is missing, wrong or over.", "error", ["code", "title", "message"]) };
        foreach (var kind in Kinds)
            responses[NameOf(kind)] = Response(Word((int)kind), Fault.NameOf(kind), ["code", "message"], kind is FaultKind.TooManyRequests or FaultKind.Unavailable);
        responses["fault"] = new JsonObject
        {
            ["description"] = "Any other fault: one member with code and message, whose name tells the kind.",
            ["content"] = Json(new() { ["type"] = "object", ["minProperties"] = 1, ["maxProperties"] = 1, ["additionalProperties"] = Body(["code", "message"]) }),
        };
        return responses;
    }

    /// <summary>Which of them an operation may answer, by status.</summary>
    public static IEnumerable<(string Status, string Name)> Of(IEnumerable<Route> routes, IEnumerable<FaultKind> named, bool hasBody, bool hasParts)
    {
        var all = routes.ToList();
        List<FaultKind> kinds = [FaultKind.BadRequest, FaultKind.TooManyRequests, FaultKind.Unavailable];
        if (all.Exists(route => route.Rule is not null))
            kinds.Add(FaultKind.Forbidden);
        if (hasParts)
            kinds.Add(FaultKind.NotFound);
        if (all.Exists(route => route.Method != "GET") && hasParts)
            kinds.Add(FaultKind.Conflict);
        if (hasBody)
            kinds.AddRange([FaultKind.TooLarge, FaultKind.UnsupportedMediaType]);
        if (all.Exists(route => route.NeedsToken))
            yield return ("401", "unauthorized");
        foreach (var kind in kinds.Concat(named.Where(Kinds.Contains)).Distinct().Order())
            yield return (((int)kind).ToString(CultureInfo.InvariantCulture), NameOf(kind));
        yield return ("default", "fault");
    }

    private static string NameOf(FaultKind kind) => kind.ToString() is var name ? char.ToLowerInvariant(name[0]) + name[1..] : "";

    private static JsonObject Response(string description, string member, string[] always, bool saysWhen = false)
    {
        var response = new JsonObject
        {
            ["description"] = description,
            ["content"] = Json(new()
            {
                ["type"] = "object", ["properties"] = new JsonObject { [member] = Body(always) }, ["required"] = new JsonArray(member),
            }),
        };
        if (saysWhen)
            response["headers"] = new JsonObject { ["Retry-After"] = new JsonObject { ["description"] = "Seconds.", ["schema"] = new JsonObject { ["type"] = "integer" } } };
        return response;
    }

    private static JsonObject Body(string[] always) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["code"] = new JsonObject { ["type"] = "integer" },
            ["message"] = new JsonObject { ["type"] = "string" },
        },
        ["required"] = new JsonArray([.. always.Select(name => JsonValue.Create(name))]),
    };

    private static JsonObject Json(JsonObject schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };
}
