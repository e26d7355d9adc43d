using Nova.Modules.Api;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.List;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers;

/// <summary>https://docs.openstack.org/api-ref/compute/#servers-servers.</summary>
public sealed class ServerEndpoints(
    ServerAccess access, ServerViews views, ServerList list, CreateEndpoint creation, ServerUpdates updates, Delete.ServerDeletes deletes) : IEndpoints
{
    private const string Rules = "os_compute_api:servers:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/servers", Index).Requires(Rules + "index");
        routes.Get("/servers/detail", Detail).Requires(Rules + "detail");
        routes.Post("/servers", Create).Requires(Rules + "create");
        routes.Get("/servers/{id}", Show).Requires(Rules + "show");
        routes.Put("/servers/{id}", Update).Requires(Rules + "update");
        routes.Delete("/servers/{id}", Delete).Requires(Rules + "delete");
    }

    private Task<Answer> Create(RequestContext caller, CancellationToken ct) => creation.Create(caller, ct);

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct)
    {
        var page = await list.Read(caller, isDetail: false, ct);
        return Answer.Json(new ServerListResponse<ServerSummary>([.. page.Servers.Select(s => new ServerSummary(s.Id, s.Name, caller.Links("servers", s.Id.ToString())))], page.Links));
    }

    private async Task<Answer> Detail(RequestContext caller, CancellationToken ct)
    {
        var page = await list.Read(caller, isDetail: true, ct);
        return Answer.Json(new ServerListResponse<ServerView>(await views.Of(caller, page.Servers, ServerParts.InList, ct), page.Links));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("id"), Rules + "show", ct);
        return Answer.Json(new ServerResponse(await views.Of(caller, server, ServerParts.Whole, ct)));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var change = (await caller.Body<UpdateServerRequest>(ct)).Server;
        var server = await access.Load(caller, caller.Route("id"), Rules + "update", ct);
        var changed = await updates.Apply(server.Id, change, ct);

        // 2.75 made the answer of an update that of a show.
        return Answer.Json(new ServerResponse(await views.Of(caller, changed, caller.Since(75) ? ServerParts.Whole : ServerParts.Core, ct)));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("id"), Rules + "delete", Transitions.Delete, ct);
        await deletes.Delete(caller, server, ct);
        return Answer.Empty();
    }
}
