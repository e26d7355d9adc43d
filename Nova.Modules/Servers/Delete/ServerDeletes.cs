using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.DeferredDelete;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Delete;

/// <summary>
/// Accepts deletes, whatever the server is doing: an operation that works on it is asked to turn round, and the delete is its
/// successor. Deleting a server that is being deleted succeeds.
/// </summary>
public sealed class ServerDeletes(Database database, ServerStore servers, OperationStore operations, IOperationStarter starter, Ids ids, TimeProvider time, ActionOptions options)
{
    /// <summary>DELETE: for good, or so that it can be restored for as long as the settings say.</summary>
    public Task Delete(RequestContext caller, Server server, CancellationToken ct) =>
        options.ReclaimIntervalSeconds > 0 && server.LaunchedAt is not null ? SoftDelete(caller, server, ct) : DeleteNow(CallerRecords.Of(caller), server, ct);

    /// <summary>For good, whatever the settings say.</summary>
    public Task DeleteNow(CallerRecord caller, Server server, CancellationToken ct) =>
        Begin(caller, server, new("delete", DeleteServer.OperationKind, TaskStates.Deleting), new DeleteServerState(), ct);

    /// <summary>So that it can be restored.</summary>
    public Task SoftDelete(RequestContext caller, Server server, CancellationToken ct) =>
        Begin(CallerRecords.Of(caller), server, new("delete", Soft.OperationKind, TaskStates.SoftDeleting), Soft.State(options.ShutdownTimeout), ct);

    private async Task Begin(CallerRecord caller, Server server, StartedAction action, object state, CancellationToken ct)
    {
        var start = new OperationStart { Id = ids.Next(), ServerId = server.Id, ProjectId = server.ProjectId, Action = action.Name, Kind = action.OperationKind, Caller = caller };
        var begun = await database.Write(tx => Accept(tx, start, action, state), ct);
        if (begun.Cancelled is { } cancelled)
            await starter.TurnRound(cancelled.Id, cancelled.Owner, ct);
        if (begun.Row is { WaitsFor: null } row)
            starter.Start(row, begun.Server);
    }

    private Accepted Accept(Tx tx, OperationStart start, StartedAction action, object state)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var server = servers.Find(tx, start.ServerId) ?? throw ServerAccess.NotFound(start.ServerId);
        if (operations.Unfinished(tx, server.Id) is (var kind, true) && (kind == DeleteServer.OperationKind || kind == action.OperationKind) || operations.HasWaiting(tx, server.Id))
            return new(null, null, server);

        // A delete that has failed and turns round is followed by this one, like any other operation.
        var draft = starter.NewRow(start, state, server.Epoch);
        var busy = operations.RequestCancel(tx, server.Id, draft.Owner!.Value);
        server.Epoch = servers.BeginDelete(tx, server.Id, action.TaskState!, raiseEpoch: busy is null, now) ?? throw ServerAccess.NotFound(server.Id);
        var row = draft with { Epoch = server.Epoch, WaitsFor = busy?.Id };
        operations.Insert(tx, row);
        return new(row, busy, server);
    }

    private sealed record Accepted(OperationRow? Row, (Guid Id, Guid? Owner)? Cancelled, Server Server);
}
