using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Conformance;

/// <summary>
/// Bodies and queries made from a schema: a small one, a full one, and full ones with one thing changed. Whether they fit
/// is not known here; that is for the schema to say.
/// </summary>
internal static class Mutations
{
    private static readonly string[] Texts =
    [
        "abc", "10", "1", "-1", "4b7ebcda-1d9c-4a8b-9c0f-0123456789ab", "192.168.0.1", "::1", "2026-01-31T12:00:00Z", "aGVsbG8=", "/dev/vdb", "10.0.0.0/24",
        "True", "AUTO", "name-1", "a", "/12af:34cd",
    ];

    private static readonly string[] OddTexts =
    [
        "", " ", " a", "a ", "a:b", "a,b", "a/b", "é", "a\nb", "a\n", "x@y.z", "-2", "1.5", "99999999999", "True", "on", "[", "(", "2026-13-01T00:00:00Z",
        "300.1.1.1", "::g", "not base64!", "\u200b", "\ud83d\ude00", "property-x",
    ];

    private static readonly string[] OtherKinds = ["null", "true", "false", "0", "-1", "1", "2.5", "99999999999", "\"\"", "\"text\"", "[]", "[null]", "{}", "{\"unknown\": 1}"];

    /// <summary>Bodies for a schema.</summary>
    public static IEnumerable<JsonNode?> Bodies(JsonElement schema)
    {
        yield return null;
        yield return Make(schema, onlyRequired: true);
        foreach (var (full, within) in Alternatives(schema, []))
        {
            yield return full;
            foreach (var mutation in Changes(schema, full, within))
                yield return mutation;
        }
    }

    /// <summary>Queries for a schema: names with their values.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string[]>> Queries(JsonElement schema)
    {
        yield return new Dictionary<string, string[]>();
        yield return new Dictionary<string, string[]> { ["no_such_parameter"] = ["1"] };
        if (!schema.TryGetProperty("properties", out var properties))
            yield break;

        foreach (var property in properties.EnumerateObject())
        {
            foreach (var text in Texts.Concat(OddTexts).Concat(EnumOf(property.Value)))
                yield return new Dictionary<string, string[]> { [property.Name] = [text] };
            yield return new Dictionary<string, string[]> { [property.Name] = ["1", "1"] };
            yield return new Dictionary<string, string[]> { [property.Name] = ["abc", "abd"] };
            yield return new Dictionary<string, string[]> { [property.Name] = [new string('a', 300)] };
        }
    }

