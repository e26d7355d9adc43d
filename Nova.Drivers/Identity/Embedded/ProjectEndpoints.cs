using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#projects and #users</summary>
public sealed class ProjectEndpoints(IdentityService identity, Db database) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/projects", ListProjects).AnyCaller();
        routes.Post("/v3/projects", CreateProject).AnyCaller();
        routes.Get("/v3/projects/{id}", ShowProject).AnyCaller();
        routes.Patch("/v3/projects/{id}", UpdateProject).AnyCaller();
        routes.Delete("/v3/projects/{id}", DeleteProject).AnyCaller();
        routes.Get("/v3/users", ListUsers).AnyCaller();
        routes.Post("/v3/users", CreateUser).AnyCaller();
        routes.Get("/v3/users/{id}", ShowUser).AnyCaller();
        routes.Patch("/v3/users/{id}", UpdateUser).AnyCaller();
        routes.Delete("/v3/users/{id}", DeleteUser).AnyCaller();

        // The old password in the body is the proof; the token may have ended already.
        routes.Post("/v3/users/{id}/password", ChangePassword).Anonymous();
        routes.Get("/v3/users/{id}/projects", ProjectsOfUser).AnyCaller();
        routes.Get("/v3/users/{id}/groups", (caller, _) => Task.FromResult(IdentityWire.List(caller, "groups", []))).AnyCaller();
        routes.Get("/v3/groups", (caller, _) => Task.FromResult(IdentityWire.List(caller, "groups", []))).AnyCaller();
    }

    private async Task<Answer> ListProjects(RequestContext caller, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:list_projects");
        var projects = (await database.Read(IdentityStore.Projects, ct)).Where(p =>
            Fits(caller, "name", p.Name) && Fits(caller, "domain_id", p.DomainId) && Fits(caller, "parent_id", p.DomainId)
            && FitsFlag(caller, "enabled", p.Enabled) && FitsFlag(caller, "is_domain", false));
        return IdentityWire.List(caller, "projects", projects.Select(p => IdentityWire.Of(p, caller)));
    }

    private async Task<Answer> ShowProject(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("project", IdentityWire.Of(await identity.Project(caller.Caller, caller.Route("id"), ct), caller));

    private async Task<Answer> CreateProject(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("project", IdentityWire.Of(await identity.CreateProject(caller.Caller, (await JsonBody.Read(caller, ct)).Object("project"), ct), caller), 201);

    private async Task<Answer> UpdateProject(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("project", IdentityWire.Of(await identity.UpdateProject(caller.Caller, caller.Route("id"), (await JsonBody.Read(caller, ct)).Object("project"), ct), caller));

    private async Task<Answer> DeleteProject(RequestContext caller, CancellationToken ct)
    {
        await identity.DeleteProject(caller.Caller, caller.Route("id"), ct);
        return Answer.Empty();
    }

    private async Task<Answer> ListUsers(RequestContext caller, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:list_users");
        var users = (await database.Read(IdentityStore.Users, ct)).Where(u =>
            Fits(caller, "name", u.Name) && Fits(caller, "domain_id", u.DomainId) && FitsFlag(caller, "enabled", u.Enabled));
        return IdentityWire.List(caller, "users", users.Select(u => IdentityWire.Of(u, caller)));
    }

    private async Task<Answer> ShowUser(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("user", IdentityWire.Of(await identity.User(caller.Caller, caller.Route("id"), ct), caller));

    private async Task<Answer> CreateUser(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("user", IdentityWire.Of(await identity.CreateUser(caller.Caller, (await JsonBody.Read(caller, ct)).Object("user"), ct), caller), 201);

    private async Task<Answer> UpdateUser(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("user", IdentityWire.Of(await identity.UpdateUser(caller.Caller, caller.Route("id"), (await JsonBody.Read(caller, ct)).Object("user"), ct), caller));

    private async Task<Answer> DeleteUser(RequestContext caller, CancellationToken ct)
    {
        await identity.DeleteUser(caller.Caller, caller.Route("id"), ct);
        return Answer.Empty();
    }

    private async Task<Answer> ChangePassword(RequestContext caller, CancellationToken ct)
    {
        var body = (await JsonBody.Read(caller, ct)).Object("user");
        await identity.ChangePassword(caller.Route("id"), caller.Http.Connection.RemoteIpAddress?.ToString() ?? "", body, ct);
        return Answer.Empty();
    }

    private async Task<Answer> ProjectsOfUser(RequestContext caller, CancellationToken ct)
    {
        var user = await identity.User(caller.Caller, caller.Route("id"), ct);
        var projects = await database.Read(
            async rows =>
            {
                var held = (await IdentityStore.AssignmentsOf(rows, user.Id)).Where(a => a.ScopeKind == "project").Select(a => a.ScopeId).ToHashSet();
                return (await IdentityStore.Projects(rows)).Where(p => held.Contains(p.Id)).ToList();
            },
            ct);
        return IdentityWire.List(caller, "projects", projects.Select(p => IdentityWire.Of(p, caller)));
    }

    private static bool Fits(RequestContext caller, string parameter, string value) => caller.Query(parameter) is not { } wanted || wanted == value;

    private static bool FitsFlag(RequestContext caller, string parameter, bool value) =>
        caller.Query(parameter) is not { } wanted || (wanted is "" or "1" || string.Equals(wanted, "true", StringComparison.OrdinalIgnoreCase)) == value;
}
