using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Operations;

/// <summary>
/// One step of an operation. Either half may run again after a crash, so both are idempotent; undo also runs for the step
/// that failed, which may have got half way, so it tolerates nothing to undo.
/// </summary>
/// <param name="Name">Stored with the operation, so it is never reused for something else.</param>
public abstract record Step<TState>(string Name)
{
    /// <summary>The event of the instance action that this step is shown as (<c>compute__do_build_and_run_instance</c>), or null.</summary>
    public string? Event { get; init; }

    /// <summary>From the end of this step on the operation finishes forward: a cancel no longer turns it round.</summary>
    public bool PointOfNoReturn { get; init; }
}

/// <summary>SQL only: commits together with the operation's progress and with every local step next to it.</summary>
public sealed record LocalStep<TState>(
    string Name,
    Func<OperationUnit, TState, TState> Do,
    Func<OperationUnit, TState, TState>? Undo = null) : Step<TState>(Name);

/// <summary>An idempotent call to a host or a neighbour, without SQL.</summary>
public sealed record RemoteStep<TState>(
    string Name,
    Func<OperationRun, TState, CancellationToken, Task<TState>> Do,
    Func<OperationRun, TState, CancellationToken, Task<TState>>? Undo = null) : Step<TState>(Name);

/// <summary>What a local step sees.</summary>
public sealed class OperationUnit(Tx tx, OperationRun run, long now)
{
    private long? _nextEpoch;

    /// <summary>The unit of work.</summary>
    public Tx Tx => tx;

    /// <summary>The operation.</summary>
    public OperationRun Run => run;

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long Now => now;

    /// <summary>The server's fencing token as this unit leaves it.</summary>
    public long Epoch => _nextEpoch ?? run.Epoch;

    /// <summary>
    /// Raises the server's fencing token: to be called by a step that moves the server to another host, and written to the
    /// server row by that step.
    /// </summary>
    public long RaiseEpoch() => (_nextEpoch = run.Epoch + 1).Value;
}

/// <summary>An operation that is being driven, as its steps see it.</summary>
public sealed class OperationRun(OperationRow row, CallerRecord caller, object? attachment)
{
    /// <summary>The operation.</summary>
    public Guid Id => row.Id;

    /// <summary>The server.</summary>
    public Guid ServerId => row.ServerId;

    /// <summary>The request that started it.</summary>
    public string RequestId => row.RequestId;

    /// <summary>On whose behalf.</summary>
    public CallerRecord Caller => caller;

    /// <summary>The server's fencing token.</summary>
    public long Epoch { get; internal set; } = row.Epoch;

    /// <summary>True once somebody asked to turn round (a delete): undo leaves the server's states to the successor.</summary>
    public bool IsCancelled { get; internal set; } = row.Cancel;

    /// <summary>Since when the step at hand fails for passing reasons (milliseconds since 1970 UTC), or null; survives a restart.</summary>
    public long? FailingSince { get; internal set; } = row.FirstFailedAt;

    /// <summary>Why the operation turned round, or null.</summary>
    public Fault? Failure { get; internal set; }

    /// <summary>What the operation wants kept with its row when its state is gone: an object that becomes JSON, a JsonElement after a restart; or null.</summary>
    public object? Kept { get; internal set; }

    /// <summary>Keeps something small for whoever asks later; replaces what was kept before, and is durable with the next save.</summary>
    public void Keep(object what) => Kept = what;

    /// <summary>What whoever started the operation in this process had in memory already; null after a restart.</summary>
    public T? Attached<T>() where T : class => attachment as T;
}
