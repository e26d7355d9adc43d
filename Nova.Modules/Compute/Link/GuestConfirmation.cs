using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>
/// Holds the hosts of a process back until a conductor has said which guests are theirs: a guest that was given to another
/// host meanwhile must not be started, adopted or reached here. Done once per start of the process, when every host of it
/// has been told; the network of the process is then made as those guests need it.
/// </summary>
/// <param name="network">The network of the process.</param>
/// <param name="journal">What the hosts remember.</param>
/// <param name="hosts">How many hosts the process has.</param>
internal sealed class GuestConfirmation(IHostNetwork network, HostJournal journal, int hosts)
{
    private readonly Dictionary<Guid, IReadOnlyList<ConfirmedGuest>> _confirmed = [];
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _one = new(1);
    private bool _isRestored;

    /// <summary>A conductor confirmed these servers and epochs of a host; completes when commands may be carried out.</summary>
    public async Task Confirm(HostAgent agent, IReadOnlyList<ConfirmedGuest> guests, CancellationToken ct)
    {
        foreach (var guest in guests)
            await agent.Confirm(guest.ServerId, guest.Epoch, ct);
        await _one.WaitAsync(ct);
        try
        {
            _confirmed[agent.HostId] = guests;
            if (_confirmed.Count == hosts && !_isRestored)
                await Restore(ct);
        }
        finally
        {
            _one.Release();
        }

        await _all.Task.WaitAsync(ct);
    }

    private async Task Restore(CancellationToken ct)
    {
        var guests = _confirmed
            .SelectMany(host => host.Value.Select(guest => journal.Find(host.Key, guest.ServerId)?.Guest))
            .OfType<GuestSpec>()
            .ToDictionary(guest => guest.ServerId, guest => guest.Nics);
        await network.Restore(guests, ct);
        _isRestored = true;
        _all.SetResult();
    }
}
