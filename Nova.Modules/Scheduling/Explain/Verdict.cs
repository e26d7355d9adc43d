namespace Nova.Modules.Scheduling.Explain;

/// <summary>What a scheduler would answer now, and why. Nothing was reserved for it.</summary>
public sealed record Verdict
{
    /// <summary>True when every server of the request has a host.</summary>
    public required bool Fits { get; init; }

    /// <summary>How many hosts there are.</summary>
    public required int HostsSeen { get; init; }

    /// <summary>How many could take one server of the request.</summary>
    public required int HostsFit { get; init; }

    /// <summary>How many hosts each prefilter and filter refused, with what the nearest of them lacked.</summary>
    public required IReadOnlyList<Refusal> Refusals { get; init; }

    /// <summary>The hosts that the first server would be given, best first; empty when it does not fit.</summary>
    public IReadOnlyList<ScoredHost> Best { get; init; } = [];
}

/// <summary>A host with what each weigher made of it.</summary>
/// <param name="Host">The service's host name.</param>
/// <param name="Node">The hypervisor's host name.</param>
/// <param name="Zone">Its zone.</param>
/// <param name="Score">The sum of the shares; larger is better.</param>
/// <param name="Shares">What each weigher added; those that tell no hosts apart are left out.</param>
public sealed record ScoredHost(string Host, string Node, string Zone, float Score, IReadOnlyList<WeigherShare> Shares);

/// <summary>What a weigher added to a host's score.</summary>
/// <param name="Weigher">Its name.</param>
/// <param name="Value">The host's value in the weigher's column.</param>
/// <param name="Share">What that is after normalising and multiplying.</param>
public readonly record struct WeigherShare(string Weigher, int Value, float Share);

/// <summary>How many more servers of a kind fit, and what stands against more.</summary>
public sealed record Capacity
{
    /// <summary>How many more fit now, one beside the other.</summary>
    public required long Servers { get; init; }

    /// <summary>True when counting ended at a limit: there is room for at least so many.</summary>
    public bool IsAtLeast { get; init; }

    /// <summary>How many hosts there are.</summary>
    public required int HostsSeen { get; init; }

    /// <summary>How many have room for one or more.</summary>
    public required int HostsFit { get; init; }

    /// <summary>What runs out first, by the number of hosts on which it does; most hosts first. Resource classes, or the name of a filter.</summary>
    public required IReadOnlyList<Shortage> RunsOut { get; init; }

    /// <summary>Why the other hosts have no room for one.</summary>
    public required IReadOnlyList<Refusal> Refusals { get; init; }
}

/// <summary>What runs out first on some hosts.</summary>
/// <param name="What">A resource class, or the filter that looks at hosts one by one.</param>
/// <param name="Hosts">On how many hosts.</param>
public readonly record struct Shortage(string What, int Hosts);
