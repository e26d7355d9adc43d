using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded.Projects;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#project-tags</summary>
public sealed class ProjectTagEndpoints(ProjectService projects) : IEndpoints
{
    private const string All = "/v3/projects/{id}/tags";
    private const string One = All + "/{tag}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, List).AnyCaller();
        routes.Put(All, Replace).AnyCaller();
        routes.Delete(All, Clear).AnyCaller();
        routes.Head(One, Check).AnyCaller();
        routes.Get(One, Check).AnyCaller();
        routes.Put(One, Add).AnyCaller();
        routes.Delete(One, Remove).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct) => Shown(caller, (await Find(caller, "identity:list_project_tags", ct)).Tags);

    private async Task<Answer> Replace(RequestContext caller, CancellationToken ct)
    {
        var body = await JsonBody.Read(caller, ct);
        var project = await Find(caller, "identity:update_project_tags", ct);
        var tags = ProjectTags.Of(body, caller.Surface) ?? throw caller.Surface.BadBody("'tags' is a required property");
        await projects.SetTags(project, tags, ct);
        return Shown(caller, tags);
    }

    private async Task<Answer> Clear(RequestContext caller, CancellationToken ct)
    {
        await projects.SetTags(await Find(caller, "identity:delete_project_tags", ct), "[]", ct);
        return Answer.Empty();
    }

    private async Task<Answer> Check(RequestContext caller, CancellationToken ct)
    {
        var project = await Find(caller, "identity:get_project_tag", ct);
        return ProjectTags.Read(project.Tags).Contains(caller.Route("tag")) ? Answer.Empty() : throw Missing(caller);
    }

    private async Task<Answer> Add(RequestContext caller, CancellationToken ct)
    {
        var project = await Find(caller, "identity:create_project_tag", ct);
        await projects.SetTags(project, ProjectTags.Stored([.. ProjectTags.Read(project.Tags), caller.Route("tag")], caller.Surface), ct);
        return Answer.Empty(201).With("Location", caller.Link(caller.Http.Request.Path));
    }

    private async Task<Answer> Remove(RequestContext caller, CancellationToken ct)
    {
        var project = await Find(caller, "identity:delete_project_tag", ct);
        var tags = ProjectTags.Read(project.Tags);
        if (!tags.Remove(caller.Route("tag")))
            throw Missing(caller);

        await projects.SetTags(project, ProjectTags.Stored(tags, caller.Surface), ct);
        return Answer.Empty();
    }

    private Task<Project> Find(RequestContext caller, string rule, CancellationToken ct) => projects.Get(caller, rule, caller.Route("id"), ct);

    private static Answer Shown(RequestContext caller, string tags) =>
        Answer.Json(new { tags = ProjectTags.Read(tags), links = new { self = caller.Link(caller.Http.Request.Path) } });

    private static Fault Missing(RequestContext caller) => Fault.NotFound($"Could not find project tag: {caller.Route("tag")}.");
}
