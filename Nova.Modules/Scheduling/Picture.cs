using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

/// <summary>
/// All hosts as columns and bitmaps: a host is a slot, and everything known of it is at that slot's place. Belongs to one
/// thread.
/// </summary>
public sealed partial class Picture
{
    private const int WordBits = 64;

    private readonly Dictionary<Guid, int> _slots = [];
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResourceColumn> _resources = new(StringComparer.Ordinal);
    private readonly Bitmaps<string> _zones = new();
    private readonly Bitmaps<string> _traits = new();
    private readonly Bitmaps<string> _abilities = new();
    private readonly Stack<int> _freeSlots = [];
    private HostState?[] _hosts = [];
    private HostChoice?[] _choices = [];
    private long[] _generations = [];
    private ProviderState?[] _providers = [];
    private int _used;

    /// <summary>Slots in the columns; a multiple of 64.</summary>
    public int Slots => _hosts.Length;

    /// <summary>All hosts.</summary>
    public BitSet Present { get; } = new();

    /// <summary>Hosts that an operator disabled.</summary>
    public BitSet Disabled { get; } = new();

    /// <summary>Hosts that nobody sees.</summary>
    public BitSet Down { get; } = new();

    /// <summary>Those of them that an operator says are down: they do not come back by themselves.</summary>
    public BitSet ForcedDown { get; } = new();

    /// <summary>Hosts of which nothing was heard yet.</summary>
    public BitSet Unknown { get; } = new();

    /// <summary>What the hosts can run, by <c>architecture/hypervisor type/VM mode</c>.</summary>
    public IReadOnlyDictionary<string, BitSet> Abilities => _abilities.All;

    /// <summary>The hosts of a zone.</summary>
    public BitSet InZone(string zone) => _zones[zone];

    /// <summary>The hosts with a trait.</summary>
    public BitSet WithTrait(string trait) => _traits[trait];

    /// <summary>A resource class, or null when no host has it.</summary>
    public ResourceColumn? Resource(string @class) => _resources.GetValueOrDefault(@class);

    /// <summary>The host of this service host name, or −1.</summary>
    public int SlotOfName(string name) => _byName.GetValueOrDefault(name, -1);

    /// <summary>The host of this hypervisor host name, or −1.</summary>
    public int SlotOfNode(string node) => _byNode.GetValueOrDefault(node, -1);

    /// <summary>The host with this id, or −1.</summary>
    public int SlotOf(Guid id) => _slots.GetValueOrDefault(id, -1);

    /// <summary>What an answer says of a present host.</summary>
    public HostChoice Choice(int slot) => _choices[slot]!;

    /// <summary>A host is new, or changed. Ignored when a later state was seen.</summary>
    public void Apply(HostState host)
    {
        var slot = SlotFor(host.Id);
        if (_hosts[slot] is { } known && known.Revision > host.Revision)
            return;

        LeaveBitmaps(slot);
        (_hosts[slot], _choices[slot]) = (host, new(host.Id, host.Name, host.Node, host.Zone));
        (_byName[host.Name], _byNode[host.Node]) = (slot, slot);
        _zones.Add(host.Zone, slot);
        foreach (var ability in host.SupportedInstances)
            _abilities.Add(ability, slot);
        JoinAggregates(host, slot);
        Present[slot] = true;
        Disabled[slot] = host.Disabled;
        Down[slot] = host.Health == HostHealth.Down;
        ForcedDown[slot] = host.ForcedDown;
        Unknown[slot] = host.Health == HostHealth.Unknown;
        SetFacts(host, slot);
        SetHardware(host, slot);
    }

    /// <summary>A provider's inventories, traits and aggregates are these. Ignored when a later generation was seen.</summary>
    public void Apply(ProviderState provider)
    {
        if (provider.Generation == ProviderState.Gone && _nested.ContainsKey(provider.Id))
        {
            RemoveNested(provider.Id);
            return;
        }

        if (provider.RootId is { } root && root != provider.Id)
        {
            ApplyNested(provider, root);
            return;
        }

        var slot = SlotFor(provider.Id);
        if (provider.Generation == ProviderState.Gone)
            foreach (var column in _resources.Values)
                column.Forget(slot);
        else if (provider.Generation < _generations[slot])
            return;

        _generations[slot] = provider.Generation;
        _providers[slot] = provider.Generation == ProviderState.Gone ? null : provider;
        foreach (var column in _resources.Values.Where(c => !provider.Inventories.Any(i => i.Class == c.Class)))
            column.RemoveInventory(slot);
        foreach (var inventory in provider.Inventories)
            Column(inventory.Class).SetInventory(slot, inventory, provider.Generation);
        _traits.Leave(slot);
        foreach (var trait in provider.Traits)
            _traits.Add(trait, slot);
        SetProviderAggregates(provider, slot);
    }

