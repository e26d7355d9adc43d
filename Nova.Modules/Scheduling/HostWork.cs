using Nova.Modules.Shared.Database;

namespace Nova.Modules.Scheduling;

/// <summary>Tells pictures what keeps hosts busy and what failed on them.</summary>
public sealed class HostWork(IEnumerable<IPictureFeed> feeds)
{
    private readonly IPictureFeed[] _feeds = [.. feeds];

    /// <summary>The server keeps its host no longer busy. Pictures of other processes hear it by the event of its state.</summary>
    public void Settled(Tx tx, Guid serverId)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.ServerBusy(serverId, false));
    }

    /// <summary>A host could not make a guest.</summary>
    public void BuildFailed(Tx tx, Guid hostId)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.BuildFailed(hostId));
        tx.Emit(new("host.build_failed", hostId.ToString(), null, "{}"));
    }
}
