using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Nova.Modules.Shared.Http.Validation;

/// <summary>The checks that schemas are made of. Each refuses in the words of the original's schema library, and looks only at the kinds of value that it concerns.</summary>
public static class Checks
{
    /// <summary>Runs the checks in order; the first refusal is the answer.</summary>
    public static Refusal? First(IReadOnlyList<Check> checks, JsonElement value)
    {
        for (var i = 0; i < checks.Count; i++)
            if (checks[i].Judge(value) is { } refusal)
                return refusal;

        return null;
    }

    /// <summary>The value is of one of the JSON types, named as schemas do.</summary>
    public static Check Type(params string[] types) => new(
        value => Array.Exists(types, type => Is(value, type)) ? null : Refuse(value, $"{PythonText.Quoted(value)} is not of type {string.Join(", ", types.Select(PythonText.Quoted))}"),
        schema => schema.Put("type", types.Length == 1 ? types[0] : new JsonArray([.. types.Select(type => JsonValue.Create(type))])));

    /// <summary>The value is one of these; values are compared as JSON.</summary>
    public static Check OneOf(IReadOnlyList<JsonElement> values)
    {
        var listed = $"[{string.Join(", ", values.Select(PythonText.Quoted))}]";
        return new(
            value =>
            {
                for (var i = 0; i < values.Count; i++)
                    if (JsonElement.DeepEquals(values[i], value))
                        return null;
                return Refuse(value, $"{PythonText.Quoted(value)} is not one of {listed}");
            },
            schema => schema.Put("enum", new JsonArray([.. values.Select(value => JsonSerializer.SerializeToNode(value))])));
    }

    /// <summary>Bounds on a string's length.</summary>
    public static Check Length(int min, int max) => new(
        value =>
        {
            if (value.ValueKind != JsonValueKind.String)
                return null;

            var length = CodePoints(value.GetString()!);
            return length < min ? Refuse(value, TooShort(value, min)) : length > max ? Refuse(value, $"{PythonText.Quoted(value)} is too long") : null;
        },
        schema => schema.PutBounds("Length", min, max));

    /// <summary>A regular expression is found in a string.</summary>
    public static Check Pattern(string expression)
    {
        var regex = new Regex(expression, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return new(
            value => value.ValueKind != JsonValueKind.String || regex.IsMatch(value.GetString()!)
                ? null
                : Refuse(value, $"{PythonText.Quoted(value)} does not match {PythonText.Quoted(expression)}"),
            schema => schema.Put("pattern", JsonSchemas.Standard(expression)));
    }

    /// <summary>A string fits a named format.</summary>
    public static Check Format(string name)
    {
        var sentence = Formats.SentenceOf(name);
        return new(
            value => value.ValueKind != JsonValueKind.String || Formats.Fits(name, value.GetString()!)
                ? null
                : new Refusal($"{PythonText.Quoted(value)} is not a {PythonText.Quoted(name)}", value) { Sentence = sentence },
            schema => schema.Put("format", name));
    }

    /// <summary>Bounds on a number or on a string that holds one.</summary>
    public static Check Range(double min, double max, bool isMinExclusive) => new(
        value =>
        {
            if (NumberIn(value) is not { } number)
                return null;
            if (isMinExclusive && value.ValueKind == JsonValueKind.Number && number <= min)
                return Refuse(value, $"{Shown(value)} is less than or equal to the minimum of {PythonText.Number(min)}");
            if (!isMinExclusive && number < min)
                return Refuse(value, $"{Shown(value)} is less than the minimum of {PythonText.Number(min)}");
            return number > max ? Refuse(value, $"{Shown(value)} is greater than the maximum of {PythonText.Number(max)}") : null;
        },
        schema =>
        {
            if (double.IsFinite(min))
                schema.Put(isMinExclusive ? "exclusiveMinimum" : "minimum", min);
            if (double.IsFinite(max))
                schema.Put("maximum", max);
        });

    /// <summary>Each item of a list passes; a refusal names the item's index.</summary>
    public static Check Each(IReadOnlyList<Check> checks) => new(
        value =>
        {
            if (value.ValueKind != JsonValueKind.Array)
                return null;

            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                if (First(checks, item) is { } refusal)
                    return refusal.In(index.ToString(CultureInfo.InvariantCulture));
                index++;
            }

            return null;
        },
        schema => schema.Put("items", JsonSchemas.Of(checks)));

    /// <summary>Bounds on the number of items.</summary>
    public static Check Items(int min, int max) => new(
        value =>
        {
            if (value.ValueKind != JsonValueKind.Array)
                return null;

            var count = value.GetArrayLength();
            return count < min ? Refuse(value, TooShort(value, min)) : count > max ? Refuse(value, $"{PythonText.Quoted(value)} is too long") : null;
        },
        schema => schema.PutBounds("Items", min, max));

    /// <summary>No two items are equal.</summary>
    public static Check UniqueItems() => new(
        value =>
        {
            if (value.ValueKind != JsonValueKind.Array)
                return null;

            var items = value.EnumerateArray().ToArray();
            for (var i = 1; i < items.Length; i++)
                for (var j = 0; j < i; j++)
                    if (JsonElement.DeepEquals(items[i], items[j]))
                        return Refuse(value, $"{PythonText.Quoted(value)} has non-unique elements");
            return null;
        },
        schema => schema.Put("uniqueItems", true));

