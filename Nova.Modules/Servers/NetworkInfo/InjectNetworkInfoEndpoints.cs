using System.Text.Json;
using Nova.Modules.Compute.Live;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.NetworkInfo;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#inject-network-information-injectnetworkinfo-action. The host is told the server's
/// interfaces once more.
/// </summary>
public sealed class InjectNetworkInfoEndpoints(ServerAccess access, Database database, LiveChanges changes) : IEndpoints
{
    private const string Rule = "os_compute_api:os-admin-actions:inject_network_info";

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Action("/servers/{id}/action", "injectNetworkInfo", Inject).Requires(Rule);

    private async Task<Answer> Inject(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<InjectNetworkInfoRequest>(ct);
        var server = await access.Load(caller, caller.Route("id"), Rule, Transitions.InjectNetworkInfo, ct);
        if (server.HostId is not null)
            await database.Write(
                tx =>
                {
                    changes.Guest(tx, server.Id);
                    return true;
                },
                ct);
        return Answer.Empty(202);
    }
}

/// <summary>The action injectNetworkInfo.</summary>
public sealed record InjectNetworkInfoRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required, WireName("injectNetworkInfo")]
    public JsonElement Options { get; set; }
}
