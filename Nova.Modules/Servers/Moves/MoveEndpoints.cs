using Nova.Modules.Hosts;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Moves;

/// <summary>
/// The actions that take a server to another host or another size. No driver can do that yet: after the checks of who asks, what
/// was sent and how the server is, they are refused.
/// </summary>
public sealed class MoveEndpoints(ServerAccess access, BootLookups lookups, IHostLiveness liveness) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string Migration = "/servers/{server_id}/migrations/{id}";
    private const string ServerRules = "os_compute_api:servers:";
    private const string MigrateRules = "os_compute_api:os-migrate-server:";
    private const string ShelveRules = "os_compute_api:os-shelve:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Action(Address, "resize", Resize).Requires(ServerRules + "resize");
        routes.Action(Address, "confirmResize", Refuse<ConfirmResizeRequest>(Transitions.ConfirmResize, ServerRules + "confirm_resize")).Requires(ServerRules + "confirm_resize");
        routes.Action(Address, "revertResize", Refuse<RevertResizeRequest>(Transitions.RevertResize, ServerRules + "revert_resize")).Requires(ServerRules + "revert_resize");
        routes.Action(Address, "migrate", Migrate).Until(55).Requires(MigrateRules + "migrate");
        routes.Action(Address, "migrate", MigrateTo).Since(56).Requires(MigrateRules + "migrate");
        routes.Action(Address, "os-migrateLive", LiveMigrate).Requires(MigrateRules + "migrate_live");
        routes.Action(Address, "evacuate", Evacuate).Requires("os_compute_api:os-evacuate");
        routes.Action(Address, "shelve", Refuse<ShelveRequest>(Transitions.Shelve, ShelveRules + "shelve")).Requires(ShelveRules + "shelve");
        routes.Action(Address, "shelveOffload", Refuse<ShelveOffloadRequest>(Transitions.ShelveOffload, ShelveRules + "shelve_offload")).Requires(ShelveRules + "shelve_offload");
        routes.Action(Address, "unshelve", Refuse<UnshelveRequest>(Transitions.Unshelve, ShelveRules + "unshelve")).Until(76).Requires(ShelveRules + "unshelve");
        routes.Action(Address, "unshelve", Refuse<UnshelveToRequest>(Transitions.Unshelve, ShelveRules + "unshelve")).Since(77).Requires(ShelveRules + "unshelve");
        routes.Action(Migration + "/action", "force_complete", ForceComplete).Since(22).Requires(ServerRules + "migrations:force_complete");
        routes.Delete(Migration, Abort).Since(24).Requires(ServerRules + "migrations:delete");
    }

    private async Task<Answer> Resize(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<ResizeRequest>(ct)).Resize;
        var server = await access.Load(caller, caller.Route("id"), ServerRules + "resize", Transitions.Resize, ct);
        var flavor = await lookups.Flavor(caller, asked.Flavor.Value, ct) ?? throw Fault.BadRequest($"Flavor {asked.Flavor.Value} could not be found.");
        throw flavor.Id == server.Flavor.Id ? Fault.BadRequest($"When resizing, instances must change flavor!") : NotSupported();
    }

    private async Task<Answer> Migrate(RequestContext caller, CancellationToken ct)
    {
        await access.Load(caller, caller.Route("id"), MigrateRules + "migrate", Transitions.Migrate, ct);
        throw NotSupported();
    }

    private async Task<Answer> MigrateTo(RequestContext caller, CancellationToken ct)
    {
        var host = (await caller.Body<MigrateRequest>(ct)).Migrate?.Host;
        var server = await access.Load(caller, caller.Route("id"), MigrateRules + "migrate", Transitions.Migrate, ct);
        if (host is not null)
            caller.Require(MigrateRules + "migrate:host", ServerViews.PolicyTargetOf(server));
        await CheckHost(host, ct);
        throw NotSupported();
    }

    private async Task<Answer> LiveMigrate(RequestContext caller, CancellationToken ct)
    {
        var host = (await caller.Body<LiveMigrateRequest>(ct)).Options.Host;
        var server = await access.Load(caller, caller.Route("id"), MigrateRules + "migrate_live", Transitions.LiveMigrate, ct);
        if (host is not null)
            caller.Require(MigrateRules + "migrate_live:host", ServerViews.PolicyTargetOf(server));
        await CheckHost(host, ct);
        throw NotSupported();
    }

    private async Task<Answer> Evacuate(RequestContext caller, CancellationToken ct)
    {
        var host = (await caller.Body<EvacuateRequest>(ct)).Evacuate.Host;
        var server = await access.Load(caller, caller.Route("id"), "os_compute_api:os-evacuate", Transitions.Evacuate, ct);
        await CheckHost(host, ct);
        throw server.HostId is { } hostId && liveness.IsUp(hostId) ? Fault.BadRequest($"Compute service of {server.Host!} is still in use.") : NotSupported();
    }

    private async Task<Answer> ForceComplete(RequestContext caller, CancellationToken ct)
    {
        await caller.Body<ForceCompleteRequest>(ct);
        await access.Load(caller, caller.Route("server_id"), ServerRules + "migrations:force_complete", Transitions.ForceMigration, ct);
        throw NoMigration(caller);
    }

    private async Task<Answer> Abort(RequestContext caller, CancellationToken ct)
    {
        await access.Load(caller, caller.Route("server_id"), ServerRules + "migrations:delete", Transitions.AbortMigration, ct);
        throw NoMigration(caller);
    }

    private Handler Refuse<TRequest>(StateRule states, string rule) where TRequest : class => async (caller, ct) =>
    {
        await caller.Body<TRequest>(ct);
        await access.Load(caller, caller.Route("id"), rule, states, ct);
        throw NotSupported();
    };

    private async ValueTask CheckHost(string? host, CancellationToken ct)
    {
        if (host is not null && !(await lookups.Hosts(ct)).Any(h => h.Host == host))
            throw Fault.BadRequest($"Compute host {host} could not be found.");
    }

    private static Fault NotSupported() => Fault.BadRequest($"The requested functionality is not supported.");

    private static Fault NoMigration(RequestContext caller) =>
        Fault.NotFound($"Migration {caller.Route("id")} for server {caller.Route("server_id")} is not live-migration.");
}
