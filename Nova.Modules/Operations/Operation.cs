using System.Text.Json;

namespace Nova.Modules.Operations;

/// <summary>A long-running operation: a declared list of steps over a state that is saved between them.</summary>
public abstract class Operation<TState> : IOperation where TState : class
{
    private IReadOnlyList<Step<TState>>? _steps;
    private IReadOnlyList<StepInfo>? _described;

    /// <inheritdoc />
    public abstract string Kind { get; }

    /// <inheritdoc />
    public virtual int Version => 1;

    /// <summary>The steps in order. A changed list is a new <see cref="Version"/>; the old one stays for a release.</summary>
    protected abstract IReadOnlyList<Step<TState>> Steps { get; }

    /// <inheritdoc />
    public IReadOnlyList<StepInfo> Describe() => _described ??=
        [.. List.Select(s => new StepInfo(s.Name, s is LocalStep<TState>, s.Event, s.PointOfNoReturn))];

    /// <inheritdoc />
    public object ReadState(string json, JsonSerializerOptions options) => JsonSerializer.Deserialize<TState>(json, options)!;

    /// <inheritdoc />
    public string WriteState(object state, JsonSerializerOptions options) => JsonSerializer.Serialize((TState)state, options);

    /// <inheritdoc />
    public object DoLocal(int step, OperationUnit unit, object state) => Local(step).Do(unit, (TState)state);

    /// <inheritdoc />
    public object UndoLocal(int step, OperationUnit unit, object state) => Local(step).Undo?.Invoke(unit, (TState)state) ?? state;

    /// <inheritdoc />
    public async Task<object> DoRemote(int step, OperationRun run, object state, CancellationToken ct) =>
        await Remote(step).Do(run, (TState)state, ct);

    /// <inheritdoc />
    public async Task<object> UndoRemote(int step, OperationRun run, object state, CancellationToken ct) =>
        Remote(step).Undo is { } undo ? await undo(run, (TState)state, ct) : state;

    private IReadOnlyList<Step<TState>> List => _steps ??= Steps;

    private LocalStep<TState> Local(int step) => (LocalStep<TState>)List[step];

    private RemoteStep<TState> Remote(int step) => (RemoteStep<TState>)List[step];
}

/// <summary>What the runner needs to know of a step.</summary>
public sealed record StepInfo(string Name, bool IsLocal, string? Event, bool PointOfNoReturn);

/// <summary>An operation as the runner sees it, its state opaque.</summary>
public interface IOperation
{
    /// <summary>Stored with every row: <c>server.create</c>.</summary>
    string Kind { get; }

    /// <summary>Which list of steps.</summary>
    int Version { get; }

    /// <summary>The steps.</summary>
    IReadOnlyList<StepInfo> Describe();

    /// <summary>From the row.</summary>
    object ReadState(string json, JsonSerializerOptions options);

    /// <summary>To the row.</summary>
    string WriteState(object state, JsonSerializerOptions options);

    /// <summary>Does a local step.</summary>
    object DoLocal(int step, OperationUnit unit, object state);

    /// <summary>Undoes a local step.</summary>
    object UndoLocal(int step, OperationUnit unit, object state);

    /// <summary>Does a remote step.</summary>
    Task<object> DoRemote(int step, OperationRun run, object state, CancellationToken ct);

    /// <summary>Undoes a remote step.</summary>
    Task<object> UndoRemote(int step, OperationRun run, object state, CancellationToken ct);
}
