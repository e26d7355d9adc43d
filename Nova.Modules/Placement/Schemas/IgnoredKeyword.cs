using System.Text.Json;

namespace Nova.Modules.Placement.Schemas;

/// <summary>A keyword that a schema of the original carries although it says nothing of the values there; clients see it in the sentence of a refusal.</summary>
public sealed class IgnoredKeyword(string name, bool value) : Keyword(name)
{
    /// <inheritdoc />
    public override Func<JsonElement, bool>? Compile(Schema owner) => null;

    /// <inheritdoc />
    public override IEnumerable<SchemaError> Errors(JsonElement value, Schema owner) => [];

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer) => writer.WriteBooleanValue(value);
}
