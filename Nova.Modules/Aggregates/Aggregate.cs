using Nova.Modules.Scheduling;

namespace Nova.Modules.Aggregates;

/// <summary>A group of hosts with keys and values that the scheduler looks at; with a zone it is an availability zone.</summary>
public sealed record Aggregate
{
    /// <summary>Its id in Placement, shown from 2.41.</summary>
    public Guid Id { get; init; }

    /// <summary>Its public id.</summary>
    public long Number { get; init; }

    /// <summary>Unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>The availability zone of its hosts, or null.</summary>
    public string? Zone { get; init; }

    /// <summary>Keys and values, the zone among them.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Rises with each change of name, zone or metadata.</summary>
    public long Revision { get; init; }

    /// <summary>The names of its hosts, in the order in which they were added.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>The last change of name, zone or metadata, or null.</summary>
    public long? UpdatedAt { get; init; }

    /// <summary>What pictures are told.</summary>
    public AggregateState State => new(Id, Revision, Name, Metadata);
}
