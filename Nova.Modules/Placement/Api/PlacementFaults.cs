using Nova.Modules.Shared;

namespace Nova.Modules.Placement.Api;

/// <summary>The failures that programs tell by their codes.</summary>
internal static class PlacementFaults
{
    /// <summary>A generation did not match, or another writer won.</summary>
    public static Fault ConcurrentUpdate(MessageTemplate message) => Conflict(message, "placement.concurrent_update");

    /// <summary>An inventory that has allocations would go.</summary>
    public static Fault InventoryInUse(MessageTemplate message) => Conflict(message, "placement.inventory.inuse");

    /// <summary>A name or id is taken.</summary>
    public static Fault Duplicate(MessageTemplate message) => Conflict(message, "placement.duplicate_name");

    /// <summary>A provider with allocations would go.</summary>
    public static Fault ProviderInUse(MessageTemplate message) => Conflict(message, "placement.resource_provider.inuse");

    /// <summary>A provider with children would go.</summary>
    public static Fault ProviderIsParent(MessageTemplate message) => Conflict(message, "placement.resource_provider.cannot_delete_parent");

    /// <summary>A provider that a body names does not exist.</summary>
    public static Fault UnknownProvider(MessageTemplate message) => BadRequest(message, "placement.resource_provider.not_found");

    /// <summary>A query parameter may be given once.</summary>
    public static Fault RepeatedParameter(MessageTemplate message) => BadRequest(message, "placement.query.duplicate_key");

    /// <summary>A query parameter has a value that it cannot have.</summary>
    public static Fault BadParameter(MessageTemplate message) => BadRequest(message, "placement.query.bad_value");

    /// <summary>A query parameter is missing.</summary>
    public static Fault MissingParameter(MessageTemplate message) => BadRequest(message, "placement.query.missing_value");

    private static Fault Conflict(MessageTemplate message, string code) => new(FaultKind.Conflict, message.ToMessage()) { Code = code };

    private static Fault BadRequest(MessageTemplate message, string code) => new(FaultKind.BadRequest, message.ToMessage()) { Code = code };
}
