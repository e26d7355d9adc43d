using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Operations;

/// <summary>
/// Drives operations from wherever their rows say that they stand. The only place that knows about failure: owner and
/// epoch, retry, unwind, cancel, stuck. Whoever picks an operation up after a crash repeats at most one remote step.
/// </summary>
public sealed class OperationRunner : IAsyncDisposable
{
    private readonly OperationRows _rows;
    private readonly ConcurrentDictionary<Guid, OperationDrive> _driven = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly OperationServices _services;

    /// <summary>Makes the runner of this process; <paramref name="owner"/> is the conductor's incarnation.</summary>
    public OperationRunner(
        IEnumerable<IOperation> operations, OperationStore store, Database database, TimeProvider time, SecretBox secrets, Guid owner, ILogger<OperationRunner> logger)
    {
        _rows = new(operations, time, secrets);
        _services = new(store, database, time, _rows.Json, logger, this);
        Owner = owner;
    }

    /// <summary>The conductor's incarnation: what the owner column of its operations says.</summary>
    public Guid Owner { get; }

    /// <summary>How many operations are being driven now.</summary>
    public int DrivenCount => _driven.Count;

    /// <summary>The row of a new operation that starts at its first step, owned by this conductor.</summary>
    /// <param name="start">Who asks for what.</param>
    /// <param name="state">The operation's state.</param>
    /// <param name="epoch">The server's fencing token.</param>
    /// <param name="step">The step to begin with; null for the first.</param>
    public OperationRow NewRow(OperationStart start, object state, long epoch, string? step = null) => _rows.New(start, state, epoch, Owner, step);

    /// <summary>True while the operation is driven here.</summary>
    public bool IsDriven(Guid operationId) => _driven.ContainsKey(operationId);

    /// <summary>Begins to drive an operation whose row is durable. Does nothing when it is driven already.</summary>
    /// <param name="row">The row as inserted or taken over.</param>
    /// <param name="attachment">What the caller has in memory that the steps would have to read again; lost with the process.</param>
    public void Start(OperationRow row, object? attachment = null)
    {
        if (_stopping.IsCancellationRequested || _rows.Find(row.Kind, row.KindVersion) is not { } operation)
        {
            if (!_stopping.IsCancellationRequested)
                _services.Logger.UnknownKind(row.Id, row.Kind, row.KindVersion);
            return;
        }

        var drive = new OperationDrive(_services, operation, row, attachment, _stopping.Token);
        if (_driven.TryAdd(row.Id, drive))
            drive.Begin();
    }

    /// <summary>The cancel column of this operation was set: ends the step in flight and turns round. False when it is not driven here.</summary>
    public bool Cancel(Guid operationId)
    {
        if (!_driven.TryGetValue(operationId, out var drive))
            return false;

        drive.Cancel();
        return true;
    }

    /// <summary>Completes when the operation is no longer driven here: ended, stuck or fenced.</summary>
    public Task WhenEnded(Guid operationId) => _driven.TryGetValue(operationId, out var drive) ? drive.Ended : Task.CompletedTask;

    /// <summary>Stops driving: steps in flight are cancelled, nothing is undone, rows stay for the next incarnation.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_stopping.IsCancellationRequested)
            await _stopping.CancelAsync();
        await Task.WhenAll(_driven.Values.Select(d => d.Ended));
    }

    /// <summary>Abandons everything at once, as a crash does: nothing more is awaited.</summary>
    public void Abandon() => _stopping.Cancel();

    internal void Forget(OperationDrive drive) => _driven.TryRemove(new(drive.Id, drive));
}

/// <summary>Who asks for an operation on which server.</summary>
public sealed record OperationStart
{
    /// <summary>Chosen before any work.</summary>
    public required Guid Id { get; init; }

    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The server's project.</summary>
    public required string ProjectId { get; init; }

    /// <summary>As instance actions name it: create, delete, stop …</summary>
    public required string Action { get; init; }

    /// <summary>Which list of steps: <c>server.create</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>On whose behalf.</summary>
    public required CallerRecord Caller { get; init; }

    /// <summary>Starts only after the end of this operation.</summary>
    public Guid? WaitsFor { get; init; }

    /// <summary>As <see cref="OperationRun.Keep"/>, from the start; or null.</summary>
    public object? Kept { get; init; }
}

/// <summary>What every drive of a runner shares.</summary>
internal sealed record OperationServices(
    OperationStore Store, Database Database, TimeProvider Time, JsonSerializerOptions Json, ILogger Logger, OperationRunner Runner)
{
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();
}

internal static partial class OperationRunnerLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Operation {Id} is of kind {Kind} version {Version}, which this release does not know; it waits for one that does")]
    public static partial void UnknownKind(this ILogger logger, Guid id, string kind, int version);
}
