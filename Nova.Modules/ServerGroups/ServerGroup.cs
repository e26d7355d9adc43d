using Nova.Modules.Scheduling;

namespace Nova.Modules.ServerGroups;

/// <summary>Servers of a project that are to be kept together or apart.</summary>
public sealed record ServerGroup
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Who made it.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>One of <see cref="GroupPolicies"/>.</summary>
    public string Policy { get; init; } = "";

    /// <summary>The rule of anti-affinity groups, or null when none was given, which means 1.</summary>
    public long? MaxServerPerHost { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Its servers that are not deleted.</summary>
    public IReadOnlyList<Guid> Members { get; init; } = [];

    /// <summary>What schedulers have to know of it.</summary>
    public GroupRequest Request => new() { Id = Id, Policy = Policy, MaxPerHost = MaxServerPerHost ?? 1 };
}
