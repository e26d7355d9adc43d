using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#roles</summary>
public sealed class RoleEndpoints(Db database, Revocations revocations, IdentitySettings settings, TimeProvider time, Ids ids) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/roles", List).AnyCaller();
        routes.Post("/v3/roles", Create).AnyCaller();
        routes.Get("/v3/roles/{id}", Show).AnyCaller();
        routes.Patch("/v3/roles/{id}", Update).AnyCaller();
        routes.Delete("/v3/roles/{id}", Delete).AnyCaller();
        routes.Get("/v3/role_inferences", Inferences).AnyCaller();
        routes.Get("/v3/role_assignments", Assignments).AnyCaller();
        foreach (var (path, kind) in (ReadOnlySpan<(string, string)>)[("/v3/projects/{scope}", "project"), ("/v3/domains/{scope}", "domain"), ("/v3/system", "system")])
        {
            routes.Get(path + "/users/{user}/roles", (caller, ct) => Held(caller, kind, ct)).AnyCaller();
            routes.Put(path + "/users/{user}/roles/{role}", (caller, ct) => Grant(caller, kind, ct)).AnyCaller();
            routes.Head(path + "/users/{user}/roles/{role}", (caller, ct) => Check(caller, kind, ct)).AnyCaller();
            routes.Get(path + "/users/{user}/roles/{role}", (caller, ct) => Check(caller, kind, ct)).AnyCaller();
            routes.Delete(path + "/users/{user}/roles/{role}", (caller, ct) => Withdraw(caller, kind, ct)).AnyCaller();
        }
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:list_roles");
        var roles = (await database.Read(IdentityStore.Roles, ct)).Where(r => caller.Query("name") is not { } name || r.Name == name);
        return IdentityWire.List(caller, "roles", roles.Select(r => IdentityWire.Of(r, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:get_role");
        return IdentityWire.One("role", IdentityWire.Of(await Find(caller.Route("id"), ct), caller));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:create_role");
        var body = (await JsonBody.Read(caller, ct)).Object("role");
        var role = new RoleRow { Id = ids.Next().ToString("N"), Name = body.Required("name"), Description = body.Text("description", 65_535) };
        if (!await database.Write(tx => IdentityStore.TryInsert(tx, role), ct))
            throw Fault.Conflict($"Conflict occurred attempting to store role - Duplicate entry found with name {role.Name}.");
        return IdentityWire.One("role", IdentityWire.Of(role, caller), 201);
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:update_role");
        var body = (await JsonBody.Read(caller, ct)).Object("role");
        var old = await Find(caller.Route("id"), ct);
        var role = old with { Name = body.Text("name") ?? old.Name, Description = body.Text("description", 65_535) ?? old.Description };
        await database.Write(tx => IdentityStore.Update(tx, role), ct);
        return IdentityWire.One("role", IdentityWire.Of(role, caller));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:delete_role");
        var role = await Find(caller.Route("id"), ct);
        var holders = (await database.Read(IdentityStore.Assignments, ct)).Where(a => a.RoleId == role.Id).Select(a => a.UserId).Distinct().ToList();
        await database.Write(
            tx =>
            {
                IdentityStore.DeleteRole(tx, role.Id);
                foreach (var user in holders)
                    revocations.User(tx, user, TokensEnd());
            },
            ct);
        return Answer.Empty();
    }

    private async Task<Answer> Inferences(RequestContext caller, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:list_role_inference_rules");
        var (roles, implied) = await database.Read(
            async rows => ((await IdentityStore.Roles(rows)).ToDictionary(r => r.Id), await IdentityStore.ImpliedRoles(rows)), ct);
        return Answer.Json(new
        {
            role_inferences = implied.GroupBy(i => i.PriorId).Select(g => new
            {
                prior_role = new { id = g.Key, name = roles[g.Key].Name },
                implies = g.Select(i => new { id = i.ImpliedId, name = roles[i.ImpliedId].Name }),
            }),
            links = new { self = caller.Link("/identity/v3/role_inferences") },
        });
    }

    private async Task<Answer> Held(RequestContext caller, string kind, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:list_grants");
        var target = await Target(caller, kind, roleId: "", ct);
        var roles = await database.Read(
            async rows =>
            {
                var held = (await IdentityStore.AssignmentsOf(rows, target.UserId)).Where(a => a.ScopeKind == kind && a.ScopeId == target.ScopeId).Select(a => a.RoleId).ToHashSet();
                return (await IdentityStore.Roles(rows)).Where(r => held.Contains(r.Id)).ToList();
            },
            ct);
        return IdentityWire.List(caller, "roles", roles.Select(r => IdentityWire.Of(r, caller)));
    }

    private async Task<Answer> Grant(RequestContext caller, string kind, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:create_grant");
        var row = await Target(caller, kind, (await Find(caller.Route("role"), ct)).Id, ct);
        await database.Write(tx => IdentityStore.Assign(tx, row), ct);
        return Answer.Empty();
    }

    private async Task<Answer> Check(RequestContext caller, string kind, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:check_grant");
        var row = await Target(caller, kind, (await Find(caller.Route("role"), ct)).Id, ct);
        var held = await database.Read(rows => IdentityStore.AssignmentsOf(rows, row.UserId), ct);
        return held.Contains(row) ? Answer.Empty() : throw NoAssignment(row);
    }

    private async Task<Answer> Withdraw(RequestContext caller, string kind, CancellationToken ct)
    {
        IdentityService.RequireAdmin(caller.Caller, "identity:revoke_grant");
        var row = await Target(caller, kind, (await Find(caller.Route("role"), ct)).Id, ct);
        var withdrawn = await database.Write(
            tx =>
            {
                revocations.User(tx, row.UserId, TokensEnd());
                return IdentityStore.Unassign(tx, row);
            },
            ct);
        return withdrawn ? Answer.Empty() : throw NoAssignment(row);
    }

    private async Task<Answer> Assignments(RequestContext caller, CancellationToken ct)
    {
        if (caller.Query("user.id") != caller.Caller.UserId)
            IdentityService.RequireAdmin(caller.Caller, "identity:list_role_assignments");
        var (all, implied, names) = await database.Read(
            async rows => (await IdentityStore.Assignments(rows), await IdentityStore.ImpliedRoles(rows), await RoleNames.Load(rows)), ct);
        var rows = IsSet(caller, "effective") ? all.GroupBy(a => (a.UserId, a.ScopeKind, a.ScopeId)).SelectMany(g =>
            IdentityStore.Closure(g.Select(a => a.RoleId), implied).Select(role => g.First() with { RoleId = role })) : all;
        return IdentityWire.List(caller, "role_assignments", rows.Where(a => Fits(caller, a)).Select(a => names.View(a, caller, IsSet(caller, "include_names"))));
    }

    private static bool Fits(RequestContext caller, AssignmentRow row) =>
        caller.Query("group.id") is null
        && (caller.Query("user.id") is not { } user || row.UserId == user)
        && (caller.Query("role.id") is not { } role || row.RoleId == role)
        && (caller.Query("scope.project.id") is not { } project || row is { ScopeKind: "project" } && row.ScopeId == project)
        && (caller.Query("scope.domain.id") is not { } domain || row is { ScopeKind: "domain" } && row.ScopeId == domain)
        && (caller.Query("scope.system") is null || row.ScopeKind == "system");

    private static bool IsSet(RequestContext caller, string flag) =>
        caller.Query(flag) is { } value && value != "0" && !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);

    private async Task<RoleRow> Find(string id, CancellationToken ct) =>
        (await database.Read(IdentityStore.Roles, ct)).FirstOrDefault(r => r.Id == id) ?? throw Fault.NotFound($"Could not find role: {id}.");

    private async Task<AssignmentRow> Target(RequestContext caller, string kind, string roleId, CancellationToken ct)
    {
        var (user, scope) = (caller.Route("user"), kind == "system" ? "all" : caller.Route("scope"));
        var (knowsUser, knowsScope) = await database.Read(
            async rows => (
                await IdentityStore.User(rows, user) is not null,
                kind switch { "project" => await IdentityStore.Project(rows, scope) is not null, "domain" => scope == "default", _ => true }),
            ct);
        if (!knowsUser)
            throw Fault.NotFound($"Could not find user: {user}.");
        return knowsScope
            ? new AssignmentRow { UserId = user, ScopeKind = kind, ScopeId = scope, RoleId = roleId }
            : throw Fault.NotFound($"Could not find {kind}: {scope}.");
    }

    private static Fault NoAssignment(AssignmentRow row) =>
        Fault.NotFound($"Could not find role assignment with role: {row.RoleId}, user or group: {row.UserId}, project, domain, or system: {row.ScopeId}.");

    private long TokensEnd() => time.GetUtcNow().ToUnixTimeMilliseconds() + settings.TokenSeconds * 1000L;
}
