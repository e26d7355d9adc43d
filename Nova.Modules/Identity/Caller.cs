namespace Nova.Modules.Identity;

/// <summary>
/// Who asks, as a token says it. Kept with every operation (never the token), so that work done later is done in this
/// caller's name.
/// </summary>
public sealed record Caller
{
    /// <summary>The user's id, opaque.</summary>
    public required string UserId { get; init; }

    /// <summary>The user's name, where the token tells it.</summary>
    public string? UserName { get; init; }

    /// <summary>The domain of the user.</summary>
    public string UserDomainId { get; init; } = "default";

    /// <summary>The project that the token is scoped to; null for an unscoped, domain- or system-scoped token.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The project's name, where the token tells it.</summary>
    public string? ProjectName { get; init; }

    /// <summary>The domain of the project.</summary>
    public string ProjectDomainId { get; init; } = "default";

    /// <summary>The domain that the token is scoped to, or null.</summary>
    public string? DomainId { get; init; }

    /// <summary>True for a token scoped to the whole system.</summary>
    public bool SystemScope { get; init; }

    /// <summary>Role names, lower case, implied roles included.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The only requests that the token is good for; null for a token without such rules.</summary>
    public IReadOnlyList<AccessRule>? AccessRules { get; init; }

    /// <summary>When the token ends; milliseconds since 1970 UTC.</summary>
    public long ExpiresAt { get; init; } = long.MaxValue;

    /// <summary>
    /// True when the token is good for such a request. Rules name paths as a service of its own has them: <c>/v2.1/servers</c>,
    /// where this process serves <c>/compute/v2.1/servers</c> too.
    /// </summary>
    public bool IsWithinRules(string service, string method, string path)
    {
        if (AccessRules is null)
            return true;

        var own = path.StartsWith("/" + service + "/", StringComparison.Ordinal) ? path[(service.Length + 1)..] : path;
        return AccessRules.Any(rule => rule.Allows(service, method, path) || rule.Allows(service, method, own));
    }

    /// <summary>True when the role is among <see cref="Roles"/>.</summary>
    public bool HasRole(string role) => Roles.Contains(role, StringComparer.OrdinalIgnoreCase);
}
