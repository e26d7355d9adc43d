using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Groups;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Users;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#users</summary>
public sealed class UserEndpoints(UserService users, Db database) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/users", List).AnyCaller();
        routes.Post("/v3/users", Create).AnyCaller();
        routes.Get("/v3/users/{id}", Show).AnyCaller();
        routes.Patch("/v3/users/{id}", Update).AnyCaller();
        routes.Delete("/v3/users/{id}", Delete).AnyCaller();
        routes.Get("/v3/users/{id}/projects", Projects).AnyCaller();
        routes.Get("/v3/users/{id}/groups", GroupsOf).AnyCaller();

        // The old password in the body is the proof; the token may have ended already.
        routes.Post("/v3/users/{id}/password", ChangePassword).Anonymous();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_users", IdentityTargets.OfList(caller));
        var found = (await database.Read(rows => UserStore.All(rows, caller.Caller.DomainId ?? caller.Query("domain_id")), ct)).Where(u =>
            caller.Fits("name", u.Name) && caller.Fits("domain_id", u.DomainId) && caller.FitsFlag("enabled", u.Enabled));
        return IdentityWire.List(caller, "users", found.Select(u => IdentityWire.Of(u, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("user", IdentityWire.Of(await users.Get(caller, "identity:get_user", caller.Route("id"), ct), caller));

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("user", IdentityWire.Of(await users.Create(caller, (await JsonBody.Read(caller, ct)).Object("user"), ct), caller), 201);

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("user", IdentityWire.Of(await users.Update(caller, caller.Route("id"), (await JsonBody.Read(caller, ct)).Object("user"), ct), caller));

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await users.Delete(caller, caller.Route("id"), ct);
        return Answer.Empty();
    }

    private async Task<Answer> ChangePassword(RequestContext caller, CancellationToken ct)
    {
        await users.ChangePassword(caller, caller.Route("id"), (await JsonBody.Read(caller, ct)).Object("user"), ct);
        return Answer.Empty();
    }

    private async Task<Answer> Projects(RequestContext caller, CancellationToken ct)
    {
        var user = await users.Get(caller, "identity:list_user_projects", caller.Route("id"), ct);
        var projects = (await database.Read(rows => EffectiveRoles.ProjectsOf(rows, user.Id), ct))
            .Where(p => caller.Sees(p.DomainId) && caller.Fits("name", p.Name) && caller.Fits("domain_id", p.DomainId) && caller.FitsFlag("enabled", p.Enabled));
        return IdentityWire.List(caller, "projects", projects.Select(p => IdentityWire.Of(p, caller)));
    }

    private async Task<Answer> GroupsOf(RequestContext caller, CancellationToken ct)
    {
        var user = await users.Get(caller, "identity:list_groups_for_user", caller.Route("id"), ct);
        var groups = (await database.Read(rows => GroupStore.OfUser(rows, user.Id), ct)).Where(g => caller.Sees(g.DomainId) && caller.Fits("name", g.Name));
        return IdentityWire.List(caller, "groups", groups.Select(g => IdentityWire.Of(g, caller)));
    }
}
