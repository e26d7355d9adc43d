using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#list-role-assignments</summary>
public sealed class AssignmentEndpoints(Db database) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => routes.Get("/v3/role_assignments", List).AnyCaller();

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var (isEffective, isTree) = (caller.IsSet("effective"), caller.IsSet("include_subtree"));
        var projectId = caller.Query("scope.project.id");
        if (isTree)
            await RequireTree(caller, projectId, ct);
        else
            caller.Require("identity:list_role_assignments", IdentityTargets.OfList(caller));
        CheckFilters(caller, isEffective);

        var (all, directory, tree) = await database.Read(
            async rows => (
                await AssignmentStore.All(rows), await AssignmentDirectory.Read(rows),
                isTree ? (await ProjectStore.Below(rows, projectId!)).Select(p => p.Id).Append(projectId!).ToHashSet() : null),
            ct);
        var shown = (isEffective ? directory.Expand(all) : all.Select(a => new Effective(a, a)))
            .Where(e => Fits(caller, e.Now, tree) && caller.Sees(directory.DomainOf(e.Now)));
        return IdentityWire.List(caller, "role_assignments", shown.Select(e => directory.View(e, caller, caller.IsSet("include_names"))));
    }

    private async Task RequireTree(RequestContext caller, string? projectId, CancellationToken ct)
    {
        var project = projectId is null ? null : await database.Read(rows => ProjectStore.Find(rows, projectId), ct);
        caller.Require("identity:list_role_assignments_for_tree", IdentityTargets.OfProject(projectId, project?.DomainId));
        if (projectId is null)
            throw caller.Surface.BadBody("scope.project.id must be specified if include_subtree is also specified");
        if (project is null)
            throw Nova.Modules.Shared.Fault.NotFound($"Could not find project: {projectId}.");
    }

    private static void CheckFilters(RequestContext caller, bool isEffective)
    {
        var (project, domain, system) = (caller.Query("scope.project.id") is not null, caller.Query("scope.domain.id") is not null, caller.Query("scope.system") is not null);
        var wrong = project && domain ? "Specify a domain or project, not both"
            : system && domain ? "Specify system or domain, not both"
            : system && project ? "Specify system or project, not both"
            : caller.Query("user.id") is not null && caller.Query("group.id") is not null ? "Specify a user or group, not both"
            : isEffective && caller.Query("group.id") is not null ? "Combining effective and group filter will always result in an empty list."
            : isEffective && domain && IsInherited(caller) == true ? "Combining effective, domain and inherited filters will always result in an empty list."
            : null;
        if (wrong is not null)
            throw caller.Surface.BadBody(wrong);
    }

    private static bool? IsInherited(RequestContext caller) => caller.Query("scope.OS-INHERIT:inherited_to") is { } asked ? asked == "projects" : null;

    private static bool Fits(RequestContext caller, Assignment row, HashSet<string>? tree) =>
        caller.Fits("user.id", row.UserId) && caller.Fits("group.id", row.GroupId) && caller.Fits("role.id", row.RoleId)
        && (tree is not null ? row.Kind == "project" && tree.Contains(row.ScopeId) : caller.Query("scope.project.id") is not { } project || (row.Kind == "project" && row.ScopeId == project))
        && (caller.Query("scope.domain.id") is not { } domain || (row.Kind == "domain" && row.ScopeId == domain))
        && (caller.Query("scope.system") is null || row.Kind == "system")
        && (IsInherited(caller) is not { } inherited || row.IsInherited == inherited || caller.IsSet("effective"));
}
