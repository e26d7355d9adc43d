using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Shared.Http;

/// <summary>A member that is there and null.</summary>
[JsonConverter(typeof(OnlyNullConverter))]
public readonly record struct OnlyNull : IWireType
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Validation.Checks.Type("null")];
}

/// <summary>Reads an <see cref="OnlyNull"/>, which was checked before.</summary>
public sealed class OnlyNullConverter : JsonConverter<OnlyNull>
{
    /// <inheritdoc />
    public override bool HandleNull => true;

    /// <inheritdoc />
    public override OnlyNull Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        reader.Skip();
        return default;
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, OnlyNull value, JsonSerializerOptions options) => writer.WriteNullValue();
}