    private static IEnumerable<string> EnumOf(JsonElement parameter) =>
        parameter.TryGetProperty("items", out var items) && items.TryGetProperty("enum", out var values)
            ? values.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)
            : [];

    // One whole body, and one for each further choice that the schema leaves somewhere, with the place of that choice.
    private static IEnumerable<(JsonNode? Body, IReadOnlyList<object> Within)> Alternatives(JsonElement schema, IReadOnlyList<object> path)
    {
        yield return (Make(schema, onlyRequired: false), path);
        if (schema.ValueKind != JsonValueKind.Object)
            yield break;

        foreach (var choice in Choices(schema).Skip(1))
            yield return (Make(choice, onlyRequired: false), path);
        if (schema.TryGetProperty("properties", out var properties))
            foreach (var property in properties.EnumerateObject())
                foreach (var (other, within) in Alternatives(property.Value, [.. path, property.Name]).Skip(1))
                    if (Make(schema, onlyRequired: false) is JsonObject whole)
                    {
                        whole[property.Name] = other;
                        yield return (whole, within);
                    }
    }

    private static IEnumerable<JsonNode?> Changes(JsonElement schema, JsonNode? full, IReadOnlyList<object> within)
    {
        foreach (var path in Places(full, []).Where(p => p.Count >= within.Count && p.Take(within.Count).SequenceEqual(within)))
        {
            foreach (var kind in OtherKinds)
                yield return With(full, path, JsonNode.Parse(kind));
            foreach (var text in Value(full, path) is JsonObject or JsonArray ? Texts.Take(2) : Texts.Concat(OddTexts).Append(new string('a', 256)))
                yield return With(full, path, text);
            foreach (var value in Extremes(At(schema, path)))
                yield return With(full, path, value);
            if (path.Count > 0)
                yield return Without(full, path);
            if (Value(full, path) is JsonObject members)
                yield return With(full, path, Added(members, "no_such_member"));
            if (Value(full, path) is JsonArray { Count: > 0 } items)
            {
                yield return With(full, path, new JsonArray([items[0]?.DeepClone(), items[0]?.DeepClone()]));
                yield return With(full, path, new JsonArray());
                yield return With(full, path, new JsonArray([.. Enumerable.Repeat(0, 60).Select(_ => items[0]?.DeepClone())]));
            }
        }
    }

    private static IEnumerable<JsonNode?> Extremes(JsonElement? schema)
    {
        if (schema is not { ValueKind: JsonValueKind.Object } at)
            yield break;

        foreach (var bound in new[] { "minimum", "maximum" })
            if (at.TryGetProperty(bound, out var value) && value.TryGetInt64(out var number))
                foreach (var near in new[] { number - 1, number, number + 1 })
                {
                    yield return near;
                    yield return near.ToString(CultureInfo.InvariantCulture);
                }

        foreach (var bound in new[] { "minLength", "maxLength" })
            if (at.TryGetProperty(bound, out var value) && value.GetInt32() is var length and < 100_000)
                foreach (var near in new[] { length - 1, length, length + 1 }.Where(n => n >= 0))
                    yield return new string('a', near);

        if (at.TryGetProperty("enum", out var values))
            foreach (var value in values.EnumerateArray())
                yield return Node(value);
    }

    private static JsonNode? Make(JsonElement schema, bool onlyRequired)
    {
        if (schema.ValueKind != JsonValueKind.Object)
            return JsonValue.Create("abc");
        if (schema.TryGetProperty("enum", out var values))
            return Node(values[0]);
        if (Choices(schema).FirstOrDefault() is { ValueKind: JsonValueKind.Object } choice && !schema.TryGetProperty("properties", out _))
            return Make(choice, onlyRequired);

        return TypeOf(schema) switch
        {
            "object" => Object(schema, onlyRequired),
            "array" => new JsonArray(schema.TryGetProperty("items", out var item) ? [Make(item, onlyRequired)] : []),
            "integer" or "number" => schema.TryGetProperty("minimum", out var least) ? Math.Max(1, least.GetInt64()) : 1,
            "boolean" => true,
            "null" => null,
            "string" => Texts.Select(t => JsonValue.Create(t)).FirstOrDefault(t => JsonSchema.Problems(schema, Element(t)).Count == 0) ?? JsonValue.Create("abc"),
            _ => JsonValue.Create("abc"),
        };
    }

    private static JsonObject Object(JsonElement schema, bool onlyRequired)
    {
        var made = new JsonObject();
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(n => n.GetString()!).ToHashSet() : [];
        if (schema.TryGetProperty("properties", out var properties))
            foreach (var property in properties.EnumerateObject().Where(p => !onlyRequired || required.Contains(p.Name)))
                made[property.Name] = Make(property.Value, onlyRequired);
        if (schema.TryGetProperty("patternProperties", out var patterns))
            foreach (var pattern in patterns.EnumerateObject())
                if (Texts.Append("property-x").FirstOrDefault(t => System.Text.RegularExpressions.Regex.IsMatch(t, pattern.Name)) is { } name)
                    made[name] = Make(pattern.Value, onlyRequired);
        return made;
    }

    private static IEnumerable<JsonElement> Choices(JsonElement schema)
    {
        foreach (var keyword in new[] { "oneOf", "anyOf", "allOf" })
            if (schema.TryGetProperty(keyword, out var schemas))
                foreach (var choice in schemas.EnumerateArray())
                    yield return choice;
    }

    private static string? TypeOf(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? null
        : type.ValueKind == JsonValueKind.Array ? type[0].GetString() : type.GetString();

    private static JsonElement? At(JsonElement schema, IReadOnlyList<object> path)
    {
        foreach (var part in path)
        {
            var next = default(JsonElement);
            var found = part is int ? schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("items", out next)
                : schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty((string)part, out next);
            if (!found)
                return null;
            schema = next;
        }

        return schema;
    }

    private static IEnumerable<List<object>> Places(JsonNode? node, List<object> path)
    {
        yield return path;
        if (node is JsonObject members)
            foreach (var (name, value) in members)
                foreach (var inner in Places(value, [.. path, name]))
                    yield return inner;
        if (node is JsonArray { Count: > 0 } items)
            foreach (var inner in Places(items[0], [.. path, 0]))
                yield return inner;
    }

    private static JsonNode? Value(JsonNode? node, IReadOnlyList<object> path) =>
        path.Aggregate(node, (at, part) => part is int index ? at![index] : at![(string)part]);

    private static JsonNode? With(JsonNode? full, IReadOnlyList<object> path, JsonNode? value)
    {
        if (path.Count == 0)
            return value;

        var copy = full!.DeepClone();
        var parent = Value(copy, [.. path.SkipLast(1)])!;
        if (path[^1] is int index)
            parent[index] = value;
        else
            parent[(string)path[^1]] = value;
        return copy;
    }

    private static JsonNode? Without(JsonNode? full, IReadOnlyList<object> path)
    {
        var copy = full!.DeepClone();
        var parent = Value(copy, [.. path.SkipLast(1)])!;
        if (path[^1] is int index)
            parent.AsArray().RemoveAt(index);
        else
            parent.AsObject().Remove((string)path[^1]);
        return copy;
    }

    private static JsonObject Added(JsonObject members, string name)
    {
        var more = members.DeepClone().AsObject();
        more[name] = 1;
        return more;
    }

    private static JsonNode? Node(JsonElement value) => JsonNode.Parse(value.GetRawText());

    private static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
