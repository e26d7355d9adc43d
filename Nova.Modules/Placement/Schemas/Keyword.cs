using System.Text.Json;

namespace Nova.Modules.Placement.Schemas;

/// <summary>One keyword of a schema with its value.</summary>
public abstract class Keyword(string name)
{
    /// <summary>As in JSON Schema, such as <c>maxLength</c>.</summary>
    public string Name => name;

    /// <summary>Decides whether a value fits; null for a keyword that refuses nothing by itself.</summary>
    /// <param name="owner">The schema that it stands in: some keywords look at their neighbours.</param>
    public abstract Func<JsonElement, bool>? Compile(Schema owner);

    /// <summary>What is wrong with a value, in the words of the original's schema library; empty when it fits.</summary>
    public abstract IEnumerable<SchemaError> Errors(JsonElement value, Schema owner);

    /// <summary>The value of the keyword as JSON.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    /// <summary>Every fault of a value under a schema, in the order of its keywords.</summary>
    internal static IEnumerable<SchemaError> Walk(JsonElement value, Schema schema)
    {
        foreach (var keyword in schema.Keywords)
            foreach (var error in keyword.Errors(value, schema))
                yield return error.Of(keyword.Name, value, schema);
    }
}

/// <summary>A fault of a value, with the way to it.</summary>
public sealed class SchemaError(string message, IReadOnlyList<SchemaError>? context = null)
{
    private readonly LinkedList<object> _path = [];
    private readonly LinkedList<object> _schemaPath = [];

    /// <summary>The sentence.</summary>
    public string Message => message;

    /// <summary>The faults under the alternatives that were all refused; empty for most.</summary>
    public IReadOnlyList<SchemaError> Context { get; } = context ?? [];

    /// <summary>The keyword that refused.</summary>
    public string Keyword { get; private set; } = "";

    /// <summary>The value that was refused.</summary>
    public JsonElement Value { get; private set; }

    /// <summary>The schema that refused it.</summary>
    public Schema? Schema { get; private set; }

    /// <summary>Names and indexes from the document to the value.</summary>
    public IReadOnlyCollection<object> Path => _path;

    /// <summary>Names and indexes from the whole schema to the keyword.</summary>
    public IReadOnlyCollection<object> SchemaPath => _schemaPath;

    /// <summary>The fault as seen from outside: one member or index further in, in document and schema.</summary>
    public SchemaError Below(object? inDocument, object? inSchema = null)
    {
        if (inDocument is not null)
            _path.AddFirst(inDocument);
        if (inSchema is not null)
            _schemaPath.AddFirst(inSchema);
        return this;
    }

    internal SchemaError Of(string keyword, JsonElement value, Schema schema)
    {
        if (Schema is null)
            (Keyword, Value, Schema) = (keyword, value, schema);
        _schemaPath.AddFirst(keyword);
        return this;
    }
}
