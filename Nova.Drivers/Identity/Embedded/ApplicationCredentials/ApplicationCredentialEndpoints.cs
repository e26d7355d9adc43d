using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.ApplicationCredentials;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#application-credentials</summary>
public sealed class ApplicationCredentialEndpoints(ApplicationCredentialService credentials, Db database) : IEndpoints
{
    private const string Credentials = "/v3/users/{user}/application_credentials";
    private const string Rules = "/v3/users/{user}/access_rules";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(Credentials, List).AnyCaller();
        routes.Post(Credentials, Create).AnyCaller();
        routes.Get(Credentials + "/{id}", Show).AnyCaller();
        routes.Delete(Credentials + "/{id}", Delete).AnyCaller();
        routes.Get(Rules, ListRules).AnyCaller();
        routes.Get(Rules + "/{id}", ShowRule).AnyCaller();
        routes.Delete(Rules + "/{id}", DeleteRule).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_application_credentials", IdentityTargets.OfUser(caller.Route("user")));
        var (found, roles) = await database.Read(async rows => (await ApplicationCredentialStore.OfUser(rows, caller.Route("user")), await RoleStore.All(rows)), ct);
        return IdentityWire.List(caller, "application_credentials", found.Where(c => caller.Fits("name", c.Name)).Select(c => View(c, roles, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var credential = await credentials.Get(caller, "identity:get_application_credential", caller.Route("user"), caller.Route("id"), ct);
        return IdentityWire.One("application_credential", View(credential, await database.Read(RoleStore.All, ct), caller));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var body = (await JsonBody.Read(caller, ct)).Object("application_credential");
        var (credential, secret) = await credentials.Create(caller, caller.Route("user"), body, ct);
        var view = View(credential, await database.Read(RoleStore.All, ct), caller);
        view["secret"] = secret;
        return IdentityWire.One("application_credential", view, 201);
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await credentials.Delete(caller, caller.Route("user"), caller.Route("id"), ct);
        return Answer.Empty();
    }

    private async Task<Answer> ListRules(RequestContext caller, CancellationToken ct)
    {
        var rules = await credentials.RulesOf(caller, "identity:list_access_rules", caller.Route("user"), ct);
        return IdentityWire.List(caller, "access_rules", rules.Select(r => View(r, caller)));
    }

    private async Task<Answer> ShowRule(RequestContext caller, CancellationToken ct)
    {
        var rule = (await credentials.RulesOf(caller, "identity:get_access_rule", caller.Route("user"), ct)).FirstOrDefault(r => r.Id == caller.Route("id"));
        return IdentityWire.One("access_rule", View(rule ?? throw Fault.NotFound($"Could not find Access Rule: {caller.Route("id")}."), caller));
    }

    private async Task<Answer> DeleteRule(RequestContext caller, CancellationToken ct)
    {
        await credentials.DeleteRule(caller, caller.Route("user"), caller.Route("id"), ct);
        return Answer.Empty();
    }

    private static Dictionary<string, object?> View(ApplicationCredential credential, IReadOnlyList<Role> roles, RequestContext caller)
    {
        var held = credential.RoleIds;
        var view = new Dictionary<string, object?>
        {
            ["id"] = credential.Id,
            ["name"] = credential.Name,
            ["description"] = credential.Description,
            ["user_id"] = credential.UserId,
            ["project_id"] = credential.ProjectId,
            ["system"] = null,
            ["roles"] = roles.Where(r => held.Contains(r.Id)).Select(r => new { id = r.Id, name = r.Name, domain_id = r.DomainId }).ToList(),
            ["expires_at"] = credential.ExpiresAt is { } expires ? IdentityWire.Time(expires) : null,
            ["unrestricted"] = credential.Unrestricted,
            ["links"] = IdentityWire.Self(caller, $"users/{credential.UserId}/application_credentials/{credential.Id}"),
        };
        if (credential.AccessRules is { } rules)
            view["access_rules"] = rules.Select(r => new { id = r.Id, service = r.Service, method = r.Method, path = r.Path }).ToList();
        return view;
    }

    private static object View(AccessRule rule, RequestContext caller) => new
    {
        id = rule.Id,
        service = rule.Service,
        method = rule.Method,
        path = rule.Path,
        links = IdentityWire.Self(caller, $"users/{caller.Route("user")}/access_rules/{rule.Id}"),
    };
}
