using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Nova.Tests.Support;

/// <summary>
/// The part of JSON Schema 2020-12 that the published schemas use, in their dialect: formats are asserted, and bounds hold
/// for numbers in strings too. A test compares its verdicts with those of Debian's python3-jsonschema.
/// </summary>
public static class JsonSchema
{
    /// <summary>What does not fit, each with its place; empty when all is good.</summary>
    public static IReadOnlyList<string> Problems(JsonElement schema, JsonElement value, string at = "$")
    {
        if (schema.ValueKind == JsonValueKind.True)
            return [];
        if (schema.ValueKind == JsonValueKind.False)
            return [$"{at}: nothing is allowed here"];

        return [.. schema.EnumerateObject().SelectMany(keyword => Check(keyword, schema, value, at))];
    }

    private static IEnumerable<string> Check(JsonProperty keyword, JsonElement schema, JsonElement value, string at) => keyword.Name switch
    {
        "type" => Type(keyword.Value, value, at),
        "enum" => keyword.Value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)) ? [] : [$"{at}: {value} is not one of {keyword.Value}"],
        "const" => JsonElement.DeepEquals(keyword.Value, value) ? [] : [$"{at}: {value} is not {keyword.Value}"],
        "properties" => Properties(keyword.Value, value, at),
        "patternProperties" => PatternProperties(keyword.Value, value, at),
        "additionalProperties" => Additional(keyword.Value, schema, value, at),
        "required" => Required(keyword.Value, value, at),
        "items" => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany((item, i) => Problems(keyword.Value, item, $"{at}[{i}]")) : [],
        "oneOf" => Matches(keyword.Value, value, at) == 1 ? [] : [$"{at}: fits {Matches(keyword.Value, value, at)} of the alternatives instead of one"],
        "anyOf" => Matches(keyword.Value, value, at) > 0 ? [] : [$"{at}: fits none of the alternatives"],
        "allOf" => keyword.Value.EnumerateArray().SelectMany(s => Problems(s, value, at)),
        "not" => Problems(keyword.Value, value, at).Count > 0 ? [] : [$"{at}: fits what it must not"],
        "pattern" => value.ValueKind == JsonValueKind.String && !IsMatch(value.GetString()!, keyword.Value.GetString()!) ? [$"{at}: {value} does not match"] : [],
        "format" => value.ValueKind == JsonValueKind.String && !SchemaFormats.Fits(keyword.Value.GetString()!, value.GetString()!) ? [$"{at}: {value} is no {keyword.Value}"] : [],
        "minLength" => value.ValueKind == JsonValueKind.String && Length(value) < keyword.Value.GetInt32() ? [$"{at}: too short"] : [],
        "maxLength" => value.ValueKind == JsonValueKind.String && Length(value) > keyword.Value.GetInt32() ? [$"{at}: too long"] : [],
        "minItems" => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() < keyword.Value.GetInt32() ? [$"{at}: too few items"] : [],
        "maxItems" => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > keyword.Value.GetInt32() ? [$"{at}: too many items"] : [],
        "uniqueItems" => value.ValueKind == JsonValueKind.Array && keyword.Value.GetBoolean() && HasTwins([.. value.EnumerateArray()]) ? [$"{at}: equal items"] : [],
        "minProperties" => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Count() < keyword.Value.GetInt32() ? [$"{at}: too few members"] : [],
        "maxProperties" => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Count() > keyword.Value.GetInt32() ? [$"{at}: too many members"] : [],
        "prefixItems" => value.ValueKind == JsonValueKind.Array ? keyword.Value.EnumerateArray().Zip(value.EnumerateArray()).SelectMany((p, i) => Problems(p.First, p.Second, $"{at}[{i}]")) : [],
        "minimum" => NumberIn(value) < keyword.Value.GetDouble() ? [$"{at}: too small"] : [],
        "maximum" => NumberIn(value) > keyword.Value.GetDouble() ? [$"{at}: too large"] : [],
        "exclusiveMinimum" => value.ValueKind == JsonValueKind.Number && value.GetDouble() <= keyword.Value.GetDouble() ? [$"{at}: too small"] : [],
        _ => [],
    };

    private static readonly ConcurrentDictionary<string, Regex> Expressions = new();

    private static bool IsMatch(string text, string expression) => Expressions.GetOrAdd(expression, e => new(e, RegexOptions.CultureInvariant, TimeSpan.FromMinutes(1))).IsMatch(text);

    private static int Length(JsonElement text) => text.GetString()!.EnumerateRunes().Count();

    private static double? NumberIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => null,
    };

    private static bool HasTwins(JsonElement[] items) => items.Where((item, i) => items.Skip(i + 1).Any(other => JsonElement.DeepEquals(item, other))).Any();

    private static int Matches(JsonElement schemas, JsonElement value, string at) => schemas.EnumerateArray().Count(s => Problems(s, value, at).Count == 0);

    private static IEnumerable<string> Type(JsonElement type, JsonElement value, string at)
    {
        IEnumerable<JsonElement> types = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray() : [type];
        return types.Any(t => Is(value, t.GetString()!)) ? [] : [$"{at}: {value.ValueKind} {value} is not {type}"];
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind.ToString().Equals(type, StringComparison.OrdinalIgnoreCase),
    };

    private static IEnumerable<string> Properties(JsonElement properties, JsonElement value, string at) => value.ValueKind != JsonValueKind.Object
        ? []
        : properties.EnumerateObject().SelectMany(p => value.TryGetProperty(p.Name, out var member) ? Problems(p.Value, member, $"{at}.{p.Name}") : []);

    private static IEnumerable<string> PatternProperties(JsonElement patterns, JsonElement value, string at) => value.ValueKind != JsonValueKind.Object
        ? []
        : from pattern in patterns.EnumerateObject()
          from member in value.EnumerateObject()
          where IsMatch(member.Name, pattern.Name)
          from problem in Problems(pattern.Value, member.Value, $"{at}.{member.Name}")
          select problem;

    private static IEnumerable<string> Additional(JsonElement additional, JsonElement schema, JsonElement value, string at) => value.ValueKind != JsonValueKind.Object
        ? []
        : value.EnumerateObject().Where(m => !IsKnown(schema, m.Name)).SelectMany(m => Problems(additional, m.Value, string.Create(CultureInfo.InvariantCulture, $"{at}.{m.Name}")));

    private static bool IsKnown(JsonElement schema, string name) =>
        (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out _))
        || (schema.TryGetProperty("patternProperties", out var patterns) && patterns.EnumerateObject().Any(p => IsMatch(name, p.Name)));

    private static IEnumerable<string> Required(JsonElement names, JsonElement value, string at) => value.ValueKind != JsonValueKind.Object
        ? []
        : names.EnumerateArray().Where(n => !value.TryGetProperty(n.GetString()!, out _)).Select(n => $"{at}: '{n}' is missing");
}
