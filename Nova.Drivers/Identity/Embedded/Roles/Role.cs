namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>A row of <c>identity_roles</c>.</summary>
public sealed record Role
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }

    /// <summary>The domain that the role belongs to; null for the roles that tokens have.</summary>
    public string? DomainId { get; init; }

    /// <summary>JSON object.</summary>
    public string Options { get; init; } = "{}";
}

/// <summary>One role that another brings with it.</summary>
public sealed record ImpliedRole
{
    /// <summary>Who has this …</summary>
    public string PriorId { get; init; } = "";

    /// <summary>… has this too.</summary>
    public string ImpliedId { get; init; } = "";
}
