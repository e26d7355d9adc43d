using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>Version discovery below a tree: https://docs.openstack.org/api-ref/compute/#api-versions.</summary>
public sealed class VersionEndpoints : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("", Current).Anonymous();
        routes.Get("/versions/{id}", Show).Anonymous();
    }

    private static Task<Answer> Current(RequestContext caller, CancellationToken ct) =>
        Task.FromResult(Answer.Json(Document(caller, ComputeAddress.Of(caller.Http).IsLegacy ? ApiTree.V2 : ApiTree.V21)));

    private static Task<Answer> Show(RequestContext caller, CancellationToken ct) => caller.Route("id") switch
    {
        "v2.0" => Task.FromResult(Answer.Json(Document(caller, ApiTree.V2))),
        "v2.1" => Task.FromResult(Answer.Json(Document(caller, ApiTree.V21))),
        _ => throw caller.Surface.UnknownPath(caller.Http.Request.Path),
    };

    private static VersionResponse Document(RequestContext caller, ApiTree tree) => new(new(
        tree.Id,
        tree.Status,
        tree.Version,
        tree.MinVersion,
        tree.Updated,
        [new("self", $"{ComputeLinks.RootUrl(caller.Http)}/{tree.Path}/"), new("describedby", "http://docs.openstack.org/", "text/html")],
        tree.MediaTypes));
}

/// <summary>Version discovery at the root of the service: the list at <c>/</c>, and 300 with the choices for what lies below no version.</summary>
public sealed class RootEndpoints(RouteTable table) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/", List).Anonymous();
        routes.Get("/{**path}", Choose).Anonymous();
    }

    private Task<Answer> List(RequestContext caller, CancellationToken ct) =>
        JsonHome.IsWanted(caller) ? Task.FromResult(JsonHome.Of(caller, table))
        : caller.Http.Request.Path == "/" || !caller.Http.Request.PathBase.HasValue
            ? Task.FromResult(Answer.Json(new VersionListResponse(
                [.. Trees.Select(t => new VersionSummary(t.Id, t.Status, t.Version, t.MinVersion, t.Updated, [new("self", Href(caller, t) + "/")]))])))
            : Choose(caller, ct);

    private static Task<Answer> Choose(RequestContext caller, CancellationToken ct) =>
        Task.FromResult(Answer.Json(
            new VersionChoicesResponse([.. Trees.Select(t => new VersionChoice(t.Id, t.Status, [new("self", Href(caller, t) + caller.Http.Request.Path)], t.MediaTypes))]),
            300));

    private static IReadOnlyList<ApiTree> Trees => [ApiTree.V2, ApiTree.V21];

    private static string Href(RequestContext caller, ApiTree tree) => $"{ComputeLinks.RootUrl(caller.Http)}/{tree.Path}";
}
