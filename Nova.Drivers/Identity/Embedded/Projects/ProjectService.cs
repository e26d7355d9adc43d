using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Projects;

/// <summary>The rules of projects and their trees.</summary>
public sealed class ProjectService(Db database, Revocations revocations, Ids ids, TimeProvider time)
{
    // As many levels as the original lets a tree have.
    private const int DeepestTree = 5;

    /// <summary>A project with which the caller may do what the rule says.</summary>
    public async Task<Project> Get(RequestContext caller, string rule, string id, CancellationToken ct)
    {
        var project = await database.Read(rows => ProjectStore.Find(rows, id), ct);
        caller.Require(rule, IdentityTargets.OfProject(project is null ? null : id, project?.DomainId).With(("target.project.domain_id", project?.DomainId)));
        return project ?? throw Fault.NotFound($"Could not find project: {id}.");
    }

    /// <summary>A new project.</summary>
    public async Task<Project> Create(RequestContext caller, JsonBody body, CancellationToken ct)
    {
        if (body.Bool("is_domain") == true)
            throw caller.Surface.BadBody("A domain is made at /v3/domains: projects do not act as domains here.");

        var (asked, above) = (body.Text("domain_id"), body.Text("parent_id"));
        var line = above is null ? [] : await database.Read(rows => ProjectStore.Line(rows, above), ct);
        var domain = asked ?? (line.Count > 0 ? line[0].DomainId : above) ?? UserService.DomainOf(caller);
        caller.Require("identity:create_project", IdentityTargets.OfDomain(domain).With(("target.project.domain_id", domain)));
        if (await database.Read(rows => DomainStore.Find(rows, domain), ct) is null)
            throw caller.Surface.BadBody($"Could not find {(above is not null && asked is null ? "project" : "domain")}: {domain}.");
        if (above is not null && above != domain)
            CheckLine(line.Count > 0 ? line : throw caller.Surface.BadBody($"Could not find project: {above}."), domain);

        var project = new Project
        {
            Id = ids.Next().ToString("N"),
            DomainId = domain,
            ParentId = line.Count > 0 ? above : null,
            Name = body.Required("name", 64),
            Description = body.Text("description", 65_535) ?? "",
            Enabled = body.Bool("enabled") ?? true,
            Tags = ProjectTags.Of(body, caller.Surface) ?? "[]",
            Options = ResourceOptions.Merge("{}", body, caller.Surface),
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return await database.Write(tx => ProjectStore.TryInsert(tx, project), ct) ? project : throw Duplicate(project);
    }

    /// <summary>Changes what the body names.</summary>
    public async Task<Project> Update(RequestContext caller, string id, JsonBody body, CancellationToken ct)
    {
        var old = await Get(caller, "identity:update_project", id, ct);
        if (body.Text("domain_id") is { } domain && domain != old.DomainId)
            throw caller.Surface.BadBody("Cannot change Domain ID");
        if (body.Text("parent_id") is { } parent && parent != (old.ParentId ?? old.DomainId))
            throw Fault.Forbidden($"Update of `parent_id` is not allowed.");
        if (body.Bool("is_domain") == true)
            throw Fault.BadRequest($"Update of `is_domain` is not allowed.");

        var project = old with
        {
            Name = body.Text("name", 64) ?? old.Name,
            Description = body.Text("description", 65_535) ?? old.Description,
            Enabled = body.Bool("enabled") ?? old.Enabled,
            Tags = ProjectTags.Of(body, caller.Surface) ?? old.Tags,
            Options = ResourceOptions.Merge(old.Options, body, caller.Surface),
        };
        ResourceOptions.RefuseUpdate("project", id, old.Options, project.Options);
        await CheckSwitch(old, project.Enabled, ct);
        await Uniquely.Write(
            database,
            tx =>
            {
                ProjectStore.Update(tx, project);
                if (old.Enabled && !project.Enabled)
                    revocations.Project(tx, id);
            },
            () => Duplicate(project), ct);
        return project;
    }

    /// <summary>Replaces the tags.</summary>
    public async Task SetTags(Project project, string tags, CancellationToken ct)
    {
        if (ResourceOptions.Has(project.Options, ResourceOptions.Immutable))
            throw Fault.Forbidden($"Cannot update project tags for {project.Id}, project is immutable. Set \"immutable\" option to false before creating project tags.");
        await database.Write(tx => ProjectStore.SetTags(tx, project.Id, tags), ct);
    }

    /// <summary>The project and what was given in it is gone, its tokens end.</summary>
    public async Task Delete(RequestContext caller, string id, CancellationToken ct)
    {
        var project = await Get(caller, "identity:delete_project", id, ct);
        ResourceOptions.RefuseDelete("project", id, project.Options);
        if ((await database.Read(rows => ProjectStore.Children(rows, id), ct)).Count > 0)
            throw Fault.Forbidden($"Cannot delete the project {id} since it is not a leaf in the hierarchy. Use the cascade option if you want to delete a whole subtree.");

        await database.Write(
            tx =>
            {
                revocations.Project(tx, id);
                ProjectStore.Delete(tx, id);
            },
            ct);
    }

    private static void CheckLine(IReadOnlyList<Project> line, string domain)
    {
        if (line[0].DomainId != domain)
            throw Fault.BadRequest($"Cannot create project, since it specifies its domain_id {domain}, but specifies a parent in a different domain ({line[0].DomainId}).");
        if (line.FirstOrDefault(p => !p.Enabled) is { } disabled)
            throw Fault.BadRequest($"cannot create a project in a branch containing a disabled project: {disabled.Id}");
        if (line.Count >= DeepestTree)
            throw Fault.Forbidden($"Max hierarchy depth reached for {line[0].Id} branch.");
    }

    private async Task CheckSwitch(Project old, bool enabled, CancellationToken ct)
    {
        if (old.Enabled && !enabled && (await database.Read(rows => ProjectStore.Below(rows, old.Id), ct)).Any(p => p.Enabled))
            throw Fault.Forbidden($"Cannot disable project {old.Id} since its subtree contains enabled projects.");
        if (!old.Enabled && enabled && (await database.Read(rows => ProjectStore.Line(rows, old.Id), ct)).Skip(1).Any(p => !p.Enabled))
            throw Fault.Forbidden($"Cannot enable project {old.Id} since it has disabled parents");
    }

    private static Fault Duplicate(Project project) => Fault.Conflict(
        $"Conflict occurred attempting to store project - it is not permitted to have two projects with either the same name or same id in the same domain: name is {project.Name}, project id {project.Id}.");
}
