using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Writing;

/// <summary>
/// Threads that take units from one bounded queue in batches. How a batch is run and committed is the driver's; when it
/// closes, who is dropped and who is answered what is the same on both databases.
/// </summary>
internal abstract partial class GroupWriter(string name, TimeSpan openFor, int queueLimit, OutboxSignal eventsWritten, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly BlockingCollection<WriteUnit> _queue = new(queueLimit);
    private readonly List<TaskCompletionSource> _ended = [];
    private volatile Exception? _death;

    /// <summary>Why nothing can be written any more, or null.</summary>
    public string? Problem => _death is { } death ? $"A writer of the database ended: {death.Message}" : null;

    /// <summary>Starts a thread. <paramref name="run"/> must end each member with its value or a failure, and not throw.</summary>
    protected void Start(Action<WriteBatch> run, Action end)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ended.Add(ended);
        new Thread(() => Loop(run, end, ended)) { Name = name, IsBackground = true }.Start();
    }

    /// <summary>Adds a unit to the queue; the task ends when its commit is durable.</summary>
    public Task<T> Enqueue<T>(Func<Tx, T> work, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
            return Task.FromCanceled<T>(ct);

        var unit = new WriteUnit<T>(work, ct);
        if (!TryAdd(unit))
            return Task.FromException<T>(Fault.Unavailable($"The database is busy or shutting down. Please try again."));

        // A thread that died between the look and the add would leave the unit waiting for ever.
        if (_death is not null)
            FailWaiting();
        return unit.Result;
    }

    /// <summary>Takes no more units, runs those that wait, and ends the threads.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        foreach (var ended in _ended)
            await ended.Task;
    }

    private bool TryAdd(WriteUnit unit)
    {
        try
        {
            return _death is null && !_queue.IsAddingCompleted && _queue.TryAdd(unit);
        }
        catch (InvalidOperationException) when (_queue.IsAddingCompleted)
        {
            return false;
        }
    }

    private void Loop(Action<WriteBatch> run, Action end, TaskCompletionSource ended)
    {
        WriteBatch? batch = null;
        try
        {
            foreach (var first in _queue.GetConsumingEnumerable())
            {
                batch = new(first, _queue, openFor, time, logger);
                run(batch);
                batch.Deliver();
                if (batch.WroteEvents)
                    eventsWritten.Raise();
                batch = null;
            }

            end();
        }
#pragma warning disable CA1031 // The thread is lost: nobody may wait for it without being told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Die(e, batch);
        }

        ended.SetResult();
    }

    private void Die(Exception e, WriteBatch? batch)
    {
        LogDied(e, name);
        _death = e;
        batch?.FailAll(new UnknownOutcomeException(e));
        batch?.Deliver();
        FailWaiting();
    }

    private void FailWaiting()
    {
        while (_queue.TryTake(out var unit))
        {
            unit.Failure = Fault.Unavailable($"The database cannot be written. Please restart the service.");
            unit.Deliver();
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The thread {Name} ended; nothing can be written until the service is restarted")]
    private partial void LogDied(Exception exception, string name);
}
