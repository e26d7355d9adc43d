namespace Nova.Modules.Operations.Remote;

/// <summary>Operations that are driven in other processes: inserted for a conductor that lives, which is then nudged.</summary>
public sealed class RemoteOperations(OperationRows rows, ConductorNudges nudges) : IOperationStarter
{
    /// <inheritdoc />
    public Guid ChooseOwner() => nudges.Choose();

    /// <inheritdoc />
    public OperationRow NewRow(OperationStart start, object state, long epoch, string? step = null) =>
        rows.New(start, state, epoch, ChooseOwner(), step);

    /// <inheritdoc />
    public void Start(OperationRow row, object? attachment = null)
    {
        if (row.Owner is { } owner)
            nudges.Start(owner, row.Id);
    }

    /// <inheritdoc />
    public Task WhenEnded(Guid operationId) => Task.CompletedTask;

    /// <inheritdoc />
    public Task TurnRound(Guid operationId, Guid? owner, CancellationToken ct)
    {
        if (owner is { } conductor)
            nudges.TurnRound(conductor, operationId);
        return Task.CompletedTask;
    }
}
