using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Api.OpenApi;

/// <summary>
/// The schemas of one document. Of what is read they are the checks that requests go through; of what is written, the
/// serializer's own account of the records. Nothing is taken from the caches that requests use, because those would
/// keep every version for ever.
/// </summary>
internal sealed class OpenApiSchemas(Microversion version)
{
    private const string Place = "#/components/schemas/";

    private readonly JsonSerializerOptions _options = WireJson.Fresh(version);
    private readonly Dictionary<(Type, bool IsRequest), string> _names = [];

    /// <summary>What the document has below <c>components/schemas</c>.</summary>
    public JsonObject Components { get; } = [];

    /// <summary>A reference to the schema of a body that is read.</summary>
    public JsonObject Request(Type record) => Reference(record, isRequest: true, _ => JsonSchemas.Of(WireSchema.BodyChecks(record, version)));

    /// <summary>A reference to the schema of a body that is written.</summary>
    public JsonObject Response(Type record) => Reference(record, isRequest: false, name => Written(record, Place + name));

    /// <summary>The parameters that a query's record stands for.</summary>
    public IEnumerable<JsonObject> Query(Type record)
    {
        var known = (JsonObject?)JsonSchemas.Of(WireSchema.QueryChecks(record, version))["properties"] ?? [];
        foreach (var (name, member) in WireSchema.MembersOf(record, version))
        {
            var item = known[name]?["items"]?.DeepClone() ?? new JsonObject();
            yield return new()
            {
                ["name"] = name,
                ["in"] = "query",
                ["schema"] = member.PropertyType.IsArray ? new JsonObject { ["type"] = "array", ["items"] = item } : item,
            };
        }
    }

    private JsonObject Reference(Type record, bool isRequest, Func<string, JsonNode> make)
    {
        if (!_names.TryGetValue((record, isRequest), out var name))
        {
            name = NameOf(record);
            for (var n = 2; Components.ContainsKey(name); n++)
                name = $"{NameOf(record)}{n}";
            _names.Add((record, isRequest), name);
            Components.Add(name, make(name));
        }

        return new() { ["$ref"] = Place + name };
    }

    // The exporter refers to what it wrote before by the way from its own root.
    private JsonNode Written(Type type, string root)
    {
        var schema = _options.GetJsonSchemaAsNode(type, new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, node) => Transform(context, node, root) });
        return schema.GetValueKind() is JsonValueKind.True ? new JsonObject() : schema;
    }

    // Converters of ours hide what they write.
    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema, string root)
    {
        var type = context.TypeInfo.Type;
        if (schema is JsonObject { } reference && (string?)reference["$ref"] is ['#', .. var way] && !way.StartsWith("/components", StringComparison.Ordinal))
            reference["$ref"] = root + way;
        if (type.IsGenericType && type.GetGenericTypeDefinition() is var generic && (generic == typeof(Shown<>) || generic == typeof(Loose<>)))
        {
            var inner = Written(type.GetGenericArguments()[0], root + string.Concat(context.Path.ToArray().Select(part => "/" + part)));
            return generic == typeof(Shown<>) ? OrNull(inner) : inner;
        }

        if (schema is JsonObject { } members && context.TypeInfo.Kind == JsonTypeInfoKind.Object)
            MarkAlways(members, context.TypeInfo);
        return schema;
    }

    // What is always written is required, and nothing else: the serializer's own list says what it would demand when reading.
    private static void MarkAlways(JsonObject schema, JsonTypeInfo type)
    {
        schema.Remove("required");
        var always = type.Properties.Where(p => p is { Get: not null } && p.AttributeProvider is not MemberInfo { } member || !((MemberInfo)p.AttributeProvider!).IsDefined(typeof(JsonIgnoreAttribute)))
            .Select(p => p.Name).Where(name => (schema["properties"] as JsonObject)?.ContainsKey(name) == true).ToArray();
        if (always.Length > 0)
            schema["required"] = new JsonArray([.. always.Select(name => JsonValue.Create(name))]);
    }

    // What policy may hide may be null as well; whether it is, a generic argument does not tell.
    private static JsonNode OrNull(JsonNode schema)
    {
        if (schema is JsonObject { } members && members["type"] is JsonValue type)
            members["type"] = new JsonArray(type.DeepClone(), "null");
        return schema;
    }

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}Of{string.Join("And", type.GetGenericArguments().Select(NameOf))}"
        : type.Name;
}
