namespace Nova.Drivers.Identity.Embedded.Groups;

/// <summary>A row of <c>identity_groups</c>: users who get roles together.</summary>
public sealed record Group
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its domain; members may be of any.</summary>
    public string DomainId { get; init; } = "default";

    /// <summary>Unique within the domain.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}
