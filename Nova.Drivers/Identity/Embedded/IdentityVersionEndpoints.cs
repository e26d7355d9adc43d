using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>What versions there are: https://docs.openstack.org/api-ref/identity/v3/#list-versions.</summary>
public sealed class IdentityVersionEndpoints : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("", (caller, _) => All(caller)).Anonymous();
        routes.Get("/v3", (caller, _) => Task.FromResult(Answer.Json(new { version = Version(caller) }))).Anonymous();
    }

    private static Task<Answer> All(RequestContext caller) =>
        Task.FromResult(Answer.Json(new { versions = new { values = new[] { Version(caller) } } }, 300).With("Location", caller.Link("/identity/v3/")));

    private static object Version(RequestContext caller) => new
    {
        id = "v3.14",
        status = "stable",
        updated = "2020-04-07T00:00:00Z",
        links = new[] { new { rel = "self", href = caller.Link("/identity/v3/") } },
        media_types = new[] { new Dictionary<string, string> { ["base"] = "application/json", ["type"] = "application/vnd.openstack.identity-v3+json" } },
    };
}