    /// <summary>Bounds on the number of members.</summary>
    public static Check Members(int min, int max) => new(
        value =>
        {
            if (value.ValueKind != JsonValueKind.Object)
                return null;

            var count = PythonText.Members(value).Count();
            if (count < min)
                return Refuse(value, $"{PythonText.Quoted(value)} {(min == 1 ? "should be non-empty" : "does not have enough properties")}");
            return count > max ? Refuse(value, $"{PythonText.Quoted(value)} has too many properties") : null;
        },
        schema => schema.PutBounds("Properties", min, max));

    /// <summary>Known members pass their checks.</summary>
    public static Check Properties(IReadOnlyList<KeyValuePair<string, IReadOnlyList<Check>>> properties) => new(
        value =>
        {
            if (value.ValueKind != JsonValueKind.Object)
                return null;

            foreach (var (name, checks) in properties)
                if (value.TryGetProperty(name, out var member) && First(checks, member) is { } refusal)
                    return refusal.In(name);
            return null;
        },
        schema => schema.Put("properties", new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonSchemas.Of(p.Value))))));

    /// <summary>These members are there.</summary>
    public static Check Required(IReadOnlyList<string> names) => new(
        value =>
        {
            if (value.ValueKind != JsonValueKind.Object)
                return null;

            foreach (var name in names)
                if (!value.TryGetProperty(name, out _))
                    return Refuse(value, $"{PythonText.Quoted(name)} is a required property");
            return null;
        },
        schema => schema.Put("required", new JsonArray([.. names.Select(name => JsonValue.Create(name))])));

    /// <summary>There are no members but these, and those whose names begin with a prefix.</summary>
    public static Check NoOthers(FrozenSet<string> names, string? prefix = null) => new(
        value =>
        {
            if (value.ValueKind != JsonValueKind.Object)
                return null;

            List<string>? others = null;
            foreach (var member in value.EnumerateObject())
                if (!names.Contains(member.Name) && others?.Contains(member.Name) != true && (prefix is null || !member.Name.StartsWith(prefix, StringComparison.Ordinal)))
                    (others ??= []).Add(member.Name);
            if (others is null)
                return null;

            others.Sort(StringComparer.Ordinal);
            return Refuse(value, $"Additional properties are not allowed ({string.Join(", ", others.Select(PythonText.Quoted))} {(others.Count == 1 ? "was" : "were")} unexpected)");
        },
        schema =>
        {
            schema.Put("additionalProperties", false);
            if (prefix is not null)
                schema.Put("patternProperties", new JsonObject { ["^" + prefix] = new JsonObject() });
        });

    /// <summary>The values of a dictionary pass; names outside the pattern are refused.</summary>
    public static Check Values(string? keys, IReadOnlyList<Check> checks)
    {
        var regex = keys is null ? null : new Regex(keys, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return new(
            value =>
            {
                if (value.ValueKind != JsonValueKind.Object)
                    return null;

                foreach (var member in value.EnumerateObject())
                    if (regex?.IsMatch(member.Name) != false && First(checks, member.Value) is { } refusal)
                        return refusal.In(member.Name);

                var others = value.EnumerateObject().Select(m => m.Name).Where(n => regex?.IsMatch(n) == false).Distinct().Order(StringComparer.Ordinal).ToList();
                return others.Count == 0
                    ? null
                    : Refuse(value, $"{string.Join(", ", others.Select(PythonText.Quoted))} {(others.Count == 1 ? "does" : "do")} not match any of the regexes: {PythonText.Quoted(keys!)}");
            },
            schema =>
            {
                schema.Put("additionalProperties", keys is null ? JsonSchemas.Of(checks) : false);
                if (keys is not null)
                    schema.Put("patternProperties", new JsonObject { [JsonSchemas.Standard(keys)] = JsonSchemas.Of(checks) });
            });
    }

    /// <summary>The value passes exactly one of the alternatives.</summary>
    public static Check ExactlyOne(params IReadOnlyList<Check>[] alternatives) => new(
        value => alternatives.Count(checks => First(checks, value) is null) == 1
            ? null
            : Refuse(value, $"{PythonText.Quoted(value)} is not valid under any of the given schemas"),
        schema => schema.Put("oneOf", new JsonArray([.. alternatives.Select(JsonSchemas.Of)])));

    /// <summary>The value passes at least one of the alternatives.</summary>
    public static Check AnyOf(params IReadOnlyList<Check>[] alternatives) => new(
        value => Array.Exists(alternatives, checks => First(checks, value) is null)
            ? null
            : Refuse(value, $"{PythonText.Quoted(value)} is not valid under any of the given schemas"),
        schema => schema.Put("anyOf", new JsonArray([.. alternatives.Select(JsonSchemas.Of)])));

    private static Refusal Refuse(JsonElement value, string message) => new(message, value);

    private static string TooShort(JsonElement value, int min) => $"{PythonText.Quoted(value)} {(min == 1 ? "should be non-empty" : "is too short")}";

    private static bool Is(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a JSON type."),
    };

    private static double? NumberIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => null,
    };

    // The bound is compared with the number in the string, and the sentence shows that number.
    private static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : PythonText.Quoted(value);

    private static int CodePoints(string text)
    {
        var pairs = 0;
        foreach (var c in text)
            if (char.IsLowSurrogate(c))
                pairs++;
        return text.Length - pairs;
    }
}
