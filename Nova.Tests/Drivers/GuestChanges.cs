using Nova.Modules.Compute;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers;

/// <summary>The changes of one guest, in order.</summary>
public sealed class GuestChanges : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IAsyncEnumerator<GuestStatus> _changes;
    private readonly Guid _guest;
    private Task<bool> _next;

    /// <summary>Begins to watch at once.</summary>
    public GuestChanges(IHypervisor hypervisor, Guid guest)
    {
        _guest = guest;
        _changes = hypervisor.Watch(_stop.Token).GetAsyncEnumerator(_stop.Token);
        _next = _changes.MoveNextAsync().AsTask();
    }

    /// <summary>The guest's next power.</summary>
    public async Task<Power> Next()
    {
        while (await _next.WaitAsync(Eventually.Limit))
        {
            var change = _changes.Current;
            _next = _changes.MoveNextAsync().AsTask();
            if (change.ServerId == _guest)
                return change.Known ? change.Power : throw new InvalidOperationException("The guest is told as unknown.");
        }

        throw new InvalidOperationException("Watching ended.");
    }

    /// <summary>Waits until the guest has this power; what it had before may be told late, and is passed over.</summary>
    public async Task Until(Power power)
    {
        while (await Next() != power)
        {
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_next);
        await _changes.DisposeAsync();
        _stop.Dispose();
    }
}
