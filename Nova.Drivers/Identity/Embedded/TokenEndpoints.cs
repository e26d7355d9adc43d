using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management</summary>
public sealed class TokenEndpoints(TokenService tokens, EmbeddedIdentity identity, ServiceCatalog catalog, Db database) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        // One of the methods needs no token, so the others look at theirs themselves.
        routes.Post("/v3/auth/tokens", Issue).Anonymous();
        routes.Get("/v3/auth/tokens", Show).Anonymous();
        routes.Head("/v3/auth/tokens", Check).Anonymous();
        routes.Delete("/v3/auth/tokens", Revoke).Anonymous();
        routes.Get("/v3/auth/catalog", Catalog).AnyCaller();
        routes.Get("/v3/auth/projects", Projects).AnyCaller();
        routes.Get("/v3/auth/domains", Domains).AnyCaller();
        routes.Get("/v3/auth/system", Systems).AnyCaller();
    }

    private async Task<Answer> Issue(RequestContext caller, CancellationToken ct)
    {
        var body = await JsonBody.Read(caller, ct);
        var (token, claims) = await tokens.Issue(caller, body.Object("auth"), ct);
        return (await Document(caller, claims, ct) with { Status = 201 }).With("X-Subject-Token", token).With("Vary", "X-Auth-Token");
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var claims = await Subject(caller, "identity:validate_token", ct);
        return (await Document(caller, claims, ct)).With("X-Subject-Token", caller.Header("X-Subject-Token")!).With("Vary", "X-Auth-Token");
    }

    private async Task<Answer> Check(RequestContext caller, CancellationToken ct)
    {
        await Subject(caller, "identity:check_token", ct);
        return Answer.Empty(200).With("Vary", "X-Auth-Token");
    }

    private async Task<Answer> Revoke(RequestContext caller, CancellationToken ct)
    {
        await tokens.Revoke(await Subject(caller, "identity:revoke_token", ct), ct);
        return Answer.Empty();
    }

    private Task<Answer> Catalog(RequestContext caller, CancellationToken ct) =>
        Task.FromResult(IdentityWire.List(caller, "catalog", catalog.InToken(caller)));

    private async Task<Answer> Projects(RequestContext caller, CancellationToken ct)
    {
        var projects = await database.Read(
            async rows =>
            {
                var mine = (await IdentityStore.AssignmentsOf(rows, caller.Caller.UserId)).Where(a => a.ScopeKind == "project").Select(a => a.ScopeId).ToHashSet();
                return (await IdentityStore.Projects(rows)).Where(p => p.Enabled && mine.Contains(p.Id)).ToList();
            },
            ct);
        return IdentityWire.List(caller, "projects", projects.Select(p => IdentityWire.Of(p, caller)));
    }

    private async Task<Answer> Domains(RequestContext caller, CancellationToken ct) =>
        IdentityWire.List(caller, "domains", await Holds(caller, "domain", ct) ? [IdentityWire.Domain(caller)] : []);

    private async Task<Answer> Systems(RequestContext caller, CancellationToken ct) =>
        IdentityWire.List(caller, "system", await Holds(caller, "system", ct) ? [new { all = true }] : []);

    private async Task<bool> Holds(RequestContext caller, string kind, CancellationToken ct) =>
        (await database.Read(rows => IdentityStore.AssignmentsOf(rows, caller.Caller.UserId), ct)).Any(a => a.ScopeKind == kind);

    private async Task<TokenClaims> Subject(RequestContext caller, string action, CancellationToken ct)
    {
        var by = caller.Header("X-Auth-Token") is { Length: > 0 } token ? await identity.Claims(token, ct) : null;
        if (by is null)
            throw caller.Surface.Unauthorized();

        var subject = await tokens.Validate(caller.Header("X-Subject-Token") ?? throw caller.Surface.BadBody("X-Subject-Token is required"), ct);
        return subject.U == by.U || by.R.Contains("admin") || by.R.Contains("service") ? subject : throw IdentitySurface.NotAllowed(action);
    }

    private async Task<Answer> Document(RequestContext caller, TokenClaims claims, CancellationToken ct)
    {
        var token = IdentityWire.Token(claims, await database.Read(IdentityStore.Roles, ct));
        if (claims.S.Length > 0 && caller.Query("nocatalog") is null)
            token["catalog"] = catalog.InToken(caller);
        return IdentityWire.One("token", token);
    }
}
