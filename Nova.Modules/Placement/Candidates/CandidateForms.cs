using Nova.Modules.Placement.Schemas;
using static Nova.Modules.Placement.Schemas.Parts;

namespace Nova.Modules.Placement.Candidates;

/// <summary>What the query may be in each version: https://docs.openstack.org/api-ref/placement/#list-allocation-candidates.</summary>
internal static class CandidateForms
{
    /// <summary>A suffix as it was first: a number.</summary>
    public const string NumberSuffix = "[1-9][0-9]*";

    /// <summary>A suffix since 1.33.</summary>
    public const string NameSuffix = "[a-zA-Z0-9_-]{1,64}";

    private static readonly Schema Limit = new(Types("integer", "string"), Pattern("^[1-9][0-9]*$"), Minimum(1), MinLength(1));

    private static readonly Schema ListedText = new(Types("string"));

    private static readonly Schema Policy = new(Type("string"), new EnumKeyword("none", "isolate"));

    private static readonly (string, Schema)[] Wide = [("limit", Limit), ("group_policy", Policy)];

    private static readonly string[] UntilInTree = ["resources", "required", "member_of"];

    private static readonly string[] Grouped = [.. UntilInTree, "in_tree"];

    /// <summary>The forms.</summary>
    public static readonly Versions All = new(
        (10, Ungrouped()),
        (16, Ungrouped(("limit", Limit))),
        (17, Ungrouped(("limit", Limit), ("required", ListedText))),
        (21, Ungrouped(("limit", Limit), ("required", ListedText), ("member_of", ListedText))),
        (25, InGroups(Wide, NumberSuffix, UntilInTree)),
        (31, InGroups(Wide, NumberSuffix, Grouped)),
        (33, InGroups(Wide, NameSuffix, Grouped)),
        (35, InGroups([.. Wide, ("root_required", ListedText)], NameSuffix, Grouped)),
        (36, InGroups([.. Wide, ("root_required", ListedText), ("same_subtree", ListedText)], NameSuffix, Grouped)));

    private static Schema Ungrouped(params (string, Schema)[] further) =>
        new(Type("object"), Members([("resources", Text), .. further]), Required("resources"), Closed);

    private static Schema InGroups((string, Schema)[] wide, string suffix, string[] grouped) =>
        new(Type("object"), Members(wide), Closed, Named([.. grouped.Select(name => ($"^{name}({suffix})?$", Text))]));
}
