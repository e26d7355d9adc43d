using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Diagnostics;

/// <summary>https://docs.openstack.org/api-ref/compute/#servers-diagnostics-servers-diagnostics.</summary>
public sealed class DiagnosticsEndpoints(ServerAccess access, IHostFigures figures, TimeProvider time) : IEndpoints
{
    private const string Rule = "os_compute_api:os-server-diagnostics";

    // As the original names them in this 409.
    private static readonly Dictionary<Power, string> Names = new()
    {
        [Power.Unknown] = "pending", [Power.On] = "running", [Power.Paused] = "paused", [Power.Off] = "shutdown", [Power.Crashed] = "crashed", [Power.Suspended] = "suspended",
    };

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Get("/servers/{server_id}/diagnostics", Show).Requires(Rule);

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), Rule, Transitions.Diagnostics, ct);
        if (server.PowerState != (int)Power.On)
            throw NotRunning(server, (Power)server.PowerState);

        var counted = await Count(server, ct);

        // 2.48 has one form for all drivers; before, each had its own.
        return caller.Since(48)
            ? Answer.Json(DiagnosticsView.Of(counted, server, time.GetUtcNow()))
            : Answer.Json(OldDiagnostics.Of(counted));
    }

    private async Task<GuestDiagnostics> Count(Server server, CancellationToken ct)
    {
        try
        {
            return await figures.Diagnose(server.HostId!.Value, server.Id, ct);
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Conflict or FaultKind.NotFound)
        {
            // The guest ended by itself a moment ago, and its row does not know yet.
            throw NotRunning(server, Power.Off);
        }
    }

    private static Fault NotRunning(Server server, Power power) =>
        Fault.Conflict($"Cannot 'get_diagnostics' instance {server.Id} while it is in power state {Names.GetValueOrDefault(power, "pending")}");
}
