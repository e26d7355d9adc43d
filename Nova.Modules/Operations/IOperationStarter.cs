namespace Nova.Modules.Operations;

/// <summary>
/// How whoever accepts a request gives an operation to the conductor that will drive it: in this process, or elsewhere. What
/// must happen is the row; these calls only make it happen sooner.
/// </summary>
public interface IOperationStarter
{
    /// <summary>The incarnation of a conductor that lives and can be given an operation.</summary>
    /// <exception cref="Shared.Fault">503: no conductor lives.</exception>
    Guid ChooseOwner();

    /// <summary>The row of a new operation, owned by the conductor that will drive it.</summary>
    /// <param name="start">Who asks for what.</param>
    /// <param name="state">The operation's state.</param>
    /// <param name="epoch">The server's fencing token.</param>
    /// <param name="step">The step to begin with; null for the first.</param>
    /// <exception cref="Shared.Fault">503: no conductor lives.</exception>
    OperationRow NewRow(OperationStart start, object state, long epoch, string? step = null);

    /// <summary>The row is durable: it is driven from now on.</summary>
    /// <param name="row">As it was inserted.</param>
    /// <param name="attachment">What the caller has in memory that the steps would have to read again; used only within the process.</param>
    void Start(OperationRow row, object? attachment = null);

    /// <summary>Completes when the operation is no longer driven, or at once where this process cannot tell: its row says what became of it.</summary>
    Task WhenEnded(Guid operationId);

    /// <summary>The cancel column of an operation was set: its conductor ends the step in flight and turns round; one that was stuck goes on.</summary>
    Task TurnRound(Guid operationId, Guid? owner, CancellationToken ct);
}

/// <summary>Operations of the conductor in this process; those of other conductors are turned round by a nudge.</summary>
public sealed class LocalOperations(OperationRunner runner, OperationStore store, Remote.ConductorNudges nudges) : IOperationStarter
{
    /// <inheritdoc />
    public Guid ChooseOwner() => runner.Owner;

    /// <inheritdoc />
    public OperationRow NewRow(OperationStart start, object state, long epoch, string? step = null) => runner.NewRow(start, state, epoch, step);

    /// <inheritdoc />
    public void Start(OperationRow row, object? attachment = null) => runner.Start(row, attachment);

    /// <inheritdoc />
    public Task WhenEnded(Guid operationId) => runner.WhenEnded(operationId);

    /// <inheritdoc />
    public async Task TurnRound(Guid operationId, Guid? owner, CancellationToken ct)
    {
        if (runner.Cancel(operationId))
            return;
        if (owner is { } other && other != runner.Owner)
            nudges.TurnRound(other, operationId);
        else if (await store.Find(operationId, ct) is { FinishedAt: null } stopped && stopped.Owner == runner.Owner)
            runner.Start(stopped);
    }
}
