using Nova.Modules.Operations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Actions;

/// <summary>Accepts what users ask of a server that exists: the answer is durable when these methods return.</summary>
public sealed class ServerActions(Database database, ServerStore servers, OperationStore operations, IOperationStarter starter, Ids ids, TimeProvider time, ActionOptions options)
{
    // Where another process drives the operation, only its row tells.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>Changes the server's power.</summary>
    public Task Change(RequestContext caller, Server server, PowerAction action, CancellationToken ct) =>
        Begin(caller, server, new(action.Name, action.Kind, action.Rule.Task!), action.State(options.ShutdownTimeout), ct);

    /// <summary>Begins an operation on a server whose states were checked; nobody may have changed them since.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="server">As it was read.</param>
    /// <param name="action">What is begun.</param>
    /// <param name="state">The operation's state.</param>
    /// <param name="ct">Cancels while the unit waits.</param>
    /// <param name="alongside">What else belongs into the transaction that accepts; it may run again.</param>
    /// <exception cref="Fault">409: the server has changed meanwhile, or another operation works on it.</exception>
    /// <returns>The operation.</returns>
    public async Task<Guid> Begin(RequestContext caller, Server server, StartedAction action, object state, CancellationToken ct, Action<Tx, long>? alongside = null) =>
        await TryBegin(caller, server, action, state, ct, alongside)
        ?? throw Fault.Conflict($"Cannot '{action.Name}' instance {server.Id} while it is in task_state {server.TaskState ?? "none"}");

    /// <summary>As <see cref="Begin"/>; null when the server has changed meanwhile, or another operation works on it.</summary>
    public async Task<Guid?> TryBegin(RequestContext caller, Server server, StartedAction action, object state, CancellationToken ct, Action<Tx, long>? alongside = null)
    {
        var start = new OperationStart
        {
            Id = ids.Next(), ServerId = server.Id, ProjectId = server.ProjectId, Action = action.Name, Kind = action.OperationKind, Caller = CallerRecords.Of(caller),
        };
        if (await database.Write(tx => Accept(tx, server, action, start, state, alongside), ct) is not { } row)
            return null;
        starter.Start(row);
        return row.Id;
    }

    /// <summary>The operation when it has ended, wherever it is driven; as it stands when the patience is at its end, or when it is stuck.</summary>
    public async Task<OperationRow> Ended(Guid operation, TimeSpan patience, CancellationToken ct)
    {
        for (var begun = time.GetTimestamp(); ;)
        {
            var left = patience - time.GetElapsedTime(begun);
            await Task.WhenAny(starter.WhenEnded(operation), Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, ct));
            ct.ThrowIfCancellationRequested();
            var row = await operations.Find(operation, ct) ?? throw new FencedException(operation);
            if (row.FinishedAt is not null || row.Status == OperationStatus.Stuck || time.GetElapsedTime(begun) >= patience)
                return row;
            await Task.Delay(LookAgain, time, ct);
        }
    }

    // The states were checked on what was read; that nobody changed them since is part of the update.
    private OperationRow? Accept(Tx tx, Server server, StartedAction action, OperationStart start, object state, Action<Tx, long>? alongside)
    {
        if (operations.Unfinished(tx, server.Id) is not null)
            return null;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (servers.Begin(tx, server, action.TaskState, now) is not { } epoch)
            return null;

        alongside?.Invoke(tx, now);
        var row = starter.NewRow(start, state, epoch);
        operations.Insert(tx, row);
        return row;
    }
}

/// <summary>An action as its operation begins.</summary>
/// <param name="Name">As instance actions name it.</param>
/// <param name="OperationKind">The kind of the operation.</param>
/// <param name="TaskState">The server's task meanwhile; null for none.</param>
public sealed record StartedAction(string Name, string OperationKind, string? TaskState);
