using Microsoft.Extensions.Logging;

namespace Nova.Modules.Shared.Database;

/// <summary>Reads what was committed from the outbox, whichever process did it: when it is woken, and each second.</summary>
public abstract partial class OutboxFollower(Database database, TimeProvider time, ILogger logger)
{
    private const int AtOnce = 1000;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private EventPosition _position;

    /// <summary>Notes where the outbox ends now: to be called before what the events change is loaded.</summary>
    public async Task Begin(CancellationToken ct) => _position = await database.Read(Outbox.End, ct);

    /// <summary>Something was committed: looks now.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is about to look anyway.
        }
    }

    /// <summary>Follows until cancelled.</summary>
    public async Task Follow(CancellationToken ct)
    {
        while (true)
        {
            var written = database.EventsWritten.Next;
            try
            {
                while (await ReadSome(ct) == AtOnce)
                    ct.ThrowIfCancellationRequested();
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                CouldNotRead(logger, fault.Message);
            }

            await Rest(written, ct);
        }
    }

    /// <summary>Takes in what can be read now, at most a thousand events; the answer is how many there were.</summary>
    public async Task<int> ReadSome(CancellationToken ct)
    {
        var events = await database.ReadOne(rows => Outbox.ReadAfter(rows, _position, AtOnce), ct);
        foreach (var stored in events)
            Take(stored.Row);
        if (events.Count > 0)
            _position = events[^1].Position;
        return events.Count;
    }

    /// <summary>One event, in order; a kind that is not known is passed over. An event may come a second time.</summary>
    protected abstract void Take(EventRow row);

    private async Task Rest(Task written, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var tick = Task.Delay(LookEvery, time, either.Token);
        var woken = _wake.WaitAsync(either.Token);
        await Task.WhenAny(tick, woken, written);
        await either.CancelAsync();
        await Task.WhenAll(tick, woken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What other processes changed could not be read yet: {Reason}")]
    private static partial void CouldNotRead(ILogger logger, string reason);
}
