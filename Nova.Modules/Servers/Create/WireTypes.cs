using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;
using Rules = Nova.Modules.Shared.Http.Validation.Checks;

namespace Nova.Modules.Servers.Create;

/// <summary>A wire type that is one text, however it was written.</summary>
internal interface ITextType<T>
{
    /// <summary>Wraps the text.</summary>
    static abstract T Of(string text);

    /// <summary>The text.</summary>
    string Value { get; }
}

/// <summary>Reads and writes an <see cref="ITextType{T}"/>; a number becomes its digits.</summary>
internal sealed class TextTypeConverter<T> : JsonConverter<T> where T : struct, ITextType<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return T.Of(value.RootElement.ValueKind == JsonValueKind.String ? value.RootElement.GetString()! : value.RootElement.GetRawText());
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <summary>An image's UUID, or empty for none.</summary>
[JsonConverter(typeof(TextTypeConverter<ImageRef>))]
public readonly record struct ImageRef(string Value) : IWireType, ITextType<ImageRef>
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) =>
        [Rules.ExactlyOne([Rules.Type("string"), Rules.Format("uuid")], [Rules.Type("string"), Rules.Length(0, 0)])];

    static ImageRef ITextType<ImageRef>.Of(string text) => new(text);
}

/// <summary>A flavor's id; a text or a whole number.</summary>
[JsonConverter(typeof(TextTypeConverter<FlavorRef>))]
public readonly record struct FlavorRef(string Value) : IWireType, ITextType<FlavorRef>
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("string", "integer"), Rules.Length(1, int.MaxValue)];

    static FlavorRef ITextType<FlavorRef>.Of(string text) => new(text);
}

/// <summary>An IPv4 or IPv6 address.</summary>
[JsonConverter(typeof(TextTypeConverter<FixedIp>))]
public readonly record struct FixedIp(string Value) : IWireType, ITextType<FixedIp>
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("string"), Rules.ExactlyOne([Rules.Format("ipv4")], [Rules.Format("ipv6")])];

    static FixedIp ITextType<FixedIp>.Of(string text) => new(text);
}

/// <summary>A network's id as old actions take it: a text of at most 36 characters, or a number.</summary>
[JsonConverter(typeof(TextTypeConverter<NetworkKey>))]
public readonly record struct NetworkKey(string Value) : IWireType, ITextType<NetworkKey>
{
    private const int MaxLength = 36;

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("string", "number"), Rules.Length(1, MaxLength)];

    static NetworkKey ITextType<NetworkKey>.Of(string text) => new(text);
}

/// <summary>The member <c>networks</c>: a list, or from 2.37 none or auto.</summary>
[JsonConverter(typeof(RequestedNetworksConverter))]
public sealed record RequestedNetworks : IWireType
{
    /// <summary>none, auto, or null when there is a list.</summary>
    public string? Word { get; init; }

    /// <summary>The list.</summary>
    public IReadOnlyList<RequestedNetwork> List { get; init; } = [];

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version)
    {
        var list = WireSchema.OfType(typeof(IReadOnlyList<RequestedNetwork>), version);
        return version.Minor < 37 ? list : [Rules.ExactlyOne(list, [Rules.Type("string"), Rules.OneOf(Words)])];
    }

    private static readonly JsonElement[] Words = [JsonSerializer.SerializeToElement("none"), JsonSerializer.SerializeToElement("auto")];
}

/// <summary>Reads a <see cref="RequestedNetworks"/>.</summary>
internal sealed class RequestedNetworksConverter : JsonConverter<RequestedNetworks>
{
    public override RequestedNetworks Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? new() { Word = reader.GetString() }
            : new() { List = JsonSerializer.Deserialize<List<RequestedNetwork>>(ref reader, options)! };

    public override void Write(Utf8JsonWriter writer, RequestedNetworks value, JsonSerializerOptions options)
    {
        if (value.Word is { } word)
            writer.WriteStringValue(word);
        else
            JsonSerializer.Serialize(writer, value.List, options);
    }
}

/// <summary>A scheduler hint of one of several shapes: kept as it was written.</summary>
internal interface IHintType<T>
{
    /// <summary>Wraps the value.</summary>
    static abstract T Of(JsonElement value);

    /// <summary>As written.</summary>
    JsonElement Value { get; }
}

/// <summary>Reads and writes an <see cref="IHintType{T}"/>.</summary>
internal sealed class HintTypeConverter<T> : JsonConverter<T> where T : struct, IHintType<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => T.Of(JsonElement.ParseValue(ref reader));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => value.Value.WriteTo(writer);
}

/// <summary>One UUID or a list of them.</summary>
[JsonConverter(typeof(HintTypeConverter<UuidOrUuids>))]
public readonly record struct UuidOrUuids(JsonElement Value) : IWireType, IHintType<UuidOrUuids>
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.ExactlyOne([Rules.Type("array"), Rules.Each(Uuid)], Uuid)];

    static UuidOrUuids IHintType<UuidOrUuids>.Of(JsonElement value) => new(value);

    internal static IReadOnlyList<Check> Uuid => [Rules.Type("string"), Rules.Format("uuid")];
}

/// <summary>A text, or a list of UUIDs.</summary>
[JsonConverter(typeof(HintTypeConverter<UuidsOrText>))]
public readonly record struct UuidsOrText(JsonElement Value) : IWireType, IHintType<UuidsOrText>
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("string", "array"), Rules.Each(UuidOrUuids.Uuid)];

    static UuidsOrText IHintType<UuidsOrText>.Of(JsonElement value) => new(value);
}

/// <summary>A text or an object.</summary>
[JsonConverter(typeof(HintTypeConverter<TextOrObject>))]
public readonly record struct TextOrObject(JsonElement Value) : IWireType, IHintType<TextOrObject>
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("string", "object")];

    static TextOrObject IHintType<TextOrObject>.Of(JsonElement value) => new(value);
}

/// <summary>A text or a list of texts.</summary>
[JsonConverter(typeof(HintTypeConverter<TextOrTexts>))]
public readonly record struct TextOrTexts(JsonElement Value) : IWireType, IHintType<TextOrTexts>
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("string", "array"), Rules.Each([Rules.Type("string")])];

    static TextOrTexts IHintType<TextOrTexts>.Of(JsonElement value) => new(value);
}
