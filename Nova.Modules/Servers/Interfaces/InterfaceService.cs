using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>Attaches and detaches interfaces as the API asks: one change of a server follows the other, as clients send several at once.</summary>
public sealed class InterfaceService(
    ServerAccess access, ServerStore servers, ServerActions actions, OperationStore operations, INetworkProvider networks, ActionOptions options)
{
    /// <summary>Longer than an attach is patient with its host: what is answered is how it ended.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>Attaches an interface, and waits until the guest has it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="id">The server, as in the address.</param>
    /// <param name="rule">The rule that lets the caller.</param>
    /// <param name="asked">What is attached.</param>
    /// <param name="ct">Stops waiting; what was accepted goes on.</param>
    /// <returns>The server, and its new port.</returns>
    /// <exception cref="Fault">400, 403, 404, 409; 500: the host refused it.</exception>
    public async Task<(Server Server, PortBinding Port)> Attach(RequestContext caller, string id, string rule, NewInterface asked, CancellationToken ct)
    {
        var (server, portId, operation) = (default(Server)!, Guid.Empty, Guid.Empty);
        await InTurn(caller, id, rule, Transitions.AttachInterface, async found =>
        {
            var nic = await networks.PlanAttach(
                caller.Caller, new(found.Id, found.ProjectId, asked.NetId, asked.PortId, asked.FixedIps?[0].IpAddress.Value, asked.Tag), ct);
            var begun = await actions.TryBegin(caller, found, new("attach_interface", AttachInterface.OperationKind, null), new AttachInterfaceState { Nic = nic }, ct);
            (server, portId, operation) = (found, nic.PortId, begun ?? Guid.Empty);
            return begun is not null;
        }, ct);
        var ended = await actions.Ended(operation, options.InterfaceTimeout + Margin, ct);
        if (ended.Status != OperationStatus.Done)
            throw ended.Fault is { } fault ? FaultJson.Read(fault) : ended.Cancel ? Gone(server) : Failed(server);

        var now = await servers.Find(server.Id, ct) ?? throw ServerAccess.NotFound(id);
        return (now, now.Networks.FirstOrDefault(port => port.PortId == portId) ?? throw Failed(server));
    }

    /// <summary>Accepts that an interface is detached.</summary>
    /// <exception cref="Fault">404: also when the server has no such port; 403, 409.</exception>
    public Task Detach(RequestContext caller, string id, string rule, string port, CancellationToken ct) =>
        InTurn(caller, id, rule, Transitions.DetachInterface, async server =>
        {
            if (!Guid.TryParse(port, out var portId) || server.Networks.All(nic => nic.PortId != portId))
                throw Fault.NotFound($"Port {port} is not attached");
            var state = new DetachInterfaceState { PortId = portId };
            return await actions.TryBegin(caller, server, new("detach_interface", DetachInterface.OperationKind, null), state, ct) is not null;
        }, ct);

    // A change of interfaces shows no task, so clients do not wait for its end before they ask for the next. Who comes too
    // late to begin looks again: whoever was faster has its turn.
    private async Task InTurn(RequestContext caller, string id, string rule, StateRule states, Func<Server, Task<bool>> begin, CancellationToken ct)
    {
        while (true)
        {
            var server = await access.Load(caller, id, rule, states, ct);
            var open = await operations.UnfinishedOf(server.Id, ct);
            if (open is null && await begin(server))
                return;
            if (open is { Kind: not (AttachInterface.OperationKind or DetachInterface.OperationKind) }
                || (open is not null && (await actions.Ended(open.Id, options.InterfaceTimeout + Margin, ct)).FinishedAt is null))
                throw Fault.Conflict($"Cannot '{states.Name}' instance {server.Id} while it is in task_state {server.TaskState ?? "none"}");
        }
    }

    private static Fault Failed(Server server) => new(FaultKind.Internal, Message.Of($"Failed to attach network adapter device to {server.Id}"));

    private static Fault Gone(Server server) =>
        Fault.Conflict($"Cannot 'attach_interface' instance {server.Id} while it is in task_state {TaskStates.Deleting}");
}