    /// <summary>What is used of a provider. Ignored per class when a later generation was seen.</summary>
    public void ApplyUsage(ProviderUsage usage)
    {
        if (ApplyNestedUsage(usage))
            return;

        var slot = SlotFor(usage.ProviderId);
        if (usage.Holds == true)
            Place(new(usage.ConsumerId, usage.ProviderId, true) { ImageProperties = usage.ImageProperties });
        else if (usage.Holds == false)
            Leave(usage.ConsumerId, usage.ProviderId);
        foreach (var (name, used) in usage.Used)
            Column(name).SetUsed(slot, used, usage.Generation);
    }

    /// <summary>A host is gone; its slot is used again.</summary>
    public void Remove(Guid hostId)
    {
        if (!_slots.Remove(hostId, out var slot))
            return;

        LeaveBitmaps(slot);
        _traits.Leave(slot);
        _inProviderAggregate.Leave(slot);
        _metricHosts.Leave(slot);
        MetricsRevision++;
        ForgetServersOf(slot);
        ForgetHardware(slot);
        ForgetTree(hostId);
        LeaveGroups(slot);
        foreach (var column in _resources.Values)
            column.Forget(slot);
        Present[slot] = Disabled[slot] = Down[slot] = ForcedDown[slot] = Unknown[slot] = false;
        (_hosts[slot], _choices[slot], _providers[slot], _generations[slot]) = (null, null, null, long.MinValue);
        _freeSlots.Push(slot);
    }

    /// <summary>Whether a host's own provider has room for an amount.</summary>
    internal bool FitsOwn(int slot, ResourceAmount wanted) =>
        ResourceColumn.Clamp(wanted.Amount) == wanted.Amount && Resource(wanted.Class) is { } column && column.Fits(slot, (int)wanted.Amount);

    internal void Assume(int slot, IReadOnlyList<ResourceAmount> resources, int sign)
    {
        foreach (var (name, amount) in resources)
            Column(name).Assume(slot, sign * ResourceColumn.Clamp(amount));
    }

    internal void Assume(int slot, ProviderPart part, int sign)
    {
        if (part.ProviderId == _hosts[slot]?.Id)
            Assume(slot, part.Resources, sign);
        else
            AssumeNested(part, sign);
    }

    private ResourceColumn Column(string @class)
    {
        if (_resources.TryGetValue(@class, out var column))
            return column;

        column = new(@class);
        column.Resize(Slots);
        _resources.Add(@class, column);
        return column;
    }

    private int SlotFor(Guid id)
    {
        if (_slots.TryGetValue(id, out var slot))
            return slot;

        if (!_freeSlots.TryPop(out slot))
        {
            if (_used == Slots)
                Grow();
            slot = _used++;
        }

        _slots.Add(id, slot);
        return slot;
    }

    private void Grow()
    {
        var (from, slots) = (Slots, Math.Max(WordBits, Slots * 2));
        Array.Resize(ref _hosts, slots);
        Array.Resize(ref _choices, slots);
        Array.Resize(ref _generations, slots);
        Array.Resize(ref _providers, slots);
        Array.Resize(ref _hardware, slots);
        _generations.AsSpan(from).Fill(long.MinValue);
        foreach (var column in _resources.Values)
            column.Resize(slots);
        foreach (var column in _counts)
            column.Resize(slots);
        foreach (var metric in _metrics.Keys.ToList())
            _metrics[metric] = [.. _metrics[metric], .. new double[slots - _metrics[metric].Length]];
    }

    private void LeaveBitmaps(int slot)
    {
        if (_hosts[slot] is not { } host)
            return;

        _zones.Remove(host.Zone, slot);
        foreach (var ability in host.SupportedInstances)
            _abilities.Remove(ability, slot);
        LeaveAggregates(host, slot);
        if (SlotOfName(host.Name) == slot)
            _byName.Remove(host.Name);
        if (SlotOfNode(host.Node) == slot)
            _byNode.Remove(host.Node);
    }

    /// <summary>A bitmap per name or id.</summary>
    private sealed class Bitmaps<TKey> where TKey : notnull
    {
        private readonly Dictionary<TKey, BitSet> _all = [];

        public IReadOnlyDictionary<TKey, BitSet> All => _all;

        public BitSet this[TKey key] => _all.GetValueOrDefault(key, BitSet.Empty);

        public void Add(TKey key, int slot)
        {
            if (!_all.TryGetValue(key, out var hosts))
                _all.Add(key, hosts = new());
            hosts[slot] = true;
        }

        public void Remove(TKey key, int slot)
        {
            if (_all.TryGetValue(key, out var hosts))
                hosts[slot] = false;
        }

        public void Leave(int slot)
        {
            foreach (var hosts in _all.Values)
                hosts[slot] = false;
        }

        public void Forget(TKey key) => _all.Remove(key);
    }
}
