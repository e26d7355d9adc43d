using System.Text.Json;
using Nova.Modules.Identity;

namespace Nova.Drivers.Identity.Embedded.ApplicationCredentials;

/// <summary>A row of <c>identity_application_credentials</c>: what lets a program act for a user in one project.</summary>
public sealed record ApplicationCredential
{
    /// <summary>32 hex digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>Whose it is.</summary>
    public string UserId { get; init; } = "";

    /// <summary>Where it works.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Unique for the user.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }

    /// <summary>The secret, hashed as passwords are.</summary>
    public string SecretHash { get; init; } = "";

    /// <summary>JSON array of ids; the user must still have them.</summary>
    public string Roles { get; init; } = "[]";

    /// <summary>JSON array of access rules, or null when all requests are allowed.</summary>
    public string? Rules { get; init; }

    /// <summary>True lets its tokens make and remove application credentials.</summary>
    public bool Unrestricted { get; init; }

    /// <summary>Milliseconds since 1970 UTC, or null.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>The ids of its roles.</summary>
    public IReadOnlyList<string> RoleIds => JsonSerializer.Deserialize<List<string>>(Roles)!;

    /// <summary>Its rules, or null.</summary>
    public IReadOnlyList<AccessRule>? AccessRules => Rules is null ? null : JsonSerializer.Deserialize<List<AccessRule>>(Rules)!;
}
