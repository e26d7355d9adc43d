using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Catalog;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management</summary>
public sealed class TokenEndpoints(TokenService tokens, EmbeddedIdentity identity, ServiceCatalog catalog, IPolicy policy, Db database) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        // One of the methods needs no token, so the others look at theirs themselves.
        routes.Post("/v3/auth/tokens", Issue).Anonymous();
        routes.Get("/v3/auth/tokens", Show).Anonymous();
        routes.Head("/v3/auth/tokens", Check).Anonymous();
        routes.Delete("/v3/auth/tokens", Revoke).Anonymous();
        routes.Get("/v3/auth/catalog", ShowCatalog).AnyCaller();
        routes.Get("/v3/auth/projects", Projects).AnyCaller();
        routes.Get("/v3/auth/domains", ListDomains).AnyCaller();
        routes.Get("/v3/auth/system", Systems).AnyCaller();
    }

    private async Task<Answer> Issue(RequestContext caller, CancellationToken ct)
    {
        var body = await JsonBody.Read(caller, ct);
        var (token, claims) = await tokens.Issue(caller, body.Object("auth"), ct);
        return (await Document(caller, token, claims, ct) with { Status = 201 }).With("X-Subject-Token", token).With("Vary", "X-Auth-Token");
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var (token, claims) = await Subject(caller, "identity:validate_token", ct);
        return (await Document(caller, token, claims, ct)).With("X-Subject-Token", token).With("Vary", "X-Auth-Token");
    }

    private async Task<Answer> Check(RequestContext caller, CancellationToken ct)
    {
        await Subject(caller, "identity:check_token", ct);
        return Answer.Empty(200).With("Vary", "X-Auth-Token");
    }

    private async Task<Answer> Revoke(RequestContext caller, CancellationToken ct)
    {
        await tokens.Revoke((await Subject(caller, "identity:revoke_token", ct)).Claims, ct);
        return Answer.Empty();
    }

    private async Task<Answer> ShowCatalog(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_auth_catalog");
        return IdentityWire.List(caller, "catalog", await catalog.For(caller, caller.Caller.ProjectId, caller.Caller.UserId, ct));
    }

    private async Task<Answer> Projects(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_auth_projects");
        var (projects, domains) = await database.Read(
            async rows => (await EffectiveRoles.ProjectsOf(rows, caller.Caller.UserId), (await DomainStore.All(rows)).Where(d => d.Enabled).Select(d => d.Id).ToHashSet()), ct);
        return IdentityWire.List(caller, "projects", projects.Where(p => p.Enabled && domains.Contains(p.DomainId)).Select(p => IdentityWire.Of(p, caller)));
    }

    private async Task<Answer> ListDomains(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_auth_domains");
        var (held, domains) = await database.Read(async rows => (await AssignmentStore.OfUser(rows, caller.Caller.UserId), await DomainStore.All(rows)), ct);
        var mine = held.Where(a => a.ScopeKind == "domain").Select(a => a.ScopeId).ToHashSet();
        return IdentityWire.List(caller, "domains", domains.Where(d => d.Enabled && mine.Contains(d.Id)).Select(d => IdentityWire.Of(d, caller)));
    }

    private async Task<Answer> Systems(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_auth_system");
        var held = await database.Read(rows => AssignmentStore.OfUser(rows, caller.Caller.UserId), ct);
        return IdentityWire.List(caller, "system", held.Any(a => a.ScopeKind == "system") ? [new { all = true }] : []);
    }

    private async Task<(string Token, TokenClaims Claims)> Subject(RequestContext caller, string rule, CancellationToken ct)
    {
        var by = caller.Header("X-Auth-Token") is { Length: > 0 } own ? await identity.Authenticate(own, caller.Http.Request.Headers, ct) : null;
        if (by is null || !by.IsWithinRules(caller.Surface.Name, caller.Http.Request.Method, caller.Http.Request.Path.Value ?? ""))
            throw caller.Surface.Unauthorized();

        var token = caller.Header("X-Subject-Token") ?? throw caller.Surface.BadBody("X-Subject-Token is required");
        var subject = await identity.Claims(token, ct);
        if (!policy.Allows(by, rule, IdentityTargets.OfUser(null).With(("target.token.user_id", subject?.U))))
            throw caller.Surface.Refused(rule);

        // Who does not say that it looks at access rules would let everything pass.
        if (subject?.K is not null && caller.Header("OpenStack-Identity-Access-Rules") is null && rule != "identity:revoke_token"
            && (await identity.Credential(token, ct))?.AccessRules is not null)
            throw Fault.NotFound($"Failed to validate token");
        return (token, subject ?? throw Fault.NotFound($"Failed to validate token"));
    }

    private async Task<Answer> Document(RequestContext caller, string token, TokenClaims claims, CancellationToken ct)
    {
        var (roles, domains) = await database.Read(
            async rows => (await RoleStore.All(rows), await DomainStore.Names(rows, claims.UD, claims.PD ?? claims.UD, claims.S == "domain" ? claims.I : claims.UD)), ct);
        var document = TokenDocument.Of(claims, roles, domains, await identity.Credential(token, ct));
        if (claims.S.Length > 0 && caller.Query("nocatalog") is null)
            document["catalog"] = (await catalog.For(caller, claims.S == "project" ? claims.I : null, claims.U, ct)).ToList();
        return IdentityWire.One("token", document);
    }
}
