using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Topology;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#show-server-topology. No driver gives a guest memory of particular nodes yet, so every
/// server is shown as one without a topology.
/// </summary>
public sealed class TopologyEndpoints(ServerAccess access) : IEndpoints
{
    private const string Rule = "compute:server:topology:index";

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Get("/servers/{server_id}/topology", Show).Since(78).Requires(Rule);

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        await access.Load(caller, caller.Route("server_id"), Rule, ct);
        return Answer.Json(new TopologyResponse([], null));
    }
}

/// <summary>Where in its host a guest's memory and processors are.</summary>
/// <param name="Nodes">None without a topology.</param>
/// <param name="PagesizeKb">null without a topology.</param>
public sealed record TopologyResponse(IReadOnlyList<object> Nodes, int? PagesizeKb);
