using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>Gives tokens for passwords and for other tokens, and ends them.</summary>
public sealed class TokenService(
    Db database, TokenKeys keys, Revocations revocations, EmbeddedIdentity identity, Passwords passwords, IdentitySettings settings, TimeProvider time)
{
    /// <summary>Answers an authentication request with a signed token.</summary>
    /// <exception cref="Fault">400 for a request that says too little, 401 for one that proves nothing.</exception>
    public async Task<(string Token, TokenClaims Claims)> Issue(RequestContext caller, JsonBody auth, CancellationToken ct)
    {
        var request = auth.Object("identity");
        var methods = request.Texts("methods") ?? throw caller.Surface.BadBody("'methods' is a required property");
        var (user, parent) = methods switch
        {
            ["password"] => (await ByPassword(caller, request.Object("password").Object("user"), ct), null),
            ["token"] => await ByToken(request.Object("token").Required("id", 8192), ct),
            _ => throw IdentitySurface.LoginFailed(),
        };
        var claims = await Claims(user, await Scope(auth, user, ct), methods, parent, ct);
        return (await keys.Sign(claims, ct), claims);
    }

    /// <summary>The claims of a token that is still good.</summary>
    public async Task<TokenClaims> Validate(string token, CancellationToken ct) =>
        await identity.Claims(token, ct) ?? throw Fault.NotFound($"Failed to validate token");

    /// <summary>Ends a token and those that it was exchanged for.</summary>
    public Task Revoke(TokenClaims claims, CancellationToken ct) => database.Write(tx => revocations.Token(tx, claims), ct);

    private async Task<UserRow> ByPassword(RequestContext caller, JsonBody given, CancellationToken ct)
    {
        var password = given.Text("password", 4096) ?? throw caller.Surface.BadBody("'password' is a required property");
        var (id, name) = (given.Text("id"), given.Text("name"));
        if (id is null && name is null)
            throw caller.Surface.BadBody("'id' or 'name' is a required property");
        if (id is null && given.Find("domain") is null)
            throw caller.Surface.BadBody("'domain' is a required property");

        var domain = DomainOf(given);
        var user = await database.Read(
            async rows => id is not null ? await IdentityStore.User(rows, id) : domain is null ? null : await IdentityStore.UserNamed(rows, name!, domain), ct);
        var address = caller.Http.Connection.RemoteIpAddress?.ToString() ?? "";
        if (!await passwords.Check(user?.Id ?? name ?? id!, address, user?.PasswordHash, password, ct) || user is not { Enabled: true })
            throw IdentitySurface.LoginFailed();
        return user;
    }

    private async Task<(UserRow User, TokenClaims? Parent)> ByToken(string token, CancellationToken ct)
    {
        var parent = await identity.Claims(token, ct) ?? throw IdentitySurface.LoginFailed();
        var user = await database.Read(rows => IdentityStore.User(rows, parent.U), ct);
        return user is { Enabled: true } ? (user, parent) : throw IdentitySurface.LoginFailed();
    }

    private async Task<TokenScope> Scope(JsonBody auth, UserRow user, CancellationToken ct)
    {
        if (auth.Has("scope") && auth.Element.GetProperty("scope") is { ValueKind: JsonValueKind.String } text)
            return text.GetString() == "unscoped" ? TokenScope.None : throw IdentitySurface.LoginFailed();
        if (auth.Find("scope") is not { } scope)
            return await DefaultScope(user, ct);
        if (scope.Find("project") is { } project)
            return new("project", await ProjectId(project, ct));
        if (scope.Find("domain") is { } domain)
            return new("domain", DomainId(domain.Text("id"), domain.Text("name")) ?? throw IdentitySurface.LoginFailed());
        return scope.Find("system")?.Bool("all") == true ? TokenScope.System : TokenScope.None;
    }

    private async Task<TokenScope> DefaultScope(UserRow user, CancellationToken ct)
    {
        if (user.DefaultProjectId is not { } id)
            return TokenScope.None;

        var scope = new TokenScope("project", id);
        var usable = await database.Read(
            async rows => await IdentityStore.Project(rows, id) is { Enabled: true } && (await IdentityStore.RolesIn(rows, user.Id, scope)).Count > 0, ct);
        return usable ? scope : TokenScope.None;
    }

    private async Task<string> ProjectId(JsonBody project, CancellationToken ct)
    {
        if (project.Text("id") is { } id)
            return id;

        var (name, domain) = (project.Text("name"), DomainOf(project));
        var found = name is null || domain is null ? null : await database.Read(rows => IdentityStore.ProjectNamed(rows, name, domain), ct);
        return found?.Id ?? throw IdentitySurface.LoginFailed();
    }

    private async Task<TokenClaims> Claims(UserRow user, TokenScope scope, IReadOnlyList<string> methods, TokenClaims? parent, CancellationToken ct)
    {
        var (roles, project) = await database.Read(
            async rows => (
                scope == TokenScope.None ? [] : await IdentityStore.RolesIn(rows, user.Id, scope),
                scope.Kind == "project" ? await IdentityStore.Project(rows, scope.Id) : null),
            ct);
        if ((scope != TokenScope.None && roles.Count == 0) || (scope.Kind == "project" && project is not { Enabled: true }))
            throw IdentitySurface.LoginFailed();

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var auditId = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        return new()
        {
            U = user.Id,
            N = user.Name,
            S = scope.Kind,
            I = scope.Id,
            P = project?.Name,
            R = [.. roles.Select(r => r.Name)],
            M = [.. methods.Concat(parent?.M ?? []).Distinct()],
            A = parent is null ? [auditId] : [auditId, parent.A[^1]],
            F = now,
            E = parent?.E ?? now + settings.TokenSeconds * 1000L,
        };
    }

    private static string? DomainOf(JsonBody body) => DomainId(body.Find("domain")?.Text("id"), body.Find("domain")?.Text("name"));

    // There is one domain: id default, name Default.
    private static string? DomainId(string? id, string? name) =>
        id == "default" || (id is null && string.Equals(name, "Default", StringComparison.OrdinalIgnoreCase)) ? "default" : null;
}
