namespace Nova.Drivers.Identity.Embedded.Users;

/// <summary>A row of <c>identity_users</c>.</summary>
public sealed record User
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its domain.</summary>
    public string DomainId { get; init; } = "default";

    /// <summary>Unique within the domain.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }

    /// <summary>Or null.</summary>
    public string? Email { get; init; }

    /// <summary>False gives no tokens.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The project of a token without scope, or null.</summary>
    public string? DefaultProjectId { get; init; }

    /// <summary>Null cannot log in.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>JSON object.</summary>
    public string Options { get; init; } = "{}";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}
