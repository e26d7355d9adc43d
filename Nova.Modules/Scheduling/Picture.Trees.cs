using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

// Providers below those of hosts: cards with virtual GPUs, devices, network cards with bandwidth. Hosts' own providers are
// columns; these are few, and looked at one by one where a request wants a class of theirs.
public sealed partial class Picture
{
    private readonly Dictionary<Guid, NestedProvider> _nested = [];
    private readonly Dictionary<Guid, List<NestedProvider>> _trees = [];
    private readonly Dictionary<string, IntColumn> _nestedRoom = new(StringComparer.Ordinal);
    private readonly Bitmaps<string> _nestedTraits = new();

    /// <summary>The most that one provider below each host's still has of a class; null when no host has such a provider.</summary>
    public IntColumn? NestedRoom(string @class) => _nestedRoom.GetValueOrDefault(@class);

    /// <summary>The hosts that have a trait on a provider below their own.</summary>
    public BitSet WithNestedTrait(string trait) => _nestedTraits[trait];

    internal IReadOnlyList<NestedProvider> TreeOf(int slot) =>
        _nested.Count > 0 && _hosts[slot] is { } host && _trees.TryGetValue(host.Id, out var tree) ? tree : [];

    private void ApplyNested(ProviderState state, Guid root)
    {
        if (!_nested.TryGetValue(state.Id, out var node))
        {
            _nested.Add(state.Id, node = new(state.Id, root));
            if (!_trees.TryGetValue(root, out var tree))
                _trees.Add(root, tree = []);
            tree.Add(node);
        }

        node.Set(state);
        SumUpTree(root);
    }

    private bool ApplyNestedUsage(ProviderUsage usage)
    {
        if (!_nested.TryGetValue(usage.ProviderId, out var node))
            return false;

        node.SetUsed(usage);
        SumUpTree(node.Root);
        return true;
    }

    private void AssumeNested(ProviderPart part, int sign)
    {
        if (!_nested.TryGetValue(part.ProviderId, out var node))
            return;

        node.Assume(part.Resources, sign);
        SumUpTree(node.Root);
    }

    private void RemoveNested(Guid provider)
    {
        if (!_nested.Remove(provider, out var node))
            return;

        _trees[node.Root].Remove(node);
        SumUpTree(node.Root);
    }

    private void ForgetTree(Guid root)
    {
        if (_trees.Remove(root, out var tree))
            foreach (var node in tree)
                _nested.Remove(node.Id);
    }

    private void SumUpTree(Guid root)
    {
        var slot = SlotFor(root);
        foreach (var column in _nestedRoom.Values)
            column[slot] = 0;
        _nestedTraits.Leave(slot);
        foreach (var node in _trees.GetValueOrDefault(root) ?? [])
        {
            foreach (var trait in node.Traits)
                _nestedTraits.Add(trait, slot);
            foreach (var @class in node.Classes)
                Raise(_nestedRoom, @class, slot, ResourceColumn.Clamp(Math.Max(0, node.Room(@class))));
        }
    }
}

/// <summary>A provider below a host's, with what is used and assumed of it.</summary>
internal sealed class NestedProvider(Guid id, Guid root)
{
    private readonly Dictionary<string, Inventory> _inventories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Used, long Generation)> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _assumed = new(StringComparer.Ordinal);
    private ProviderState _state = new(id, long.MinValue, [], []) { RootId = root };

    public Guid Id => id;

    public Guid Root => root;

    public HashSet<string> Traits { get; private set; } = [];

    public IReadOnlyCollection<string> Classes => _inventories.Keys;

    public void Set(ProviderState state)
    {
        if (state.Generation < _state.Generation)
            return;

        (_state, Traits) = (state, [.. state.Traits]);
        _inventories.Clear();
        foreach (var inventory in state.Inventories)
        {
            _inventories[inventory.Class] = inventory;
            SetUsed(inventory.Class, inventory.Used, state.Generation);
        }
    }

    public void SetUsed(ProviderUsage usage)
    {
        foreach (var (name, used) in usage.Used)
            SetUsed(name, used, usage.Generation);
    }

    public void Assume(IReadOnlyList<ResourceAmount> resources, int sign)
    {
        foreach (var (name, amount) in resources)
            _assumed[name] = _assumed.GetValueOrDefault(name) + sign * amount;
    }

    /// <summary>What is known of it, with what is assumed counted as used.</summary>
    public ProviderState Export() => _state with
    {
        Inventories = [.. _inventories.Values.Select(i => i with { Used = _used.GetValueOrDefault(i.Class).Used + _assumed.GetValueOrDefault(i.Class) })],
    };

    /// <summary>What one more consumer may take of a class.</summary>
    public long Room(string @class) =>
        _inventories.TryGetValue(@class, out var i)
            ? Math.Min(i.Capacity - _used.GetValueOrDefault(@class).Used - _assumed.GetValueOrDefault(@class), i.MaxUnit)
            : -1;

    public bool Fits(string @class, long amount) =>
        Room(@class) >= amount && _inventories[@class] is var i && amount >= i.MinUnit && amount % i.StepSize == 0;

    private void SetUsed(string @class, long used, long generation)
    {
        if (!_used.TryGetValue(@class, out var known) || known.Generation <= generation)
            _used[@class] = (used, generation);
    }
}
