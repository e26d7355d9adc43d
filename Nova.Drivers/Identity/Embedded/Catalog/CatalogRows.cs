namespace Nova.Drivers.Identity.Embedded.Catalog;

/// <summary>A row of <c>identity_regions</c>.</summary>
public sealed record Region
{
    /// <summary>Chosen by whoever makes it.</summary>
    public string Id { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>The region around it, or null.</summary>
    public string? ParentId { get; init; }
}

/// <summary>A row of <c>identity_services</c>.</summary>
public sealed record Service
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>compute, placement, …</summary>
    public string Type { get; init; } = "";

    /// <summary>nova, …, or null.</summary>
    public string? Name { get; init; }

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }

    /// <summary>False is in no catalog.</summary>
    public bool Enabled { get; init; } = true;
}

/// <summary>A row of <c>identity_endpoints</c>.</summary>
public sealed record ServiceEndpoint
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Whose address it is.</summary>
    public string ServiceId { get; init; } = "";

    /// <summary>public, internal or admin.</summary>
    public string Interface { get; init; } = "";

    /// <summary>Its region, or null.</summary>
    public string? RegionId { get; init; }

    /// <summary>Absolute, or a path on this service.</summary>
    public string Url { get; init; } = "";

    /// <summary>False is in no catalog.</summary>
    public bool Enabled { get; init; } = true;
}
