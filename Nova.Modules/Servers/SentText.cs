using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http.Validation;
using Rules = Nova.Modules.Shared.Http.Validation.Checks;

namespace Nova.Modules.Servers;

/// <summary>A text of a change, where null means something other than absent.</summary>
internal interface ISentText<T>
{
    /// <summary>What was sent.</summary>
    static abstract T Of(string? text);

    /// <summary>The text, or null.</summary>
    string? Value { get; }
}

/// <summary>Reads an <see cref="ISentText{T}"/>, null too.</summary>
internal sealed class SentTextConverter<T> : JsonConverter<T> where T : struct, ISentText<T>
{
    public override bool HandleNull => true;

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => T.Of(reader.GetString());

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <summary>A description that may be taken away.</summary>
[JsonConverter(typeof(SentTextConverter<SentDescription>))]
public readonly record struct SentDescription(string? Value) : IWireType, ISentText<SentDescription>
{
    /// <summary>False for the default: nothing was sent.</summary>
    public bool IsSent { get; } = true;

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("string", "null"), Rules.Format("description"), Rules.Length(0, 255)];

    static SentDescription ISentText<SentDescription>.Of(string? text) => new(text);
}

/// <summary>A zone that may be taken away.</summary>
[JsonConverter(typeof(SentTextConverter<SentZone>))]
public readonly record struct SentZone(string? Value) : IWireType, ISentText<SentZone>
{
    /// <summary>False for the default: nothing was sent.</summary>
    public bool IsSent { get; } = true;

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.ExactlyOne([Rules.Type("string"), Rules.Length(1, 255)], [Rules.Type("null")])];

    static SentZone ISentText<SentZone>.Of(string? text) => new(text);
}
