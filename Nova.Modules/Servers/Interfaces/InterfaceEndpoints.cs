using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>https://docs.openstack.org/api-ref/compute/#port-interfaces-servers-os-interface. Shown as the server's row has them.</summary>
public sealed class InterfaceEndpoints(ServerAccess access, InterfaceService interfaces) : IEndpoints
{
    private const string Rules = "os_compute_api:os-attach-interfaces:";
    private const string All = "/servers/{server_id}/os-interface";
    private const string One = All + "/{id}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, Index).Requires(Rules + "list");
        routes.Post(All, Create).Requires(Rules + "create");
        routes.Get(One, Show).Requires(Rules + "show");
        routes.Delete(One, Delete).Requires(Rules + "delete");
    }

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "list", ct);
        return Answer.Json(new InterfaceListResponse([.. server.Networks.Select(port => InterfaceView.Of(server, port))]));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "show", ct);
        var id = caller.Route("id");
        var port = (Guid.TryParse(id, out var portId) ? server.Networks.FirstOrDefault(p => p.PortId == portId) : null)
            ?? throw Fault.NotFound($"Instance {server.Id} does not have a port with id {id}");
        return Answer.Json(new InterfaceResponse(InterfaceView.Of(server, port)));
    }

    // Always 200: the answer is the interface that the guest has by then.
    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<AttachInterfaceRequest>(ct)).Interface ?? new();
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "create", ct);
        caller.Require(Rules + "show", ServerViews.PolicyTargetOf(server));
        if (asked.NetId is not null && asked.PortId is not null)
            throw Fault.BadRequest($"Must not input both network_id and port_id");
        if (asked.FixedIps is not null && asked.NetId is null)
            throw Fault.BadRequest($"Must input network_id when request IP address");

        var (attached, port) = await interfaces.Attach(caller, caller.Route("server_id"), Rules + "create", asked, ct);
        return Answer.Json(new InterfaceResponse(InterfaceView.Of(attached, port)));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await interfaces.Detach(caller, caller.Route("server_id"), Rules + "delete", caller.Route("id"), ct);
        return Answer.Empty(202);
    }
}
