using System.Collections.Concurrent;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Modules.Hosts;

/// <summary>
/// The hosts that this conductor can command, each by the link that the host keeps to it. Liveness lives here, in memory;
/// only a change is written.
/// </summary>
public sealed class HostDirectory(TimeProvider time) : IHostLiveness
{
    /// <summary>How long after the start a host that has not connected yet is unknown rather than down.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>How long a host whose stream broke is expected back: a restart of its process, a moment without network.</summary>
    public static readonly TimeSpan ExpectBack = TimeSpan.FromSeconds(10);

    private readonly long _startedAt = time.GetTimestamp();
    private readonly ConcurrentDictionary<Guid, IHostLink> _links = new();
    private readonly ConcurrentDictionary<Guid, LostAt> _lostAt = new();

    /// <summary>Raised after a host was connected (true) or lost (false).</summary>
    public event Action<Guid, bool>? Changed;

    /// <summary>All links.</summary>
    public IEnumerable<IHostLink> Links => _links.Values;

    /// <summary>How many hosts are connected.</summary>
    public int Count => _links.Count;

    /// <summary>The host is connected by this link; an earlier link of the same host is replaced.</summary>
    public void Connect(IHostLink link)
    {
        _links[link.HostId] = link;
        _lostAt.TryRemove(link.HostId, out _);
        Changed?.Invoke(link.HostId, true);
    }

    /// <summary>This link is gone; a newer link of the same host stays.</summary>
    public void Disconnect(IHostLink link)
    {
        if (!_links.TryRemove(new(link.HostId, link)))
            return;

        _lostAt[link.HostId] = new(time.GetUtcNow().ToUnixTimeMilliseconds(), time.GetTimestamp());
        Changed?.Invoke(link.HostId, false);
    }

    /// <summary>True while the host is connected.</summary>
    public bool IsUp(Guid hostId) => _links.ContainsKey(hostId);

    /// <summary>
    /// True when the host is not connected and is not about to be: it was lost for longer than it is expected back, or the
    /// time in which hosts find a restarted conductor again is over.
    /// </summary>
    public bool IsLost(Guid hostId) => !IsUp(hostId) && (_lostAt.TryGetValue(hostId, out var lost)
        ? time.GetElapsedTime(lost.Timestamp) >= ExpectBack
        : time.GetElapsedTime(_startedAt) >= Grace);

    /// <summary>When the host was seen last; null when it never was since this conductor started.</summary>
    public long? SeenAt(Guid hostId) =>
        IsUp(hostId) ? time.GetUtcNow().ToUnixTimeMilliseconds() : _lostAt.TryGetValue(hostId, out var lost) ? lost.Milliseconds : null;

    /// <summary>The link, or null while the host is not connected.</summary>
    public IHostLink? Find(Guid hostId) => _links.GetValueOrDefault(hostId);

    /// <summary>The link.</summary>
    /// <exception cref="Fault">503, transient: the host is not connected.</exception>
    public IHostLink Get(Guid hostId) =>
        Find(hostId) ?? throw new Fault(FaultKind.Unavailable, Message.Of($"The server's host is not connected at the moment."), $"host {hostId}");

    private readonly record struct LostAt(long Milliseconds, long Timestamp);
}
