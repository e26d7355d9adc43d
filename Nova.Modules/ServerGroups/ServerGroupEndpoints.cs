using Nova.Modules.Shared.Http;

namespace Nova.Modules.ServerGroups;

/// <summary>https://docs.openstack.org/api-ref/compute/#server-groups-os-server-groups.</summary>
public sealed class ServerGroupEndpoints(ServerGroupService groups, HttpSettings settings) : IEndpoints
{
    private const string Rule = "os_compute_api:os-server-groups:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-server-groups", List).Requires(Rule + "index");
        routes.Get("/os-server-groups/{id}", Show).Requires(Rule + "show");
        routes.Post("/os-server-groups", Create).Requires(Rule + "create");
        routes.Delete("/os-server-groups/{id}", Delete).Requires(Rule + "delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<ServerGroupListQuery>();

        // Who is no administrator asks for all projects and gets the own one, as ever.
        var all = query.AllProjects is not null && caller.IsAdmin;
        if (all)
            caller.Require(Rule + "index:all_projects");

        var limit = query.Limit?.Value is > 0 and var asked ? Math.Min(asked, settings.MaxPage) : settings.MaxPage;
        var found = await groups.List(all ? null : caller.ProjectId, (int)limit, query.Offset?.Value ?? 0, ct);
        return Answer.Json(new ServerGroupListResponse([.. found.Select(g => new ServerGroupView(g))]));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ServerGroupQuery>();
        var group = await groups.Get(caller, caller.Route("id"), ct);
        caller.Require(Rule + "show", new PolicyTarget(group.ProjectId, group.UserId));
        return View(group);
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<CreateServerGroupRequest>(ct)).ServerGroup;
        return View(await groups.Create(caller, asked.Name, caller.Since(64) ? asked.Policy : asked.Policies[0], asked.Rules, ct));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await groups.Delete(caller, caller.Route("id"), ct);
        return Answer.Empty();
    }

    private static Answer View(ServerGroup group) => Answer.Json(new ServerGroupResponse(new(group)));
}
