using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Placement.Schemas;

/// <summary><c>type</c>: the value is of one of the JSON types.</summary>
public sealed class TypeKeyword(bool isList, params string[] types) : Keyword("type")
{
    /// <summary>The names.</summary>
    public IReadOnlyList<string> Types => types;

    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) =>
        types is [var only] ? value => IsOf(value, only) : value => Array.Exists(types, type => IsOf(value, type));

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Array.Exists(types, type => IsOf(value, type)))
            yield return new($"{PythonText.Quoted(value)} is not of type {string.Join(", ", types.Select(PythonText.Quoted))}");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer)
    {
        if (isList)
            writer.WriteStartArray();
        foreach (var type in types)
            writer.WriteStringValue(type);
        if (isList)
            writer.WriteEndArray();
    }

    /// <summary>True when the value is of the JSON type; a number without a fraction is an integer.</summary>
    internal static bool IsOf(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || IsWhole(value)),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a JSON type that a schema of ours names."),
    };

    private static bool IsWhole(JsonElement value) =>
        value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0 || double.IsInteger(value.GetDouble());
}

/// <summary><c>minimum</c> or <c>maximum</c> of a number, inclusive.</summary>
public sealed class BoundKeyword(string name, double bound) : Keyword(name)
{
    private bool IsMinimum => Name == "minimum";

    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => IsMinimum
        ? value => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= bound
        : value => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= bound;

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new($"{PythonText.Quoted(value)} is {(IsMinimum ? "less" : "greater")} than the {Name} of {PythonText.Number(bound)}");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer)
    {
        if (double.IsInteger(bound) && Math.Abs(bound) < 1e15)
            writer.WriteNumberValue((long)bound);
        else
            writer.WriteRawValue(bound.ToString("R", CultureInfo.InvariantCulture));
    }
}

/// <summary><c>minLength</c> or <c>maxLength</c> of a string, in code points.</summary>
public sealed class LengthKeyword(string name, int bound) : Keyword(name)
{
    private bool IsMinimum => Name == "minLength";

    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => IsMinimum
        ? value => value.ValueKind != JsonValueKind.String || CodePoints(value) >= bound
        : value => value.ValueKind != JsonValueKind.String || CodePoints(value) <= bound;

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new($"{PythonText.Quoted(value)} is too {(IsMinimum ? "short" : "long")}");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => writer.WriteNumberValue(bound);

    private static int CodePoints(JsonElement value)
    {
        var text = value.GetString()!;
        return text.Length - text.AsSpan().CountLowSurrogates();
    }
}

/// <summary><c>pattern</c>: the expression is found in the string.</summary>
public sealed class PatternKeyword(string expression) : Keyword("pattern")
{
    private readonly Regex _regex = Expressions.Of(expression);

    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value => value.ValueKind != JsonValueKind.String || _regex.IsMatch(value.GetString()!);

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new($"{PythonText.Quoted(value)} does not match {PythonText.Quoted(expression)}");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => writer.WriteStringValue(expression);
}

/// <summary><c>format</c>: uuid, in every spelling that the original takes.</summary>
public sealed class UuidFormatKeyword() : Keyword("format")
{
    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value => value.ValueKind == JsonValueKind.String && Uuids.TryParse(value.GetString()!, out _);

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new($"{PythonText.Quoted(value)} is not a 'uuid'");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => writer.WriteStringValue("uuid");
}

/// <summary><c>enum</c> of strings.</summary>
public sealed class EnumKeyword(params string[] values) : Keyword("enum")
{
    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value => value.ValueKind == JsonValueKind.String && values.Contains(value.GetString(), StringComparer.Ordinal);

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new($"{PythonText.Quoted(value)} is not one of [{string.Join(", ", values.Select(PythonText.Quoted))}]");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}

/// <summary><c>anyOf</c>: the value fits at least one of the schemas.</summary>
public sealed class AnyOfKeyword(params Schema[] schemas) : Keyword("anyOf")
{
    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value => Array.Exists(schemas, schema => schema.Accepts(value));

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new(
                $"{PythonText.Quoted(value)} is not valid under any of the given schemas",
                [.. schemas.SelectMany((schema, index) => Walk(value, schema).Select(error => error.Below(null, index)))]);
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var schema in schemas)
            schema.Document.WriteTo(writer);
        writer.WriteEndArray();
    }
}
