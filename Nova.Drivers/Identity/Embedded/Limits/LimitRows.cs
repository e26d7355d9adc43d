namespace Nova.Drivers.Identity.Embedded.Limits;

/// <summary>A row of <c>identity_registered_limits</c>: what each project may have of a resource.</summary>
public sealed record RegisteredLimit
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Whose resource it is.</summary>
    public string ServiceId { get; init; } = "";

    /// <summary>Empty for all regions.</summary>
    public string RegionId { get; init; } = "";

    /// <summary>Such as <c>servers</c> or <c>class:VCPU</c>.</summary>
    public string ResourceName { get; init; } = "";

    /// <summary>-1 is unlimited.</summary>
    public long DefaultLimit { get; init; }

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }
}

/// <summary>A row of <c>identity_limits</c>: what one project or domain may have instead.</summary>
public sealed record Limit
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Whose limit it is; empty for a domain's.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Whose limit it is; empty for a project's.</summary>
    public string DomainId { get; init; } = "";

    /// <summary>Whose resource it is.</summary>
    public string ServiceId { get; init; } = "";

    /// <summary>Empty for all regions.</summary>
    public string RegionId { get; init; } = "";

    /// <summary>Such as <c>servers</c> or <c>class:VCPU</c>.</summary>
    public string ResourceName { get; init; } = "";

    /// <summary>-1 is unlimited.</summary>
    public long ResourceLimit { get; init; }

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }
}
