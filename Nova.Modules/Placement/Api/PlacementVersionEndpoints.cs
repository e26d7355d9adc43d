using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Api;

/// <summary>Version discovery: https://docs.openstack.org/api-ref/placement/#api-versions.</summary>
public sealed class PlacementVersionEndpoints(TimeProvider time) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => routes.Get("", Show).Anonymous();

    private Task<Answer> Show(RequestContext caller, CancellationToken ct) => Task.FromResult(
        Answer.Json(new VersionsResponse([
            new($"v{PlacementSurface.Oldest}", PlacementSurface.Newest.ToString(), PlacementSurface.Oldest.ToString(), "CURRENT", [new("self", "")]),
        ])).Dated(caller, time.GetUtcNow().ToUnixTimeMilliseconds()));
}

/// <summary>The document at the root.</summary>
public sealed record VersionsResponse(IReadOnlyList<VersionResponse> Versions);

/// <summary>The only major version.</summary>
public sealed record VersionResponse(string Id, string MaxVersion, string MinVersion, string Status, IReadOnlyList<PlacementLink> Links);

/// <summary>A link, relative to the service's host.</summary>
public sealed record PlacementLink(string Rel, string Href);
