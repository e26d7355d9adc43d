using Nova.Modules.Api;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Explain;

/// <summary>
/// A create that changes nothing: the same body, headers of the microversion, rules and checks, and the answer says what would
/// become of it. An <c>Idempotency-Key</c> is of no meaning here.
/// </summary>
public sealed class DryRunEndpoints(CreateRequests requests, CreateService service, IExplainer explainer, ComputeSurface compute, IPolicy policy) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => routes.Post("/dry-run/servers", DryRun).Requires("nova_host:dry_run");

    private async Task<Answer> DryRun(RequestContext outer, CancellationToken ct)
    {
        // What follows has Compute's manners: its versions, its bodies, its rules.
        var caller = new RequestContext(outer.Http, compute, compute.Negotiate(outer.Http.Request), outer.Caller, outer.RequestId, policy);
        caller.Require("os_compute_api:servers:create");
        var asked = await caller.Body<CreateServersRequest>(ct);
        var request = await service.Rehearse(caller, await requests.Read(caller, asked, ct), ct);
        var verdict = await explainer.DryRun(request, ct);
        return Answer.Json(new DryRunResponse(new()
        {
            Fits = verdict.Fits,
            Servers = request.Servers.Count,
            HostsSeen = verdict.HostsSeen,
            HostsFit = verdict.HostsFit,
            Refusals = RefusalView.Of(verdict.Refusals),
            Best = outer.Allows(PlacementEndpoints.HostsRule) ? verdict.Best : null,
        }));
    }
}
