using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.Usages;

/// <summary>What requests about usages may be.</summary>
internal static class UsageForms
{
    private static readonly Schema ConsumerType = new(Type("string"), Pattern($"{ClassPattern}|^all|^unknown$"), MinLength(1), MaxLength(MaxName));

    public static readonly Versions Total = new(
        (0, new(Type("object"), Members(("project_id", Identifier), ("user_id", Identifier)), Required("project_id"), Closed)),
        (38, new(Type("object"), Members(("project_id", Identifier), ("user_id", Identifier), ("consumer_type", ConsumerType)), Required("project_id"), Closed)));
}
