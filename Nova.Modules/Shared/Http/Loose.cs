using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nova.Modules.Shared.Http;

/// <summary>A boolean or a number that clients may also send as a string, in the exact forms that the API's schemas accept.</summary>
/// <typeparam name="T">bool, int, long, double or string (a string or a number).</typeparam>
[JsonConverter(typeof(LooseConverterFactory))]
public readonly record struct Loose<T>(T Value)
{
    /// <summary>The value itself.</summary>
    public static implicit operator T(Loose<T> loose) => loose.Value;

    /// <summary>Wraps a value.</summary>
    public static implicit operator Loose<T>(T value) => new(value);
}

/// <summary>The strings that stand for true and false.</summary>
public static class LooseBool
{
    /// <summary>In the order of the original's schema.</summary>
    public static readonly string[] True = ["True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes"];

    /// <summary>In the order of the original's schema.</summary>
    public static readonly string[] False = ["False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no"];

    /// <summary>True, false, or null for another text.</summary>
    public static bool? Parse(string text) => True.Contains(text, StringComparer.Ordinal) ? true : False.Contains(text, StringComparer.Ordinal) ? false : null;
}

/// <summary>Makes the converter of a <see cref="Loose{T}"/>.</summary>
public sealed class LooseConverterFactory : JsonConverterFactory
{
    /// <inheritdoc />
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Loose<>);

    /// <inheritdoc />
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) => typeToConvert.GetGenericArguments()[0] switch
    {
        var type when type == typeof(bool) => new BoolConverter(),
        var type when type == typeof(int) => new NumberConverter<int>(),
        var type when type == typeof(long) => new NumberConverter<long>(),
        var type when type == typeof(double) => new NumberConverter<double>(),
        var type when type == typeof(string) => new TextConverter(),
        var type => throw new NotSupportedException($"Loose<{type.Name}> has no JSON form."),
    };

    private sealed class BoolConverter : JsonConverter<Loose<bool>>
    {
        public override Loose<bool> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.String => LooseBool.Parse(reader.GetString()!) ?? throw new JsonException("The text is not a boolean."),
            _ => throw new JsonException("A boolean was expected."),
        };

        public override void Write(Utf8JsonWriter writer, Loose<bool> value, JsonSerializerOptions options) => writer.WriteBooleanValue(value.Value);
    }

    // The checks say what is allowed. Where they say nothing, a count beyond 32 bits is as good as the largest; what no database keeps is refused.
    private sealed class NumberConverter<T> : JsonConverter<Loose<T>> where T : struct, INumber<T>
    {
        public override Loose<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.Number)
                return Of(reader.GetDouble());
            if (reader.TokenType == JsonTokenType.String && double.TryParse(reader.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                return Of(number);
            throw new JsonException("A number was expected.");
        }

        public override void Write(Utf8JsonWriter writer, Loose<T> value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value.Value, options);

        private static T Of(double number) =>
            typeof(T) != typeof(long) || Math.Abs(number) < long.MaxValue ? T.CreateSaturating(number) : throw new JsonException("The number is out of range.");
    }

    private sealed class TextConverter : JsonConverter<Loose<string>>
    {
        public override Loose<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var value = JsonDocument.ParseValue(ref reader);
            return Validation.PythonText.Plain(value.RootElement);
        }

        public override void Write(Utf8JsonWriter writer, Loose<string> value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
