using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// Reads a JSON body within the surface's limits: its size, depth 64, no U+0000 and no lone surrogate in any string (no
/// database keeps them). Of members with the same name the last counts, as in the original.
/// </summary>
internal static class BodyReader
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement<object?>(null);

    /// <summary>The body as a record, validated by its rules.</summary>
    public static async Task<T> Read<T>(RequestContext caller, CancellationToken ct) where T : class
    {
        var body = await Element(caller, ct) ?? Nothing;
        if (Checks.First(WireSchema.OfBody(typeof(T), caller.Version), body) is { } refusal)
            throw caller.Surface.BadBody(refusal.ForBody());

        try
        {
            return LastOfEach(body).Deserialize<T>(WireJson.For(caller.Version)) ?? throw caller.Surface.MalformedBody();
        }
        catch (JsonException)
        {
            // The checks let through what no member of the record can hold, such as an integer beyond 64 bits.
            throw caller.Surface.MalformedBody();
        }
    }

    /// <summary>The body as it was sent, or null when there is none. Read once per request.</summary>
    public static async ValueTask<JsonElement?> Element(RequestContext caller, CancellationToken ct)
    {
        if (caller.Http.Items.TryGetValue(typeof(BodyReader), out var known))
            return (JsonElement?)known;

        var bytes = await Bytes(caller.Http.Request, caller.Surface, ct);
        JsonElement? body = bytes.Length == 0 ? null : Parse(bytes, caller.Surface);
        caller.Http.Items[typeof(BodyReader)] = body;
        return body;
    }

    // The serializer would read every member of the same name, also one of the wrong type that a later one replaces.
    private static JsonElement LastOfEach(JsonElement body) =>
        HasTwins(body) ? JsonSerializer.SerializeToElement(Plain(body)) : body;

    private static bool HasTwins(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Count() != value.EnumerateObject().Select(m => m.Name).Distinct().Count()
            || value.EnumerateObject().Any(m => HasTwins(m.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(HasTwins),
        _ => false,
    };

    private static object Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => PythonText.Members(value).ToDictionary(m => m.Name, m => Plain(m.Value)),
        JsonValueKind.Array => value.EnumerateArray().Select(Plain).ToArray(),
        _ => value,
    };

    private static JsonElement Parse(ReadOnlyMemory<byte> bytes, ApiSurface surface)
    {
        try
        {
            if (!Utf8.IsValid(bytes.Span) || HoldsUnstorableText(bytes.Span))
                throw surface.MalformedBody();

            // Not disposed, so that elements may outlive the call; the bytes are the request's own.
            return JsonDocument.Parse(bytes, Strict).RootElement;
        }
        catch (JsonException e)
        {
            throw surface.MalformedBody(e.Message);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> Bytes(HttpRequest request, ApiSurface surface, CancellationToken ct)
    {
        if (request.ContentLength > surface.MaxBodyBytes)
            throw TooLarge();

        var buffer = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 1024) + 1);
        while (true)
        {
            var read = await request.Body.ReadAsync(buffer.GetMemory(256), ct);
            if (read == 0)
                return buffer.WrittenMemory;
            buffer.Advance(read);
            if (buffer.WrittenCount > surface.MaxBodyBytes)
                throw TooLarge();
        }
    }

    private static Fault TooLarge() => new(FaultKind.TooLarge, Message.Of($"Request is too large."));

    // Both can only come as an escape: raw ones are no valid JSON or no valid UTF-8.
    private static bool HoldsUnstorableText(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
            return false;

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        while (reader.Read())
            if (reader.ValueIsEscaped && reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsStorable(ref reader))
                return true;
        return false;
    }

    private static bool IsStorable(ref Utf8JsonReader reader)
    {
        try
        {
            return !reader.GetString()!.Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
