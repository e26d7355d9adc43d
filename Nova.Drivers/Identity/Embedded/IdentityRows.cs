namespace Nova.Drivers.Identity.Embedded;

/// <summary>A row of <c>identity_projects</c>.</summary>
public sealed record ProjectRow
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Always <c>default</c>.</summary>
    public string DomainId { get; init; } = "default";

    /// <summary>Unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>False gives no tokens.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>JSON array.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}

/// <summary>A row of <c>identity_users</c>.</summary>
public sealed record UserRow
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Always <c>default</c>.</summary>
    public string DomainId { get; init; } = "default";

    /// <summary>Unique.</summary>
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

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}

/// <summary>A row of <c>identity_roles</c>.</summary>
public sealed record RoleRow
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }
}

/// <summary>Who has which role where.</summary>
public sealed record AssignmentRow
{
    /// <summary>The user.</summary>
    public string UserId { get; init; } = "";

    /// <summary>project, domain or system.</summary>
    public string ScopeKind { get; init; } = "";

    /// <summary>An id, or <c>all</c> of the system.</summary>
    public string ScopeId { get; init; } = "";

    /// <summary>The role.</summary>
    public string RoleId { get; init; } = "";
}

/// <summary>One role that another brings with it.</summary>
public sealed record ImpliedRoleRow
{
    /// <summary>Who has this …</summary>
    public string PriorId { get; init; } = "";

    /// <summary>… has this too.</summary>
    public string ImpliedId { get; init; } = "";
}

/// <summary>Where a token works.</summary>
/// <param name="Kind">project, domain, system, or empty for an unscoped token.</param>
/// <param name="Id">Of the project or domain; <c>all</c> for the system.</param>
public sealed record TokenScope(string Kind, string Id)
{
    /// <summary>Works nowhere; to be exchanged for another.</summary>
    public static readonly TokenScope None = new("", "");

    /// <summary>The whole system.</summary>
    public static readonly TokenScope System = new("system", "all");
}
