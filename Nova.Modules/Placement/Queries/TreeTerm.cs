using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;

namespace Nova.Modules.Placement.Queries;

/// <summary>The tree that a query limits itself to.</summary>
public static class TreeTerm
{
    /// <summary>A provider of the tree.</summary>
    /// <exception cref="Fault">400 in the original's words.</exception>
    public static Guid Parse(string value) => Uuids.TryParse(value.Trim(), out var uuid)
        ? uuid
        : throw Fault.BadRequest($"Invalid query string parameters: Expected 'in_tree' parameter to be a format of uuid. Got: {value}");
}
