using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

// Host aggregates with what operators wrote on them, and the aggregates of Placement. Both have the same ids as long as
// nobody changes the ones of a provider through Placement's API.
public sealed partial class Picture
{
    private readonly Dictionary<Guid, AggregateState> _aggregates = [];
    private readonly Bitmaps<Guid> _inAggregate = new();
    private readonly Bitmaps<Guid> _inProviderAggregate = new();

    /// <summary>All host aggregates, for filters that look for a key of their metadata.</summary>
    public IReadOnlyDictionary<Guid, AggregateState> Aggregates => _aggregates;

    /// <summary>The hosts of a host aggregate.</summary>
    public BitSet InAggregate(Guid aggregate) => _inAggregate[aggregate];

    /// <summary>The hosts whose provider is in an aggregate of Placement (<c>member_of</c>).</summary>
    public BitSet InProviderAggregate(Guid aggregate) => _inProviderAggregate[aggregate];

    /// <summary>An aggregate is new, or its name or metadata changed. Ignored when a later state was seen.</summary>
    public void Apply(AggregateState aggregate)
    {
        if (!_aggregates.TryGetValue(aggregate.Id, out var known) || known.Revision <= aggregate.Revision)
            _aggregates[aggregate.Id] = aggregate;
    }

    /// <summary>An aggregate is gone. Its hosts have said before that they are not in it.</summary>
    public void RemoveAggregate(Guid aggregate)
    {
        _aggregates.Remove(aggregate);
        _inAggregate.Forget(aggregate);
    }

    private void JoinAggregates(HostState host, int slot)
    {
        foreach (var aggregate in host.Aggregates)
            _inAggregate.Add(aggregate, slot);
    }

    private void LeaveAggregates(HostState host, int slot)
    {
        foreach (var aggregate in host.Aggregates)
            _inAggregate.Remove(aggregate, slot);
    }

    private void SetProviderAggregates(ProviderState provider, int slot)
    {
        _inProviderAggregate.Leave(slot);
        foreach (var aggregate in provider.Aggregates)
            _inProviderAggregate.Add(aggregate, slot);
    }
}
