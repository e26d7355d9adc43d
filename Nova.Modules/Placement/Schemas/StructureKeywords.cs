using System.Text.Json;
using System.Text.RegularExpressions;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Placement.Schemas;

/// <summary><c>properties</c>: known members fit their schemas.</summary>
public sealed class PropertiesKeyword(params (string Name, Schema Schema)[] members) : Keyword("properties")
{
    /// <summary>The members, in order.</summary>
    public IReadOnlyList<(string Name, Schema Schema)> Members => members;

    /// <summary>True for a member that it names.</summary>
    public bool Knows(string name) => Array.Exists(members, m => m.Name == name);

    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value =>
    {
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var (name, schema) in members)
                if (value.TryGetProperty(name, out var member) && !schema.Accepts(member))
                    return false;

        return true;
    };

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var (name, schema) in members)
                if (value.TryGetProperty(name, out var member))
                    foreach (var error in Walk(member, schema))
                        yield return error.Below(name, name);
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, schema) in members)
        {
            writer.WritePropertyName(name);
            schema.Document.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}

/// <summary><c>patternProperties</c>: members whose names match fit the schemas.</summary>
public sealed class PatternPropertiesKeyword(params (string Pattern, Schema Schema)[] patterns) : Keyword("patternProperties")
{
    private readonly (Regex Regex, string Pattern, Schema Schema)[] _patterns = [.. patterns.Select(p => (Expressions.Of(p.Pattern), p.Pattern, p.Schema))];

    /// <summary>The expressions, in order.</summary>
    public IEnumerable<string> Patterns => patterns.Select(p => p.Pattern);

    /// <summary>True for a name that matches one.</summary>
    public bool Knows(string name) => Array.Exists(_patterns, p => p.Regex.IsMatch(name));

    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value =>
    {
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var member in PythonText.Members(value))
                foreach (var (regex, _, schema) in _patterns)
                    if (regex.IsMatch(member.Name) && !schema.Accepts(member.Value))
                        return false;

        return true;
    };

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var (regex, pattern, schema) in _patterns)
                foreach (var member in PythonText.Members(value).Where(m => regex.IsMatch(m.Name)))
                    foreach (var error in Walk(member.Value, schema))
                        yield return error.Below(member.Name, pattern);
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (pattern, schema) in patterns)
        {
            writer.WritePropertyName(pattern);
            schema.Document.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}

/// <summary><c>additionalProperties: false</c>: there are no members but those that the neighbours know.</summary>
public sealed class ClosedKeyword() : Keyword("additionalProperties")
{
    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner)
    {
        var (properties, patterns) = (owner.Find<PropertiesKeyword>(), owner.Find<PatternPropertiesKeyword>());
        return value =>
        {
            if (value.ValueKind == JsonValueKind.Object)
                foreach (var member in value.EnumerateObject())
                    if (properties?.Knows(member.Name) != true && patterns?.Knows(member.Name) != true)
                        return false;

            return true;
        };
    }

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (value.ValueKind != JsonValueKind.Object)
            yield break;

        var (properties, patterns) = (owner.Find<PropertiesKeyword>(), owner.Find<PatternPropertiesKeyword>());
        string[] extras = [.. PythonText.Members(value).Select(m => m.Name).Where(n => properties?.Knows(n) != true && patterns?.Knows(n) != true).Order(StringComparer.Ordinal)];
        if (extras.Length == 0)
            yield break;

        var names = string.Join(", ", extras.Select(PythonText.Quoted));
        yield return patterns is null
            ? new($"Additional properties are not allowed ({names} {(extras.Length == 1 ? "was" : "were")} unexpected)")
            : new($"{names} {(extras.Length == 1 ? "does" : "do")} not match any of the regexes: {string.Join(", ", patterns.Patterns.Order(StringComparer.Ordinal).Select(PythonText.Quoted))}");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => writer.WriteBooleanValue(false);
}

/// <summary><c>required</c>: these members are there.</summary>
public sealed class RequiredKeyword(params string[] names) : Keyword("required")
{
    /// <summary>The members.</summary>
    public IReadOnlyList<string> Names => names;

    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value =>
        value.ValueKind != JsonValueKind.Object || Array.TrueForAll(names, name => value.TryGetProperty(name, out _));

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner) => value.ValueKind != JsonValueKind.Object
        ? []
        : names.Where(name => !value.TryGetProperty(name, out _)).Select(name => new SchemaError($"{PythonText.Quoted(name)} is a required property"));

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var name in names)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
    }
}

/// <summary><c>minProperties</c>: an object has at least so many members.</summary>
public sealed class MinPropertiesKeyword(int count) : Keyword("minProperties")
{
    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value => value.ValueKind != JsonValueKind.Object || PythonText.Members(value).Count() >= count;

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new($"{PythonText.Quoted(value)} does not have enough properties");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => writer.WriteNumberValue(count);
}

/// <summary><c>minItems</c>: a list has at least so many items.</summary>
public sealed class MinItemsKeyword(int count) : Keyword("minItems")
{
    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value => value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= count;

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new($"{PythonText.Quoted(value)} is too short");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => writer.WriteNumberValue(count);
}

/// <summary><c>items</c>: every item of a list fits the schema.</summary>
public sealed class ItemsKeyword(Schema schema) : Keyword("items")
{
    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value =>
    {
        if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray())
                if (!schema.Accepts(item))
                    return false;

        return true;
    };

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner) => value.ValueKind != JsonValueKind.Array
        ? []
        : value.EnumerateArray().SelectMany((item, index) => Walk(item, schema).Select(error => error.Below(index)));

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => schema.Document.WriteTo(writer);
}

/// <summary><c>uniqueItems: true</c>: no two items of a list of strings are equal.</summary>
public sealed class UniqueItemsKeyword() : Keyword("uniqueItems")
{
    /// <inheritdoc />
    public override Func<JsonElement, bool> Compile(Schema owner) => value =>
    {
        if (value.ValueKind != JsonValueKind.Array)
            return true;

        var seen = new HashSet<string>(StringComparer.Ordinal);
        return value.EnumerateArray().All(item => seen.Add(PythonText.Quoted(item)));
    };

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner)
    {
        if (!Compile(owner)(value))
            yield return new($"{PythonText.Quoted(value)} has non-unique elements");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => writer.WriteBooleanValue(true);
}
