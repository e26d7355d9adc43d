using System.Buffers;
using System.Text.Json;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Embedded;

/// <summary>
/// A JSON object that a client of an embedded neighbour sent. These APIs accept members that they do not know, so a body is
/// read member by member; a member of the wrong type is the surface's 400.
/// </summary>
public sealed class JsonBody(JsonElement element, ApiSurface surface, string path)
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    /// <summary>The object itself.</summary>
    public JsonElement Element => element;

    /// <summary>Reads the whole body within the surface's limit.</summary>
    /// <exception cref="Fault">400 for what is no JSON object, 413 above the limit.</exception>
    public static async Task<JsonBody> Read(RequestContext caller, CancellationToken ct)
    {
        var root = await ReadAny(caller, ct);
        return root.ValueKind == JsonValueKind.Object ? new(root, caller.Surface, "") : throw caller.Surface.BadBody("The request body must be a JSON object.");
    }

    /// <summary>Reads the whole body, whatever its JSON type.</summary>
    public static async Task<JsonElement> ReadAny(RequestContext caller, CancellationToken ct)
    {
        var surface = caller.Surface;
        var request = caller.Http.Request;
        var buffer = new ArrayBufferWriter<byte>(1024);
        while (true)
        {
            var read = await request.Body.ReadAsync(buffer.GetMemory(1024), ct);
            if (read == 0)
                break;
            buffer.Advance(read);
            if (buffer.WrittenCount > surface.MaxBodyBytes)
                throw new Fault(FaultKind.TooLarge, Message.Of($"Request is too large."));
        }

        try
        {
            // Not disposed: the elements live as long as the request, and the bytes are its own.
            return JsonDocument.Parse(buffer.WrittenMemory, Strict).RootElement;
        }
        catch (JsonException)
        {
            throw surface.BadBody("Malformed request body");
        }
    }

    /// <summary>True when the member is there, null or not.</summary>
    public bool Has(string name) => element.TryGetProperty(name, out _);

    /// <summary>True when the member is there and null.</summary>
    public bool IsNull(string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>A member that must be there and an object.</summary>
    public JsonBody Object(string name) => Find(name) ?? throw surface.BadBody($"'{name}' is a required property");

    /// <summary>A member that is an object, or null when it is not there.</summary>
    public JsonBody? Find(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new(value, surface, Path(name)),
        _ => throw Wrong(name, "object"),
    };

    /// <summary>A text, or null when it is not there or null.</summary>
    public string? Text(string name, int maxLength = 255)
    {
        if (Value(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw Wrong(name, "string");

        var text = Decode(value) ?? throw surface.BadBody($"Invalid input for {Path(name)}: the text cannot be stored.");
        return text.Length <= maxLength ? text : throw surface.BadBody($"Invalid input for {Path(name)}: '{text[..40]}…' exceeds maximum length of {maxLength}.");
    }

    /// <summary>A text that must be there and not empty.</summary>
    public string Required(string name, int maxLength = 255) =>
        Text(name, maxLength) is { Length: > 0 } text ? text : throw surface.BadBody($"'{name}' is a required property");

    /// <summary>A boolean, also as the texts and numbers that clients send; null when it is not there or null.</summary>
    public bool? Bool(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } value when bool.TryParse(value.GetString(), out var flag) => flag,
        _ => throw Wrong(name, "boolean"),
    };

    /// <summary>An integer, also as text; null when it is not there or null.</summary>
    public long? Long(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var number) => number,
        { ValueKind: JsonValueKind.String } value when long.TryParse(value.GetString(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) => number,
        _ => throw Wrong(name, "integer"),
    };

    /// <summary>An integer that fits 32 bits, also as text; null when it is not there or null.</summary>
    public int? Int(string name) => Long(name) is { } value ? value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Wrong(name, "integer") : null;

    /// <summary>A list of texts; null when it is not there or null.</summary>
    public IReadOnlyList<string>? Texts(string name) => List(name)?.Select(item => item.ValueKind == JsonValueKind.String ? Decode(item) ?? "" : throw Wrong(name, "array of strings")).ToList();

    /// <summary>A list of objects; null when it is not there or null.</summary>
    public IReadOnlyList<JsonBody>? Objects(string name) =>
        List(name)?.Select(item => item.ValueKind == JsonValueKind.Object ? new JsonBody(item, surface, Path(name)) : throw Wrong(name, "array of objects")).ToList();

    private IEnumerable<JsonElement>? List(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value => value.EnumerateArray(),
        _ => throw Wrong(name, "array"),
    };

    private JsonElement? Value(string name) => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private string Path(string name) => path.Length == 0 ? name : path + "." + name;

    private Fault Wrong(string name, string type) => surface.BadBody($"Invalid input for {Path(name)}: {element.GetProperty(name).GetRawText()} is not of type '{type}'.");

    // No database keeps U+0000, and a lone surrogate is no text.
    private static string? Decode(JsonElement value)
    {
        try
        {
            return value.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
