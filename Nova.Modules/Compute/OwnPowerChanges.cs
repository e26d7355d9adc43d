using System.Collections.Concurrent;

namespace Nova.Modules.Compute;

/// <summary>
/// Which of a hypervisor's reports say that a guest changed its power by itself. What a command did is not among them. A
/// report counts when it still is the last one a moment later and no command works on the guest: a reboot is off and on
/// again, and reports may come after the end of their command, when the next one wants something else already.
/// </summary>
public sealed class OwnPowerChanges(HostAgent agent, TimeProvider time)
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, bool> _deviating = new();
    private readonly ConcurrentDictionary<Guid, long> _waiting = new();
    private long _number;

    /// <summary>Calls <paramref name="tell"/> with each such change, at times for several guests at once, until cancelled.</summary>
    public async Task Watch(Func<GuestStatus, CancellationToken, Task> tell, CancellationToken ct)
    {
        await foreach (var status in agent.Hypervisor.Watch(ct))
        {
            _waiting.TryRemove(status.ServerId, out _);
            if (IsNews(status))
                _ = TellSettled(status, tell, ct);
        }
    }

    private bool IsNews(GuestStatus status)
    {
        if (status.Known && agent.WantedOf(status.ServerId) is { } wanted)
            return Deviates(status, wanted) || _deviating.ContainsKey(status.ServerId);

        _deviating.TryRemove(status.ServerId, out _);
        return false;
    }

    private static bool Deviates(GuestStatus status, Power wanted) => (status.Power == Power.On) != (wanted == Power.On);

    private async Task TellSettled(GuestStatus status, Func<GuestStatus, CancellationToken, Task> tell, CancellationToken ct)
    {
        var number = Interlocked.Increment(ref _number);
        _waiting[status.ServerId] = number;
        try
        {
            do
                await Task.Delay(Settled, time, ct);
            while (agent.IsBusy(status.ServerId) && IsLast(status, number));
            if (IsLast(status, number) && IsNews(status))
                await Tell(status, tell, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The host compares everything when it comes again.
        }
        finally
        {
            _waiting.TryRemove(new(status.ServerId, number));
        }
    }

    private bool IsLast(GuestStatus status, long number) => _waiting.TryGetValue(status.ServerId, out var last) && last == number;

    private Task Tell(GuestStatus status, Func<GuestStatus, CancellationToken, Task> tell, CancellationToken ct)
    {
        if (agent.WantedOf(status.ServerId) is { } wanted && Deviates(status, wanted))
            _deviating[status.ServerId] = true;
        else
            _deviating.TryRemove(status.ServerId, out _);
        return tell(status, ct);
    }
}
