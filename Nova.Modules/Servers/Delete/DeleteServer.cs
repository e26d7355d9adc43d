using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Operations;
using Nova.Modules.Quotas;

namespace Nova.Modules.Servers.Delete;

/// <summary>What a delete learns on its way.</summary>
public sealed record DeleteServerState;

/// <summary>DELETE /servers/{id}: the guest first, then everything that was held for it, in one transaction.</summary>
public sealed class DeleteServer(HostDirectory hosts, ServerStore servers, ServerPlacement placement, QuotaStore quotas) : Operation<DeleteServerState>
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.delete";

    /// <inheritdoc />
    public override string Kind => OperationKind;

    /// <inheritdoc />
    protected override IReadOnlyList<Step<DeleteServerState>> Steps =>
    [
        new LocalStep<DeleteServerState>("accept", (_, s) => s, MarkError),
        new RemoteStep<DeleteServerState>("destroy", Destroy) { Event = "compute_terminate_instance" },
        new LocalStep<DeleteServerState>("release", Release) { PointOfNoReturn = true },
    ];

    // A host that is lost does not hold up a delete: it must destroy the guest before it accepts anything else.
    private async Task<DeleteServerState> Destroy(OperationRun run, DeleteServerState s, CancellationToken ct)
    {
        var server = run.Attached<Server>() ?? await servers.FindAny(run.ServerId, ct);
        if (server?.HostId is not { } hostId || hosts.IsLost(hostId))
            return s;

        var result = await hosts.Get(hostId).Send(new DestroyGuest { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = "destroy" }, ct);
        return result.Fault is null ? s : throw result.Fault;
    }

    private DeleteServerState Release(OperationUnit unit, DeleteServerState s)
    {
        var server = unit.Run.Attached<Server>() ?? servers.Find(unit.Tx, unit.Run.ServerId) ?? throw new FencedException(unit.Run.Id);
        if (!servers.Delete(unit.Tx, server.Id, unit.Run.Epoch, unit.Now))
            throw new FencedException(unit.Run.Id);

        placement.Release(unit.Tx, server.Id, server.GroupId, server.Details.WantsHardware == true);
        if (server.VmState != VmStates.SoftDeleted)
            quotas.Give(unit.Tx, server.ProjectId, server.Usage);
        ServerEvents.Changed(unit.Tx, server.Id, server.ProjectId, VmStates.Deleted);
        return s;
    }

    private DeleteServerState MarkError(OperationUnit unit, DeleteServerState s)
    {
        if (unit.Run is { IsCancelled: false, Failure: { } failure })
        {
            servers.FailDelete(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, ServerFault.Json(failure, unit.Now), unit.Now);
            ServerEvents.Changed(unit.Tx, unit.Run.ServerId, unit.Run.Caller.ProjectId, VmStates.Error);
        }

        return s;
    }
}
