namespace Nova.Modules.Placement.Candidates;

/// <summary>A request in the numbers of one forest. A name that no provider has is −1, and nothing matches it.</summary>
internal sealed class Wanted
{
    private readonly ulong[][] _rootRequired;
    private readonly ulong[] _rootForbidden;

    public Wanted(Forest forest, CandidateRequest request)
    {
        var groups = request.Groups.Select(g => new WantedGroup(forest, g)).ToList();
        Slots =
        [
            .. from @group in groups
               from needs in @group.IsGranular ? [@group.Needs] : @group.Needs.Select(need => new[] { need })
               select new Slot(@group, needs, IsContended(groups, needs)),
        ];
        SameSubtrees = [.. request.SameSubtrees.Select(suffixes => SlotsOf(suffixes))];
        (_rootRequired, _rootForbidden) = ([.. request.Root.Required.Select(any => Bits(forest, any))], Bits(forest, request.Root.Forbidden));
        IsIsolated = request.IsIsolated;
    }

    /// <summary>What has to be placed, each on one provider: a group with a suffix, or one class of the group without.</summary>
    public Slot[] Slots { get; }

    /// <summary>For each same_subtree the places of its slots.</summary>
    public int[][] SameSubtrees { get; }

    /// <summary>True when no two groups with a suffix may take from the same provider.</summary>
    public bool IsIsolated { get; }

    /// <summary>True when a tree may anchor candidates.</summary>
    public bool Admits(Provider root) => Array.TrueForAll(_rootRequired, root.Traits.HasAny) && !root.Traits.HasAny(_rootForbidden);

    /// <summary>Traits as bits; those that no provider has are left out.</summary>
    public static ulong[] Bits(Forest forest, IEnumerable<string> traits) =>
        TraitSet.Bits([.. traits.Select(forest.Names.Trait).Where(number => number >= 0)]);

    private int[] SlotsOf(IReadOnlySet<string> suffixes) =>
        [.. Enumerable.Range(0, Slots.Length).Where(i => Slots[i].Group.IsGranular && suffixes.Contains(Slots[i].Group.Suffix))];

    // Only a class that is asked for twice can be exhausted by the request itself.
    private static bool IsContended(List<WantedGroup> groups, Portion[] needs) =>
        Array.Exists(needs, need => groups.Count(g => Array.Exists(g.Needs, n => n.Class == need.Class)) > 1);
}

/// <summary>An amount of a class, by its number.</summary>
internal readonly record struct Portion(int Class, long Amount);

/// <summary>What is to be placed on one provider.</summary>
/// <param name="Group">Whose it is.</param>
/// <param name="Needs">What it takes there.</param>
/// <param name="IsContended">True when another slot wants one of its classes too.</param>
internal sealed record Slot(WantedGroup Group, Portion[] Needs, bool IsContended);

/// <summary>A group in the numbers of one forest.</summary>
internal sealed class WantedGroup
{
    private readonly ulong[][] _required;
    private readonly ulong[] _forbidden;
    private readonly int[][] _memberOf;
    private readonly int[] _forbiddenAggregates;
    private readonly bool _namesNothing;

    public WantedGroup(Forest forest, RequestGroup group)
    {
        Suffix = group.Suffix;
        Needs = [.. group.Resources.Select(r => new Portion(forest.Names.Class(r.Class), r.Amount))];
        _required = [.. group.Traits.Required.Select(any => Wanted.Bits(forest, any))];
        _forbidden = Wanted.Bits(forest, group.Traits.Forbidden);
        _memberOf = [.. group.Aggregates.Required.Select(any => Aggregates(forest, any))];
        _forbiddenAggregates = Aggregates(forest, group.Aggregates.Forbidden);
        _namesNothing = Needs.Length + _required.Length + _memberOf.Length == 0;
        IsBoundToTree = group.InTree is not null;
        Tree = group.InTree is { } id ? forest.TreeOf(id) : null;
    }

    /// <summary>Its suffix.</summary>
    public string Suffix { get; }

    /// <summary>True when one provider must give everything.</summary>
    public bool IsGranular => Suffix.Length > 0;

    /// <summary>What it takes.</summary>
    public Portion[] Needs { get; }

    /// <summary>True when only <see cref="Tree"/> will do.</summary>
    public bool IsBoundToTree { get; }

    /// <summary>The tree, or null when the named provider does not exist.</summary>
    public Tree? Tree { get; }

    /// <summary>
    /// True when the provider alone satisfies a group with a suffix. Such a group looks at the provider's own aggregates.
    /// Two habits of the original are kept: a group without resources that names neither a trait nor an aggregate that
    /// should be there finds nothing, and in_tree binds resources alone.
    /// </summary>
    public bool IsSatisfiedBy(Tree tree, Provider provider) =>
        !_namesNothing
        && Gives(provider, Needs)
        && (Needs.Length == 0 || IsIn(tree))
        && HasRequired(provider)
        && !provider.Traits.HasAny(_forbidden)
        && IsMember(provider.Aggregates)
        && !IsForbiddenMember(provider.Aggregates);

    /// <summary>
    /// True when the provider may give one class of the group without a suffix to a tree in which it is. An aggregate of
    /// the root is one of the whole tree. Traits are looked at by <see cref="HaveRequired"/>, when all classes have a provider.
    /// </summary>
    public bool MayGive(Tree tree, Provider provider, Portion[] needs) =>
        Gives(provider, needs)
        && IsIn(tree)
        && !provider.Traits.HasAny(_forbidden)
        && (IsMember(provider.Aggregates) || IsMember(tree.Root.Aggregates))
        && !IsForbiddenMember(provider.Aggregates)
        && !IsForbiddenMember(tree.Root.Aggregates);

    /// <summary>The same for a provider that shares what it has with a tree in which it is not; the tree is looked at by <see cref="MayReach"/>.</summary>
    public bool MayShare(Provider provider, Portion[] needs) =>
        Gives(provider, needs)
        && !IsBoundToTree
        && !provider.Traits.HasAny(_forbidden)
        && IsMember(provider.Aggregates)
        && !IsForbiddenMember(provider.Aggregates);

    /// <summary>True when the group without a suffix may be placed on what is shared with a tree.</summary>
    public bool MayReach(Tree tree) => !IsForbiddenMember(tree.Root.Aggregates);

    /// <summary>True when the providers together have the traits that are required.</summary>
    public bool HaveRequired(IEnumerable<Provider> providers) =>
        Array.TrueForAll(_required, any => providers.Any(p => p.Traits.HasAny(any)));

    /// <summary>True when some provider is in the aggregates that are required.</summary>
    public bool IsMember(int[] aggregates) => Array.TrueForAll(_memberOf, any => HaveCommon(any, aggregates));

    private static bool Gives(Provider provider, Portion[] needs)
    {
        foreach (var need in needs)
            if (provider.Find(need.Class)?.Fits(need.Amount) != true)
                return false;
        return true;
    }

    private bool HasRequired(Provider provider) => Array.TrueForAll(_required, provider.Traits.HasAny);

    private bool IsIn(Tree tree) => !IsBoundToTree || ReferenceEquals(tree, Tree);

    private bool IsForbiddenMember(int[] aggregates) => HaveCommon(_forbiddenAggregates, aggregates);

    private static int[] Aggregates(Forest forest, IEnumerable<Guid> ids) =>
        [.. ids.Select(forest.Names.Aggregate).Where(number => number >= 0)];

    private static bool HaveCommon(int[] some, int[] others)
    {
        foreach (var one in some)
            if (Array.IndexOf(others, one) >= 0)
                return true;
        return false;
    }
}
