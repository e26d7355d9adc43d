using Nova.Drivers.Identity.Embedded.ApplicationCredentials;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Groups;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#roles: roles of users and groups in projects, domains and the system.</summary>
public sealed class GrantEndpoints(Db database, Revocations revocations) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        foreach (var actor in (ReadOnlySpan<string>)["user", "group"])
        {
            Map(routes, $"/v3/system/{actor}s/{{actor}}/roles", "", "system", actor);
            foreach (var kind in (ReadOnlySpan<string>)["project", "domain"])
            {
                Map(routes, $"/v3/{kind}s/{{scope}}/{actor}s/{{actor}}/roles", "", kind, actor);
                Map(routes, $"/v3/OS-INHERIT/{kind}s/{{scope}}/{actor}s/{{actor}}/roles", "/inherited_to_projects", kind + Assignment.Inherited, actor);
            }
        }
    }

    private void Map(Routes routes, string path, string end, string kind, string actor)
    {
        var place = new Place(kind, actor);
        routes.Get(path + end, (caller, ct) => List(caller, place, ct)).AnyCaller();
        routes.Put(path + "/{role}" + end, (caller, ct) => Grant(caller, place, ct)).AnyCaller();
        routes.Head(path + "/{role}" + end, (caller, ct) => Check(caller, place, ct)).AnyCaller();
        routes.Get(path + "/{role}" + end, (caller, ct) => Check(caller, place, ct)).AnyCaller();
        routes.Delete(path + "/{role}" + end, (caller, ct) => Withdraw(caller, place, ct)).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, Place place, CancellationToken ct)
    {
        var target = await Target(caller, place, place.IsSystem ? $"identity:list_system_grants_for_{place.Actor}" : "identity:list_grants", withRole: false, ct);
        var roles = await database.Read(
            async rows =>
            {
                var held = (await AssignmentStore.Of(rows, target)).Select(a => a.RoleId).ToHashSet();
                return (await RoleStore.All(rows)).Where(r => held.Contains(r.Id)).ToList();
            },
            ct);
        return IdentityWire.List(caller, "roles", roles.Select(r => IdentityWire.Of(r, caller)));
    }

    private async Task<Answer> Grant(RequestContext caller, Place place, CancellationToken ct)
    {
        var row = await Target(caller, place, place.Rule("create"), withRole: true, ct);
        await database.Write(tx => AssignmentStore.Assign(tx, row), ct);
        return Answer.Empty();
    }

    private async Task<Answer> Check(RequestContext caller, Place place, CancellationToken ct)
    {
        var row = await Target(caller, place, place.Rule("check"), withRole: true, ct);
        var held = await database.Read(rows => AssignmentStore.Of(rows, row), ct);
        return held.Any(a => a.RoleId == row.RoleId) ? Answer.Empty() : throw NoAssignment(row);
    }

    private async Task<Answer> Withdraw(RequestContext caller, Place place, CancellationToken ct)
    {
        var row = await Target(caller, place, place.Rule("revoke"), withRole: true, ct);
        var withdrawn = await database.Write(
            tx =>
            {
                foreach (var user in row.UserId is { } one ? [one] : GroupStore.Members(tx, row.GroupId!))
                    End(tx, user, row);
                return AssignmentStore.Unassign(tx, row);
            },
            ct);
        return withdrawn ? Answer.Empty() : throw NoAssignment(row);
    }

    // What a user can have got by the assignment ends: tokens, and application credentials of the project.
    private void End(Tx tx, string userId, Assignment row)
    {
        if (row.IsInherited)
            revocations.User(tx, userId);
        else
            revocations.UserIn(tx, userId, new(row.Kind, row.ScopeId));
        if (row.ScopeKind == "project" && row.UserId is not null)
            ApplicationCredentialStore.DeleteOf(tx, userId, row.ScopeId);
    }

    private async Task<Assignment> Target(RequestContext caller, Place place, string rule, bool withRole, CancellationToken ct)
    {
        var (actor, scope) = (caller.Route("actor"), place.IsSystem ? "all" : caller.Route("scope"));
        var found = await database.Read(
            async rows => (
                ActorDomain: place.Actor == "user" ? (await UserStore.Find(rows, actor))?.DomainId : (await GroupStore.Find(rows, actor))?.DomainId,
                ScopeDomain: place.Kind == "project" ? (await ProjectStore.Find(rows, scope))?.DomainId : place.IsSystem ? "" : (await DomainStore.Find(rows, scope))?.Id,
                Role: withRole ? await RoleStore.Find(rows, caller.Route("role")) : null),
            ct);
        caller.Require(rule, IdentityTargets.OfDomain(place.IsSystem ? null : found.ScopeDomain)
            .With(("target.actor.domain_id", found.ActorDomain), ("target.role.name", found.Role?.DomainId is null ? found.Role?.Name : null)));
        if (withRole && found.Role is null)
            throw Fault.NotFound($"Could not find role: {caller.Route("role")}.");
        if (found.ActorDomain is null)
            throw Fault.NotFound($"Could not find {place.Actor}: {actor}.");
        if (found.ScopeDomain is null)
            throw Fault.NotFound($"Could not find {place.Kind}: {scope}.");
        if (found.Role?.DomainId is { } own && own != found.ScopeDomain)
            throw place.IsSystem
                ? Fault.BadRequest($"Role {found.Role.Id} is a domain-specific role. Unable to use a domain-specific role in a system assignment.")
                : Fault.Forbidden($"Project {scope} must be in the same domain as the role {found.Role.Id} being assigned.");

        return new()
        {
            UserId = place.Actor == "user" ? actor : null,
            GroupId = place.Actor == "group" ? actor : null,
            ScopeKind = place.ScopeKind,
            ScopeId = scope,
            RoleId = found.Role?.Id ?? "",
        };
    }

    private static Fault NoAssignment(Assignment row) =>
        Fault.NotFound($"Could not find role assignment with role: {row.RoleId}, user or group: {row.ActorId}, project, domain, or system: {row.ScopeId}.");

    /// <summary>What the address says: the kind of scope, and user or group.</summary>
    private sealed record Place(string ScopeKind, string Actor)
    {
        public string Kind => ScopeKind.Split('/')[0];

        public bool IsSystem => ScopeKind == "system";

        public string Rule(string verb) => IsSystem ? $"identity:{verb}_system_grant_for_{Actor}" : $"identity:{verb}_grant";
    }
}
