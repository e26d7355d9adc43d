using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Actions;

/// <summary>https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action.</summary>
public sealed class ServerActionEndpoints(ServerAccess access, ServerActions actions) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string RebootRule = "os_compute_api:servers:reboot";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        Map<StartRequest>(routes, "os-start", PowerAction.Start, "os_compute_api:servers:start");
        Map<StopRequest>(routes, "os-stop", PowerAction.Stop, "os_compute_api:servers:stop");
        Map<PauseRequest>(routes, "pause", PowerAction.Pause, "os_compute_api:os-pause-server:pause");
        Map<UnpauseRequest>(routes, "unpause", PowerAction.Unpause, "os_compute_api:os-pause-server:unpause");
        Map<SuspendRequest>(routes, "suspend", PowerAction.Suspend, "os_compute_api:os-suspend-server:suspend");
        Map<ResumeRequest>(routes, "resume", PowerAction.Resume, "os_compute_api:os-suspend-server:resume");
        routes.Action(Address, "reboot", Reboot).Requires(RebootRule);
    }

    private async Task<Answer> Reboot(RequestContext caller, CancellationToken ct)
    {
        var action = (await caller.Body<RebootRequest>(ct)).Reboot.IsSoft ? PowerAction.SoftReboot : PowerAction.HardReboot;
        return await Change(caller, action, RebootRule, ct);
    }

    private void Map<TRequest>(Routes routes, string name, PowerAction action, string rule) where TRequest : class => routes.Action(
        Address, name,
        async (caller, ct) =>
        {
            await caller.Body<TRequest>(ct);
            return await Change(caller, action, rule, ct);
        }).Requires(rule);

    private async Task<Answer> Change(RequestContext caller, PowerAction action, string rule, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("id"), rule, action.Rule, ct);
        await actions.Change(caller, server, action, ct);
        return Answer.Empty(202);
    }
}
