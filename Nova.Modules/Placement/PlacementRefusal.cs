namespace Nova.Modules.Placement;

/// <summary>Why the rules of inventories and allocations refuse a change; each request of the API words it in its own way.</summary>
internal sealed class PlacementRefusal : Exception
{
    private PlacementRefusal(RefusalKind kind, string message)
        : base(message) => Kind = kind;

    /// <summary>What kind of rule.</summary>
    public RefusalKind Kind { get; }

    /// <summary>A resource class that does not exist.</summary>
    public static PlacementRefusal UnknownClass(string name) => new(RefusalKind.UnknownClass, $"No such resource class {name}.");

    /// <summary>Inventories that would go have allocations.</summary>
    public static PlacementRefusal InUse(IEnumerable<string> classes, Guid providerId) =>
        new(RefusalKind.InUse, $"Inventory for '{string.Join(", ", classes)}' on resource provider '{providerId}' in use.");

    /// <summary>Allocations of what a provider does not have.</summary>
    public static PlacementRefusal NoInventory(IEnumerable<string> classes, IEnumerable<Guid> providerIds) =>
        new(RefusalKind.DoesNotFit, $"Inventory for '{string.Join(", ", classes)}' on resource provider '{string.Join(", ", providerIds)}' invalid.");

    /// <summary>An amount outside of min, max and step.</summary>
    public static PlacementRefusal BreaksConstraints(string @class, Guid providerId) => new(
        RefusalKind.DoesNotFit,
        $"Unable to create allocation for '{@class}' on resource provider '{providerId}'. The requested amount would violate inventory constraints.");

    /// <summary>More than there is.</summary>
    public static PlacementRefusal ExceedsCapacity(string @class, Guid providerId) => new(
        RefusalKind.DoesNotFit,
        $"Unable to create allocation for '{@class}' on resource provider '{providerId}'. The requested amount would exceed the capacity.");

    /// <summary>Another writer was first.</summary>
    public static PlacementRefusal Concurrent() =>
        new(RefusalKind.Concurrent, "Another thread concurrently updated the data. Please retry your update");
}

/// <summary>The kinds of refusal.</summary>
internal enum RefusalKind
{
    /// <summary>A resource class does not exist.</summary>
    UnknownClass,
    /// <summary>An inventory has allocations.</summary>
    InUse,
    /// <summary>Allocations do not fit.</summary>
    DoesNotFit,
    /// <summary>Another writer was first.</summary>
    Concurrent,
}
