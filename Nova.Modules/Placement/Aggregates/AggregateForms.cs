using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.Aggregates;

/// <summary>What requests about aggregates may be.</summary>
internal static class AggregateForms
{
    private static readonly Schema List = new(Type("array"), new ItemsKeyword(Uuid), new UniqueItemsKeyword());

    public static readonly Versions Replace = new(
        (0, List),
        (19, new(
            Type("object"),
            Members(("aggregates", List), ("resource_provider_generation", Integer)),
            Required("aggregates", "resource_provider_generation"),
            Closed)));
}
