using Nova.Modules.Identity;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>What a token says. Short names, because every request carries them.</summary>
public sealed record TokenClaims
{
    /// <summary>User id.</summary>
    public required string U { get; init; }

    /// <summary>User name.</summary>
    public required string N { get; init; }

    /// <summary>The user's domain.</summary>
    public string UD { get; init; } = Domains.Domain.Default;

    /// <summary>Scope: project, domain, system or empty.</summary>
    public string S { get; init; } = "";

    /// <summary>Id of the scope.</summary>
    public string I { get; init; } = "";

    /// <summary>Name of the project.</summary>
    public string? P { get; init; }

    /// <summary>The project's domain.</summary>
    public string? PD { get; init; }

    /// <summary>Role names, implied ones included.</summary>
    public IReadOnlyList<string> R { get; init; } = [];

    /// <summary>Methods: password, token, application_credential.</summary>
    public IReadOnlyList<string> M { get; init; } = [];

    /// <summary>Audit ids: its own, then that of the first of its chain.</summary>
    public IReadOnlyList<string> A { get; init; } = [];

    /// <summary>The application credential, or null.</summary>
    public string? K { get; init; }

    /// <summary>Issued; milliseconds since 1970 UTC.</summary>
    public long F { get; init; }

    /// <summary>Expires; milliseconds since 1970 UTC.</summary>
    public long E { get; init; }

    /// <summary>Where it works.</summary>
    public TokenScope Scope => new(S, I);

    /// <summary>The caller that the rest of the program sees.</summary>
    public Caller ToCaller() => new()
    {
        UserId = U,
        UserName = N,
        UserDomainId = UD,
        ProjectId = S == "project" ? I : null,
        ProjectName = S == "project" ? P : null,
        ProjectDomainId = PD ?? Domains.Domain.Default,
        DomainId = S == "domain" ? I : null,
        SystemScope = S == "system",
        Roles = R,
        ExpiresAt = E,
    };
}
