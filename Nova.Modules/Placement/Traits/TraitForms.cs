using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.Traits;

/// <summary>What requests about traits may be.</summary>
internal static class TraitForms
{
    /// <summary>The name of a trait that an operator makes.</summary>
    public static readonly Schema CustomName = new(Type("string"), MinLength(1), MaxLength(MaxName), Pattern(CustomPattern));

    public static readonly Versions List = new((0, new(Type("object"), Members(("name", Text), ("associated", Text)), Closed)));

    public static readonly Versions Replace = new((0, new(
        Type("object"),
        Members(("traits", new(Type("array"), new ItemsKeyword(Identifier))), ("resource_provider_generation", Integer)),
        Required("traits", "resource_provider_generation"),
        Closed)));
}
