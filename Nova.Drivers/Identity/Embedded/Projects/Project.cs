namespace Nova.Drivers.Identity.Embedded.Projects;

/// <summary>A row of <c>identity_projects</c>.</summary>
public sealed record Project
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>The domain of the whole tree.</summary>
    public string DomainId { get; init; } = "default";

    /// <summary>The project above, or null right below the domain.</summary>
    public string? ParentId { get; init; }

    /// <summary>Unique within the domain.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>False gives no tokens.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>JSON array.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>JSON object.</summary>
    public string Options { get; init; } = "{}";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}
