using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Explain;

/// <summary>How much room there is, and what would become of it if hosts went or came.</summary>
public sealed class CapacityEndpoints(IExplainer explainer, BootLookups lookups, NeedsReader needs, ServerRequests requests, Ids ids) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/capacity", Show).Requires("nova_host:capacity");
        routes.Post("/what-if", WhatIf).Requires("nova_host:what_if");
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<CapacityQuery>();
        if (query.Zone is { } zone && !(await lookups.Hosts(ct)).Any(h => h.Zone == zone))
            throw Fault.BadRequest($"The requested availability zone is not available");
        var one = (await OneOf(caller, query.Flavor ?? throw Fault.BadRequest($"Name a flavor: capacity?flavor=ID"), ct)) with { Zone = query.Zone };
        return Answer.Json(new CapacityResponse(CapacityView.Of(await explainer.Room(one, ct))));
    }

    private async Task<Answer> WhatIf(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<WhatIfRequest>(ct)).WhatIf;
        IReadOnlyList<string> zones = asked.LoseZone is { } zone ? [zone] : [];
        var change = new Change
        {
            Drained = asked.Drain ?? [],
            LostZones = zones,
            Added = [.. (asked.Add ?? []).Select(a => new AddedHosts(a.Count, a.Like, a.Zone))],
            Servers = await requests.On(asked.Drain ?? [], zones, ct),
            Counted = asked.Flavor is { } flavor ? await OneOf(caller, flavor, ct) : null,
        };
        if (change.Drained.Count + zones.Count + change.Added.Count == 0)
            throw Fault.BadRequest($"Nothing to try: name drain, lose_zone or add.");
        return Answer.Json(new WhatIfResponse(WhatIfView.Of(await explainer.WhatIf(change, ct))));
    }

    // A server of the flavor without an image: what an image wants beside it is not known here.
    private async Task<PlacementRequest> OneOf(RequestContext caller, string flavorId, CancellationToken ct)
    {
        var flavor = await lookups.Flavor(caller, flavorId, ct) ?? throw Fault.NotFound($"Flavor {flavorId} could not be found.");
        return needs.Of(flavor, null, null, false).Request([ids.Next()], caller.Caller.ProjectId ?? "", flavor);
    }
}
