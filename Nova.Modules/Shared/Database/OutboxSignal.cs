namespace Nova.Modules.Shared.Database;

/// <summary>Wakes the readers of the outbox in this process, at most once per batch; readers of other processes look each second.</summary>
public sealed class OutboxSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes after the next commit that wrote events. Take it before reading, or one may be missed.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Called by the writer after such a commit.</summary>
    public void Raise() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
