using System.Text.Json;
using Nova.Modules.Placement.Allocations;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Placement.Inventories;

/// <summary>Reads inventories; the bodies have been checked.</summary>
internal static class InventoryBodies
{
    // Until 1.25 something must be left for consumers.
    private const int AllReservedSince = 26;

    /// <summary>One inventory, with the original's defaults for what is not said.</summary>
    public static Inventory One(string @class, JsonElement body) => new()
    {
        Class = @class,
        Total = Number(body, "total", 0),
        Reserved = Number(body, "reserved", 0),
        MinUnit = Number(body, "min_unit", 1),
        MaxUnit = Number(body, "max_unit", Parts.MaxInteger),
        StepSize = Number(body, "step_size", 1),
        AllocationRatio = body.TryGetProperty("allocation_ratio", out var ratio) ? ratio.GetDouble() : 1,
    };

    /// <summary>Several, by their classes.</summary>
    public static IReadOnlyList<Inventory> Many(JsonElement inventories) => [.. PythonText.Members(inventories).Select(m => One(m.Name, m.Value))];

    /// <summary>The generation that the client believes the provider to have.</summary>
    public static long Generation(JsonElement body) => AllocationBodies.Integer(body.GetProperty("resource_provider_generation"));

    /// <summary>Why an inventory cannot be, or null: more is reserved than there is.</summary>
    public static string? Problem(RequestContext caller, IEnumerable<Inventory> inventories, Guid providerId)
    {
        var mayBeEmpty = caller.Since(AllReservedSince);
        return inventories.FirstOrDefault(i => mayBeEmpty ? i.Capacity < 0 : i.Capacity <= 0) is { } bad
            ? $"Invalid inventory for '{bad.Class}' on resource provider '{providerId}'. The reserved value is greater than {(mayBeEmpty ? "" : "or equal to ")}total."
            : null;
    }

    private static long Number(JsonElement body, string name, long otherwise) =>
        body.TryGetProperty(name, out var value) ? AllocationBodies.Integer(value) : otherwise;
}
