using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nova.Modules.Shared;

/// <summary>
/// A value that must never be printed: <c>ToString</c> gives <c>***</c>, and no serializer writes it unless it was given
/// a converter that encrypts. Where it has to be kept it is sealed with the installation's key (<see cref="SecretBox"/>).
/// </summary>
public readonly record struct Secret(string Reveal)
{
    /// <summary>Always <c>***</c>, so that a log line or an exception cannot leak the value.</summary>
    public override string ToString() => "***";
}

/// <summary>Writes a <see cref="Secret"/> sealed by the installation's key, and opens it again.</summary>
public sealed class SealedSecretConverter(SecretBox box) : JsonConverter<Secret>
{
    /// <inheritdoc />
    public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(box.Open(reader.GetString() ?? throw new JsonException("A sealed secret is a string.")));

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) =>
        writer.WriteStringValue(box.Seal(value.Reveal));
}
