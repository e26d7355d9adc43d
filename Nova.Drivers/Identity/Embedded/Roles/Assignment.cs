namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>Who has which role where: a row of <c>identity_assignments</c> or <c>identity_group_assignments</c>.</summary>
public sealed record Assignment
{
    /// <summary>Ends the scope kind of a role that the projects below the scope inherit.</summary>
    public const string Inherited = "/inherited";

    /// <summary>The user, or null when a group has the role.</summary>
    public string? UserId { get; init; }

    /// <summary>The group, or null when a user has the role.</summary>
    public string? GroupId { get; init; }

    /// <summary>project, domain or system; the first two also with <see cref="Inherited"/>.</summary>
    public string ScopeKind { get; init; } = "";

    /// <summary>An id, or <c>all</c> of the system.</summary>
    public string ScopeId { get; init; } = "";

    /// <summary>The role.</summary>
    public string RoleId { get; init; } = "";

    /// <summary>True when the projects below have the role, and the scope itself has not.</summary>
    public bool IsInherited => ScopeKind.EndsWith(Inherited, StringComparison.Ordinal);

    /// <summary>project, domain or system.</summary>
    public string Kind => IsInherited ? ScopeKind[..^Inherited.Length] : ScopeKind;

    /// <summary>The user or the group.</summary>
    public string ActorId => UserId ?? GroupId!;
}
