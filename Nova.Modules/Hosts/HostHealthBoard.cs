using System.Collections.Concurrent;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;

namespace Nova.Modules.Hosts;

/// <summary>Which hosts are alive, in a process without a conductor: as the conductors wrote it, fed like a scheduler's picture.</summary>
public sealed class HostHealthBoard(TimeProvider time) : IHostLiveness, IPictureFeed
{
    private readonly ConcurrentDictionary<Guid, Health> _hosts = new();

    /// <inheritdoc />
    public bool IsUp(Guid hostId) => _hosts.TryGetValue(hostId, out var health) && health.IsUp;

    /// <inheritdoc />
    public long? SeenAt(Guid hostId) => _hosts.TryGetValue(hostId, out var health) ? health.IsUp ? Now : health.LostAt : null;

    /// <inheritdoc />
    public void HostChanged(HostState host) => _hosts.AddOrUpdate(
        host.Id,
        _ => new(host.IsSeen, null),
        (_, before) => host.IsSeen ? new(true, null) : before.IsUp ? new(false, Now) : before);

    /// <inheritdoc />
    public void HostRemoved(Guid hostId) => _hosts.TryRemove(hostId, out _);

    /// <inheritdoc />
    public void AggregateChanged(AggregateState aggregate)
    {
        // Where servers may go is the scheduler's.
    }

    /// <inheritdoc />
    public void AggregateRemoved(Guid aggregateId)
    {
        // Where servers may go is the scheduler's.
    }

    /// <inheritdoc />
    public void MemberChanged(GroupMember member)
    {
        // Where servers may go is the scheduler's.
    }

    /// <inheritdoc />
    public void GroupRemoved(Guid groupId)
    {
        // Where servers may go is the scheduler's.
    }

    /// <inheritdoc />
    public void ProviderChanged(ProviderState provider)
    {
        // Capacity is the scheduler's.
    }

    /// <inheritdoc />
    public void UsageChanged(ProviderUsage usage)
    {
        // Capacity is the scheduler's.
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private readonly record struct Health(bool IsUp, long? LostAt);
}
