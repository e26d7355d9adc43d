using System.Text.Json.Nodes;
using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Projects;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#projects</summary>
public sealed class ProjectEndpoints(ProjectService projects, Db database) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/projects", List).AnyCaller();
        routes.Post("/v3/projects", Create).AnyCaller();
        routes.Get("/v3/projects/{id}", Show).AnyCaller();
        routes.Patch("/v3/projects/{id}", Update).AnyCaller();
        routes.Delete("/v3/projects/{id}", Delete).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_projects", IdentityTargets.OfList(caller));
        var found = (await database.Read(rows => ProjectStore.All(rows, caller.Caller.DomainId ?? caller.Query("domain_id")), ct)).Where(p =>
            caller.Fits("name", p.Name) && caller.Fits("domain_id", p.DomainId) && caller.Fits("parent_id", p.ParentId ?? p.DomainId)
            && caller.FitsFlag("enabled", p.Enabled) && caller.FitsFlag("is_domain", false) && ProjectTags.Fit(caller, p.Tags));
        return IdentityWire.List(caller, "projects", found.Select(p => IdentityWire.Of(p, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        foreach (var side in (ReadOnlySpan<string>)["parents", "subtree"])
            if (caller.IsSet(side + "_as_list") && caller.IsSet(side + "_as_ids"))
                throw caller.Surface.BadBody($"Cannot use {side}_as_list and {side}_as_ids query params at the same time.");

        var project = await projects.Get(caller, "identity:get_project", caller.Route("id"), ct);
        var view = IdentityWire.Of(project, caller);
        await database.Read(
            async rows =>
            {
                await AddTree(caller, rows, project, view);
                return true;
            },
            ct);
        return IdentityWire.One("project", view);
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("project", IdentityWire.Of(await projects.Create(caller, (await JsonBody.Read(caller, ct)).Object("project"), ct), caller), 201);

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("project", IdentityWire.Of(await projects.Update(caller, caller.Route("id"), (await JsonBody.Read(caller, ct)).Object("project"), ct), caller));

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await projects.Delete(caller, caller.Route("id"), ct);
        return Answer.Empty();
    }

    // Ids show the whole tree, lists only what the caller has a role in.
    private static async Task AddTree(RequestContext caller, Rows rows, Project project, Dictionary<string, object?> view)
    {
        var above = caller.IsSet("parents_as_ids") || caller.IsSet("parents_as_list") ? (await ProjectStore.Line(rows, project.Id)).Skip(1).ToList() : [];
        var below = caller.IsSet("subtree_as_ids") || caller.IsSet("subtree_as_list") ? await ProjectStore.Below(rows, project.Id) : [];
        if (caller.IsSet("parents_as_ids"))
            view["parents"] = above.Select(p => p.Id).Append(project.DomainId).Reverse().Aggregate((JsonObject?)null, (inner, id) => new() { [id] = inner });
        if (caller.IsSet("subtree_as_ids"))
            view["subtree"] = Subtree(project.Id, below.ToLookup(p => p.ParentId!));
        if (!caller.IsSet("parents_as_list") && !caller.IsSet("subtree_as_list"))
            return;

        var mine = (await EffectiveRoles.ProjectsOf(rows, caller.Caller.UserId)).Select(p => p.Id).ToHashSet();
        if (caller.IsSet("parents_as_list"))
            view["parents"] = above.Where(p => mine.Contains(p.Id)).Select(p => new { project = IdentityWire.Of(p, caller) }).ToList();
        if (caller.IsSet("subtree_as_list"))
            view["subtree"] = below.Where(p => mine.Contains(p.Id)).Select(p => new { project = IdentityWire.Of(p, caller) }).ToList();
    }

    private static JsonObject? Subtree(string id, ILookup<string, Project> children)
    {
        if (!children.Contains(id))
            return null;

        var tree = new JsonObject();
        foreach (var child in children[id])
            tree[child.Id] = Subtree(child.Id, children);
        return tree;
    }
}
