using System.Text.Json;
using Nova.Modules.Shared;

namespace Nova.Drivers.Image.Embedded;

/// <summary>
/// Reads what a PATCH changes, in the two forms that there are. In the newer one an operation is
/// <c>{"op": "add", "path": "/name", "value": …}</c>, in the older one <c>{"add": "/name", "value": …}</c>.
/// </summary>
internal static class ImagePatch
{
    private const string Newer = "application/openstack-images-v2.1-json-patch";
    private const string Older = "application/openstack-images-v2.0-json-patch";

    private static readonly string[] Operations = ["replace", "add", "remove"];

    /// <summary>The changes in their order.</summary>
    /// <exception cref="Fault">415: neither form. 400: not as the form wants it.</exception>
    public static List<ImageChange> Read(string? contentType, JsonElement patch)
    {
        var type = contentType?.Split(';')[0].Trim();
        if (type is not (Newer or Older))
            throw new Fault(FaultKind.UnsupportedMediaType, Message.Of($"Unsupported Content-Type; it must be {Newer}."));
        if (patch.ValueKind != JsonValueKind.Array)
            throw Fault.BadRequest($"Request body must be a JSON array of operation objects.");

        return [.. patch.EnumerateArray().Select(change => Change(change, type == Older))];
    }

    private static ImageChange Change(JsonElement change, bool isOlder)
    {
        if (change.ValueKind != JsonValueKind.Object)
            throw Fault.BadRequest($"Operations must be JSON objects.");

        var (operation, pointer) = isOlder ? OlderForm(change) : NewerForm(change);
        if (pointer is not ['/', .., _] || pointer[1..].Contains('/', StringComparison.Ordinal))
            throw Fault.BadRequest($"Invalid JSON pointer for this resource: '{pointer}'.");

        var name = pointer[1..].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        if (operation == "remove")
            return new(operation, name, null);
        return new(operation, name, change.TryGetProperty("value", out var value) ? value : throw Fault.BadRequest($"Operation \"{operation}\" requires a member named \"value\"."));
    }

    private static (string Operation, string? Pointer) OlderForm(JsonElement change) =>
        Operations.Where(o => change.TryGetProperty(o, out _)).ToList() is [var operation]
            ? (operation, Text(change, operation))
            : throw Fault.BadRequest($"Operation objects must contain exactly one member named \"add\", \"remove\", or \"replace\".");

    private static (string Operation, string? Pointer) NewerForm(JsonElement change)
    {
        var operation = Text(change, "op") ?? throw Fault.BadRequest($"Unable to find 'op' in JSON Schema change");
        if (!Operations.Contains(operation))
            throw Fault.BadRequest($"Invalid operation: `'{operation}'`. It must be one of the following: {string.Join(", ", Operations)}.");
        return (operation, Text(change, "path") ?? throw Fault.BadRequest($"Unable to find 'path' in JSON Schema change"));
    }

    private static string? Text(JsonElement change, string name) =>
        change.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
