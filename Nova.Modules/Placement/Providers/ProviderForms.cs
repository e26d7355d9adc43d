using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.Providers;

/// <summary>What requests about providers may be.</summary>
internal static class ProviderForms
{
    private static readonly Schema Name = new(Type("string"), MaxLength(200));

    private static readonly Schema Parent = new(new AnyOfKeyword(Uuid, new(Type("null"))));

    public static readonly Versions Create = new(
        (0, Form(("name", Name), ("uuid", Uuid))),
        (14, Form(("name", Name), ("uuid", Uuid), ("parent_provider_uuid", Parent))));

    public static readonly Versions Update = new(
        (0, Form(("name", Name))),
        (14, Form(("name", Name), ("parent_provider_uuid", Parent))));

    public static readonly Versions List = new(
        (0, Query(("name", Text), ("uuid", Uuid))),
        (3, Query(("name", Text), ("uuid", Uuid), ("member_of", Text))),
        (4, Query(("name", Text), ("uuid", Uuid), ("member_of", Text), ("resources", Text))),
        (14, Query(("name", Text), ("uuid", Uuid), ("member_of", Text), ("resources", Text), ("in_tree", Uuid))),
        (18, Query(("name", Text), ("uuid", Uuid), ("member_of", Text), ("resources", Text), ("in_tree", Uuid), ("required", Text))));

    private static Schema Form(params (string Name, Schema Schema)[] members) => new(Type("object"), Members(members), Required("name"), Closed);

    private static Schema Query(params (string Name, Schema Schema)[] members) => new(Type("object"), Members(members), Closed);
}
