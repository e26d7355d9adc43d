using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>Gives tokens for what somebody has proved, and ends them.</summary>
public sealed class TokenService(
    Db database, TokenKeys keys, Revocations revocations, EmbeddedIdentity identity, Authentication authentication, IdentitySettings settings, TimeProvider time)
{
    /// <summary>Answers an authentication request with a signed token.</summary>
    /// <exception cref="Fault">400 for a request that says too little, 401 for one that proves nothing, 403 for an exchange that would widen a token.</exception>
    public async Task<(string Token, TokenClaims Claims)> Issue(RequestContext caller, JsonBody auth, CancellationToken ct)
    {
        var proof = await authentication.Of(caller, auth.Object("identity"), ct);
        CheckExchange(auth, proof);
        var scope = proof.Credential is { } credential ? new("project", credential.ProjectId) : await Scope(auth, proof.User, ct);
        var claims = await Claims(proof, scope, ct);
        return (await keys.Sign(claims, ct), claims);
    }

    /// <summary>The claims of a token that is still good.</summary>
    public async Task<TokenClaims> Validate(string token, CancellationToken ct) =>
        await identity.Claims(token, ct) ?? throw Fault.NotFound($"Failed to validate token");

    /// <summary>Ends a token and those that it was exchanged for.</summary>
    public Task Revoke(TokenClaims claims, CancellationToken ct) => database.Write(tx => revocations.Token(tx, claims), ct);

    private static void CheckExchange(JsonBody auth, Proof proof)
    {
        if (proof.Credential is not null && auth.Has("scope"))
            throw proof.Parent is null
                ? new Fault(FaultKind.Unauthorized, Message.Of($"Error authenticating with application credential: Application credentials cannot request a scope."))
                : IdentitySurface.NotAllowed("Using an application credential token to create a scoped token is not allowed.");
        if (proof.Parent?.S == "system" && auth.Element.TryGetProperty("scope", out var scope) && scope.ValueKind == JsonValueKind.Object && (scope.TryGetProperty("project", out _) || scope.TryGetProperty("domain", out _)))
            throw IdentitySurface.NotAllowed("Using a system-scoped token to create a project-scoped or domain-scoped token is not allowed.");
    }

    private async Task<TokenScope> Scope(JsonBody auth, User user, CancellationToken ct)
    {
        if (auth.Has("scope") && auth.Element.GetProperty("scope") is { ValueKind: JsonValueKind.String } text)
            return text.GetString() == "unscoped" ? TokenScope.None : throw IdentitySurface.LoginFailed();
        if (auth.Find("scope") is not { } scope)
            return await DefaultScope(user, ct);
        if (scope.Find("project") is { } project)
            return new("project", await ProjectId(project, ct));
        if (scope.Find("domain") is { } domain)
            return new("domain", (await database.Read(rows => Authentication.Domain(rows, domain), ct))?.Id ?? throw IdentitySurface.LoginFailed());
        if (scope.Find("system") is { } system)
            return system.Bool("all") == true ? TokenScope.System : throw IdentitySurface.LoginFailed();
        return scope.Has("unscoped") ? TokenScope.None : throw IdentitySurface.Expected("system, project, domain or unscoped", "scope");
    }

    private async Task<TokenScope> DefaultScope(User user, CancellationToken ct)
    {
        if (user.DefaultProjectId is not { } id)
            return TokenScope.None;

        var scope = new TokenScope("project", id);
        return await database.Read(async rows => await IsUsable(rows, scope) && (await EffectiveRoles.In(rows, user.Id, scope)).Count > 0, ct) ? scope : TokenScope.None;
    }

    private async Task<string> ProjectId(JsonBody project, CancellationToken ct)
    {
        if (project.Text("id") is { } id)
            return id;

        var name = project.Text("name") ?? throw IdentitySurface.Expected("id or name", "project");
        var given = project.Find("domain") ?? throw IdentitySurface.Expected("domain", "project");
        var found = await database.Read(async rows => await Authentication.Domain(rows, given) is { } domain ? await ProjectStore.Named(rows, name, domain.Id) : null, ct);
        return found?.Id ?? throw IdentitySurface.LoginFailed();
    }

    private async Task<TokenClaims> Claims(Proof proof, TokenScope scope, CancellationToken ct)
    {
        var (user, parent, credential) = (proof.User, proof.Parent, proof.Credential);
        var (isUsable, held, project) = await database.Read(
            async rows => (await IsUsable(rows, scope), await EffectiveRoles.In(rows, user.Id, scope), scope.Kind == "project" ? await ProjectStore.Find(rows, scope.Id) : null), ct);
        var roles = credential is null ? held : [.. held.Where(r => credential.RoleIds.Contains(r.Id))];
        if (!isUsable || (scope != TokenScope.None && roles.Count == 0))
            throw IdentitySurface.LoginFailed();

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var auditId = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var claims = new TokenClaims
        {
            U = user.Id,
            N = user.Name,
            UD = user.DomainId,
            S = scope.Kind,
            I = scope.Id,
            P = project?.Name,
            PD = project?.DomainId,
            R = [.. roles.Select(r => r.Name)],
            M = proof.Methods,
            A = parent is null ? [auditId] : [auditId, parent.A[^1]],
            K = credential?.Id,
            F = now,
            E = Math.Min(parent?.E ?? now + settings.TokenSeconds * 1000L, credential?.ExpiresAt ?? long.MaxValue),
        };

        // What ended earlier tokens within this millisecond came before this one.
        return await revocations.Holds(claims, ct) ? claims with { F = now + 1 } : claims;
    }

    // The scope and the domain around it are there and enabled.
    private static async Task<bool> IsUsable(Rows rows, TokenScope scope) => scope.Kind switch
    {
        "project" => await ProjectStore.Find(rows, scope.Id) is { Enabled: true } project && await DomainStore.Find(rows, project.DomainId) is { Enabled: true },
        "domain" => await DomainStore.Find(rows, scope.Id) is { Enabled: true },
        _ => true,
    };
}
