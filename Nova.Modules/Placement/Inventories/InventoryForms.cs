using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.Inventories;

/// <summary>What requests about inventories may be.</summary>
internal static class InventoryForms
{
    // The greatest number of single precision, to the digits that the original gives.
    private const double MaxRatio = 3.40282e+38;

    private static readonly (string Name, Schema Schema)[] Fields =
    [
        ("resource_provider_generation", Integer),
        ("total", Count(1)),
        ("reserved", Count(0)),
        ("min_unit", Count(1)),
        ("max_unit", Count(1)),
        ("step_size", Count(1)),
        ("allocation_ratio", new(Type("number"), Maximum(MaxRatio))),
    ];

    /// <summary>Several, by class.</summary>
    public static readonly Schema Set = new(
        Type("object"), Named((ClassPattern, new(Type("object"), Members(Fields), Required("total"), Closed))));

    public static readonly Versions Create = new((0, new(
        Type("object"),
        Members([.. Fields, ("resource_class", new(Type("string"), Pattern(ClassPattern)))]),
        Required("total", "resource_class"),
        Closed)));

    public static readonly Versions Update = new((0, new(
        Type("object"), Members(Fields), Required("total", "resource_provider_generation"), Closed)));

    /// <summary>All inventories of one provider, as they replace those that it has.</summary>
    public static readonly Schema OfProvider = new(
        Type("object"),
        Members(("resource_provider_generation", Integer), ("inventories", Set)),
        Required("resource_provider_generation", "inventories"),
        Closed);

    public static readonly Versions Replace = new((0, OfProvider));

    private static Schema Count(int least) => new(Type("integer"), Maximum(MaxInteger), Minimum(least));
}
