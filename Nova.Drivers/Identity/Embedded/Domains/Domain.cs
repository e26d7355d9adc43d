namespace Nova.Drivers.Identity.Embedded.Domains;

/// <summary>A row of <c>identity_domains</c>: what users, groups and projects belong to.</summary>
public sealed record Domain
{
    /// <summary>The one that each installation begins with.</summary>
    public const string Default = "default";

    /// <summary>32 hex digits, or <c>default</c>.</summary>
    public string Id { get; init; } = "";

    /// <summary>Unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>False gives no tokens to its users and for its projects.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>JSON array.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>JSON object.</summary>
    public string Options { get; init; } = "{}";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}
