using System.Globalization;
using System.Text.Json.Nodes;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api.OpenApi;

/// <summary>
/// The Compute API in one microversion as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1): the routes that
/// exist in it, with the records that they read and write.
/// </summary>
internal sealed class OpenApiDocument(Microversion version)
{
    private readonly OpenApiSchemas _schemas = new(version);

    /// <summary>The document of these routes.</summary>
    public JsonObject Of(IEnumerable<Route> routes)
    {
        var paths = new JsonObject();
        foreach (var address in routes.Where(IsThere).GroupBy(route => Shape(route.Template)).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var template = address.First().Template;
            paths[PathOf(template)] = new JsonObject(address.GroupBy(route => route.Method.ToLowerInvariant())
                .Select(method => KeyValuePair.Create(method.Key, (JsonNode?)Operation(template, [.. method]))));
        }

        return new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Compute API of nova-host",
                ["version"] = version.ToString(),
                ["description"] = $"Microversion {version} of the OpenStack Compute API as this release serves it: made from its routes, and from the rules by which it judges requests.",
                ["license"] = new JsonObject { ["name"] = "Apache 2.0", ["identifier"] = "Apache-2.0" },
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = ComputeSurface.Prefix }),
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-Auth-Token", ["description"] = "A token of the identity service." },
                },
                ["parameters"] = new JsonObject { ["version"] = VersionHeader() },
                ["responses"] = OpenApiFaults.Components(),
                ["schemas"] = _schemas.Components,
            },
        };
    }

    private bool IsThere(Route route) => route.FirstMinor <= version.Minor && version.Minor <= route.LastMinor && !route.Template.Contains("{**", StringComparison.Ordinal);

    private JsonObject Operation(string template, IReadOnlyList<Route> routes)
    {
        var shapes = routes.Select(route => (Route: route, Shape: HandlerShape.Of(route.Handler, version))).ToList();
        var path = PathOf(template);
        var operation = new JsonObject
        {
            ["operationId"] = $"{routes[0].Method.ToLowerInvariant()}{string.Concat(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(part => "_" + part.Trim('{', '}').Replace('-', '_')))}",
            ["tags"] = new JsonArray(path.Split('/') is [_, { Length: > 0 } collection, ..] ? collection : "versions"),
            ["parameters"] = new JsonArray([.. Parameters(template), .. shapes.SelectMany(s => s.Shape.Queries).Distinct().SelectMany(_schemas.Query).DistinctBy(p => (string)p["name"]!)]),
        };
        if (routes.All(route => !route.NeedsToken))
            operation["security"] = new JsonArray();
        if (shapes.TrueForAll(s => s.Shape.Answers.Count == 0 && s.Shape.Faults.Contains(FaultKind.Gone)))
            operation["deprecated"] = true;
        if (shapes.TrueForAll(s => s.Shape.Answers.Count == 0 && s.Shape.Faults.Count > 0))
            operation["description"] = "This release refuses it.";
        if (Body(shapes) is { } body)
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Json(body) };
        operation["responses"] = Responses(shapes, hasBody: operation.ContainsKey("requestBody"), hasParts: template.Contains('{', StringComparison.Ordinal));
        if (routes.Select(route => route.Rule).OfType<string>().Distinct().ToArray() is { Length: > 0 } rules)
            operation["x-policy"] = new JsonArray([.. rules.Select(rule => JsonValue.Create(rule))]);
        return operation;
    }

    private static IEnumerable<JsonNode> Parameters(string template)
    {
        yield return new JsonObject { ["$ref"] = "#/components/parameters/version" };
        foreach (var part in template.Split('/').Where(part => part.StartsWith('{')))
            yield return new JsonObject { ["name"] = part.Trim('{', '}'), ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } };
    }

    private JsonObject? Body(IEnumerable<(Route Route, HandlerShape Shape)> shapes)
    {
        var bodies = shapes.SelectMany(s => s.Shape.Bodies.Count > 0 ? s.Shape.Bodies.Select(_schemas.Request) : s.Route.Action is { } action ? [AnyOf(action)] : []).ToArray();
        return bodies switch { [] => null, [var one] => one, _ => new() { ["oneOf"] = new JsonArray([.. bodies]) } };
    }

    private static JsonObject AnyOf(string action) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { [action] = new JsonObject() },
        ["required"] = new JsonArray(action),
        ["additionalProperties"] = false,
    };

    private JsonObject Responses(IReadOnlyList<(Route Route, HandlerShape Shape)> shapes, bool hasBody, bool hasParts)
    {
        var responses = new JsonObject();
        foreach (var status in shapes.SelectMany(s => s.Shape.Answers).GroupBy(answer => answer.Status).OrderBy(g => g.Key))
        {
            var bodies = status.Select(answer => answer.Body).OfType<Type>().Distinct().Select(_schemas.Response).ToArray();
            var response = new JsonObject { ["description"] = OpenApiFaults.Word(status.Key) };
            if (bodies.Length > 0)
                response["content"] = Json(bodies is [var one] ? one : new() { ["anyOf"] = new JsonArray([.. bodies]) });
            responses[status.Key.ToString(CultureInfo.InvariantCulture)] = response;
        }

        foreach (var (status, name) in OpenApiFaults.Of(shapes.Select(s => s.Route), shapes.SelectMany(s => s.Shape.Faults), hasBody, hasParts))
            responses.TryAdd(status, new JsonObject { ["$ref"] = "#/components/responses/" + name });
        return responses;
    }

    private static JsonObject VersionHeader() => new()
    {
        ["name"] = "OpenStack-API-Version",
        ["in"] = "header",
        ["description"] = "The microversion; without it 2.1.",
        ["schema"] = new JsonObject { ["type"] = "string", ["examples"] = new JsonArray("compute 2.104") },
    };

    private static JsonObject Json(JsonNode schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };

    private static string PathOf(string template) => template.Length > ComputeSurface.Prefix.Length ? template[ComputeSurface.Prefix.Length..] : "/";

    // Two addresses that differ in the names of their parts are one.
    private static string Shape(string template) => string.Join('/', template.Split('/').Select(part => part.StartsWith('{') ? "{}" : part));
}
