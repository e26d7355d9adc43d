using System.Buffers;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Shared.Http;

/// <summary>Reads the query string into a record: a list takes every value of its parameter, anything else the last.</summary>
internal static class QueryReader
{
    public static T Read<T>(RequestContext caller) where T : class, new()
    {
        var query = caller.Http.Request.Query;
        if (query.Count == 0)
            return new();

        if (query.Any(p => p.Key.Contains('\0', StringComparison.Ordinal) || p.Value.Any(v => v?.Contains('\0', StringComparison.Ordinal) == true)))
            throw caller.Surface.BadBody("The query string holds a NUL character.");
        var given = Json(query, (writer, _, values) => WriteAll(writer, values));
        if (Checks.First(WireSchema.OfQuery(typeof(T), caller.Version), given) is { } refusal)
            throw caller.Surface.BadBody(refusal.ForQuery());

        var members = WireSchema.MembersOf(typeof(T), caller.Version).ToDictionary(m => m.Name, m => m.Member, StringComparer.Ordinal);
        return Bind<T>(caller, Json(query.Where(p => members.ContainsKey(p.Key)), (writer, name, values) => WriteFor(writer, members[name], values)));
    }

    private static T Bind<T>(RequestContext caller, JsonElement values)
    {
        try
        {
            return values.Deserialize<T>(WireJson.For(caller.Version))!;
        }
        catch (JsonException e)
        {
            throw caller.Surface.BadBody($"Invalid input for query parameters {e.Path?.TrimStart('$', '.')}.");
        }
    }

    private static JsonElement Json(IEnumerable<KeyValuePair<string, StringValues>> query, Action<Utf8JsonWriter, string, StringValues> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, values) in query)
            {
                writer.WritePropertyName(name);
                write(writer, name, values);
            }

            writer.WriteEndObject();
        }

        return JsonSerializer.Deserialize<JsonElement>(buffer.WrittenSpan);
    }

    private static void WriteFor(Utf8JsonWriter writer, PropertyInfo member, StringValues values)
    {
        if (member.PropertyType.IsArray)
            WriteAll(writer, values);
        else
            writer.WriteStringValue(values[^1]);
    }

    private static void WriteAll(Utf8JsonWriter writer, StringValues values)
    {
        writer.WriteStartArray();
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
