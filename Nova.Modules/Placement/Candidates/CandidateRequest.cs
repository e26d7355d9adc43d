using Nova.Modules.Placement.Queries;

namespace Nova.Modules.Placement.Candidates;

/// <summary>What is asked for: groups of resources, and what holds for all of them.</summary>
internal sealed record CandidateRequest
{
    /// <summary>The groups, in the order in which the query named them first.</summary>
    public required IReadOnlyList<RequestGroup> Groups { get; init; }

    /// <summary>At most so many candidates; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>True when no two groups with a suffix may take from the same provider.</summary>
    public bool IsIsolated { get; init; }

    /// <summary>Traits of the root of the tree.</summary>
    public TraitTerms Root { get; init; } = TraitTerms.None;

    /// <summary>For each set of suffixes: the providers of these groups are all at or below one of them.</summary>
    public IReadOnlyList<IReadOnlySet<string>> SameSubtrees { get; init; } = [];

    /// <summary>False before 1.29: a candidate then takes from one provider of a tree alone, and only those are summarised.</summary>
    public bool KnowsNesting { get; init; } = true;
}

/// <summary>
/// One group. Without a suffix it may take each class from another provider of a tree, and from what is shared with the
/// tree; with one it takes everything from a single provider.
/// </summary>
internal sealed record RequestGroup
{
    /// <summary>What follows the names of its parameters; empty for the group without one.</summary>
    public required string Suffix { get; init; }

    /// <summary>True when one provider must give everything.</summary>
    public bool IsGranular => Suffix.Length > 0;

    /// <summary>Classes and amounts; from 1.36 on a group may want none.</summary>
    public IReadOnlyList<ResourceAmount> Resources { get; init; } = [];

    /// <summary>Traits of its providers.</summary>
    public TraitTerms Traits { get; init; } = TraitTerms.None;

    /// <summary>Aggregates of its providers.</summary>
    public AggregateTerms Aggregates { get; init; } = AggregateTerms.None;

    /// <summary>Only the tree in which this provider is.</summary>
    public Guid? InTree { get; init; }
}

/// <summary>In which order trees are visited.</summary>
public enum GenerationStrategy
{
    /// <summary>All candidates of a tree before the first of the next.</summary>
    DepthFirst,
    /// <summary>One candidate of each tree before the second of any.</summary>
    BreadthFirst,
}
