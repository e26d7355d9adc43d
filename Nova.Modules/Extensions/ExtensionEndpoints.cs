using Nova.Modules.Api;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Extensions;

/// <summary>https://docs.openstack.org/api-ref/compute/#extensions-extensions-deprecated: a fixed list for clients that still look at it.</summary>
public sealed class ExtensionEndpoints : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/extensions", List).Requires("os_compute_api:extensions");
        routes.Get("/extensions/{id}", Show).Requires("os_compute_api:extensions");
    }

    private static Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ExtensionQuery>();
        return Task.FromResult(Answer.Json(new ExtensionListResponse([.. Known(caller)])));
    }

    private static Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ExtensionQuery>();
        var found = Known(caller).FirstOrDefault(e => e.Alias == caller.Route("id")) ?? throw caller.Surface.UnknownPath(caller.Http.Request.Path);
        return Task.FromResult(Answer.Json(new ExtensionResponse(found)));
    }

    private static IEnumerable<ExtensionView> Known(RequestContext caller) =>
        ExtensionList.All.Where(e => e.Alias != ExtensionList.OnlyOnV2 || ComputeAddress.Of(caller.Http).IsLegacy).Select(e => new ExtensionView(e.Alias, e.Name));
}

/// <summary>A query that knows no parameter.</summary>
[StrictQuery(Since = 102)]
public sealed record ExtensionQuery;

/// <summary>GET /extensions.</summary>
public sealed record ExtensionListResponse(IReadOnlyList<ExtensionView> Extensions);

/// <summary>GET /extensions/{alias}.</summary>
public sealed record ExtensionResponse(ExtensionView Extension);

/// <summary>One extension.</summary>
public sealed record ExtensionView(string Alias, string Name)
{
    /// <summary>For people.</summary>
    public string Description => $"{Name}, part of the Compute API.";

    /// <summary>None.</summary>
    public IReadOnlyList<Link> Links => [];

    /// <summary>The same for all: nobody reads it.</summary>
    public string Namespace => "http://docs.openstack.org/compute/ext/fake_xml";

    /// <summary>The same for all.</summary>
    public string Updated => "2014-12-03T00:00:00Z";
}
