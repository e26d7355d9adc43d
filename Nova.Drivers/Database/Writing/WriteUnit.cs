using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Writing;

/// <summary>One unit of work that waits for, or takes part in, a batch.</summary>
internal abstract class WriteUnit(CancellationToken ct)
{
    private Tx? _tx;
    private bool _hasBegun;

    /// <summary>True when the last run ended without an exception.</summary>
    public bool HasRun => _tx is not null;

    /// <summary>What the last run threw, or what else went wrong.</summary>
    public Exception? Failure { get; set; }

    /// <summary>True when the caller gave up before the unit began. From then on its end is awaited.</summary>
    public bool IsCancelled => !_hasBegun && ct.IsCancellationRequested;

    /// <summary>The events of a run that ended without an exception.</summary>
    public IReadOnlyList<EventRow> Events => _tx?.Events ?? [];

    /// <summary>The rows that such a run appended.</summary>
    public IReadOnlyList<SharedRow> Appended => _tx?.Appended ?? [];

    /// <summary>What to do once the commit is durable.</summary>
    public IReadOnlyList<Action> CommitActions => _tx?.CommitActions ?? [];

    /// <summary>The caller's token.</summary>
    protected CancellationToken Cancellation => ct;

    /// <summary>Runs the unit, for the first time or again; false when it threw.</summary>
    public bool Run(Tx tx)
    {
        (_hasBegun, _tx, Failure) = (true, null, null);
        try
        {
            Work(tx);
            if (tx.HasFailedStatement)
                throw new InvalidOperationException("A unit of work went on after a refused statement; it cannot be committed.");
            _tx = tx;
            return true;
        }
#pragma warning disable CA1031 // Whatever the unit threw goes to its caller; the batch goes on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failure = e;
            return false;
        }
    }

    /// <summary>Answers the caller: the value, the failure, or the cancellation of a unit that never ran.</summary>
    public void Deliver()
    {
        if (Failure is { } failure)
            Fail(failure);
        else if (HasRun)
            Succeed();
        else
            Cancel();
    }

    protected abstract void Work(Tx tx);

    protected abstract void Succeed();

    protected abstract void Fail(Exception failure);

    protected abstract void Cancel();
}

/// <summary>A unit with a result.</summary>
internal sealed class WriteUnit<T>(Func<Tx, T> work, CancellationToken ct) : WriteUnit(ct)
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _value = default!;

    public Task<T> Result => _result.Task;

    protected override void Work(Tx tx) => _value = work(tx);

    protected override void Succeed() => _result.TrySetResult(_value);

    protected override void Fail(Exception failure) => _result.TrySetException(failure);

    protected override void Cancel() => _result.TrySetCanceled(Cancellation);
}
