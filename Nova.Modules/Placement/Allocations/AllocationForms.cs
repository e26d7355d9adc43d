using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.Allocations;

/// <summary>What requests about allocations may be.</summary>
internal static class AllocationForms
{
    private static readonly Schema Resources = new(
        Type("object"), new MinPropertiesKeyword(1), Named((ClassPattern, new(Type("integer"), Minimum(1)))), Closed);

    private static readonly Schema AsList = new(Type("array"), new MinItemsKeyword(1), new ItemsKeyword(new(
        Type("object"),
        Members(("resource_provider", new(Type("object"), Members(("uuid", Uuid)), Closed, Required("uuid"))), ("resources", Resources)),
        Required("resource_provider", "resources"),
        Closed)));

    private static readonly Schema Generation = new(Types("integer", "null"), new IgnoredKeyword("additionalProperties", false));

    private static readonly Schema Mappings = new(
        Type("object"), new MinPropertiesKeyword(1), Named(("[a-zA-Z0-9_-]{1,64}", new(Type("array"), new MinItemsKeyword(1), new ItemsKeyword(Uuid)))));

    private static readonly Schema ConsumerType = new(Type("string"), Pattern(ClassPattern), MinLength(1), MaxLength(MaxName));

    private static readonly Schema Until27 = Consumer(("allocations", ByProvider(0)), ("project_id", Identifier), ("user_id", Identifier));

    private static readonly Schema Since28 = Consumer(
        ("allocations", ByProvider(0)), ("project_id", Identifier), ("user_id", Identifier), ("consumer_generation", Generation));

    private static readonly Schema Since34 = Optional("mappings", Mappings, Since28);

    private static readonly Schema Since38 = Demanded("consumer_type", ConsumerType, Since34);

    public static readonly Versions Set = new(
        (0, new(Type("object"), Members(("allocations", AsList)), Required("allocations"), Closed)),
        (8, new(
            Type("object"),
            Members(("allocations", AsList), ("project_id", Identifier), ("user_id", Identifier)),
            Required("allocations", "project_id", "user_id"),
            Closed)),
        (12, Consumer(("allocations", ByProvider(1)), ("project_id", Identifier), ("user_id", Identifier))),
        (28, Since28),
        (34, Since34),
        (38, Since38));

    public static readonly Versions SetMany = new((0, Many(Until27)), (28, Many(Since28)), (34, Many(Since34)), (38, Many(Since38)));

    /// <summary>The allocations of a reshaper: there may be none.</summary>
    public static readonly Versions Reshape = new((0, Any(Since28)), (34, Any(Since34)), (38, Any(Since38)));

    private static Schema ByProvider(int atLeast) => new(
        Type("object"),
        new MinPropertiesKeyword(atLeast),
        Named((UuidPattern, new(
            Type("object"), Members(("generation", Integer), ("resources", Resources)), Required("resources"), Closed))),
        Closed);

    private static Schema Consumer(params (string Name, Schema Schema)[] members) =>
        new(Type("object"), Members(members), Closed, Required([.. members.Select(m => m.Name)]));

    private static Schema Optional(string name, Schema schema, Schema consumer) =>
        consumer.With(Members([.. consumer.Find<PropertiesKeyword>()!.Members, (name, schema)]));

    private static Schema Demanded(string name, Schema schema, Schema consumer) =>
        Optional(name, schema, consumer).With(Required([.. consumer.Find<RequiredKeyword>()!.Names, name]));

    private static Schema Many(Schema consumer) => new(Type("object"), new MinPropertiesKeyword(1), Closed, Named((UuidPattern, consumer)));

    private static Schema Any(Schema consumer) => new(Type("object"), new MinPropertiesKeyword(0), Closed, Named((UuidPattern, consumer)));
}
