using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.ResourceClasses;

/// <summary>What requests about resource classes may be.</summary>
internal static class ClassForms
{
    public static readonly Versions Name = new((0, new(
        Type("object"),
        Members(("name", new(Type("string"), Pattern(CustomPattern), MaxLength(MaxName)))),
        Required("name"),
        Closed)));
}
