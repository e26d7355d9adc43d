namespace Nova.Modules.Scheduling.Explain;

/// <summary>What is to be tried on a copy of the picture.</summary>
public sealed record Change
{
    /// <summary>Hosts that take no more servers, and whose servers go elsewhere.</summary>
    public IReadOnlyList<string> Drained { get; init; } = [];

    /// <summary>Zones whose hosts are lost, with the servers there.</summary>
    public IReadOnlyList<string> LostZones { get; init; } = [];

    /// <summary>Hosts that are added.</summary>
    public IReadOnlyList<AddedHosts> Added { get; init; } = [];

    /// <summary>The servers that lose their hosts by it, a request for each, largest first.</summary>
    public IReadOnlyList<PlacementRequest> Servers { get; init; } = [];

    /// <summary>A request for one server, to count how many more of it fit before and after; null to count none.</summary>
    public PlacementRequest? Counted { get; init; }
}

/// <summary>Hosts to add.</summary>
/// <param name="Count">How many; 1 to 10,000.</param>
/// <param name="Like">The name of the host that they are like: resources, traits, aggregates, hardware.</param>
/// <param name="Zone">Their zone; null for that host's.</param>
public sealed record AddedHosts(int Count, string Like, string? Zone);

/// <summary>What became of it.</summary>
public sealed record Outcome
{
    /// <summary>Hosts that could be chosen before.</summary>
    public required int HostsBefore { get; init; }

    /// <summary>Hosts that could be chosen after.</summary>
    public required int HostsAfter { get; init; }

    /// <summary>How many servers lost their hosts.</summary>
    public required int Displaced { get; init; }

    /// <summary>How many of them found another.</summary>
    public required int Placed { get; init; }

    /// <summary>Where the first thousand of these went.</summary>
    public required IReadOnlyList<Move> Moves { get; init; }

    /// <summary>The first hundred of those that found none, with the reasons.</summary>
    public required IReadOnlyList<Homeless> Homeless { get; init; }

    /// <summary>Room before, when it was asked for.</summary>
    public Capacity? Before { get; init; }

    /// <summary>Room after, with the displaced servers in their new places.</summary>
    public Capacity? After { get; init; }
}

/// <summary>A server that found another host.</summary>
public readonly record struct Move(Guid Server, string Host);

/// <summary>A server that found none.</summary>
public sealed record Homeless(Guid Server, IReadOnlyList<Refusal> Refusals);
