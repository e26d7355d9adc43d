namespace Nova.Modules.Placement.Candidates;

/// <summary>
/// The ways to place a request in one tree, one after the other: a provider is chosen for each slot in turn, and what
/// cannot come to a good end is left at once. The slots with the fewest providers come first.
/// </summary>
internal sealed class TreeSearch
{
    private readonly Sharing _sharing;
    private readonly Wanted _wanted;
    private readonly int[][] _options;
    private readonly int[] _order;
    private readonly int[] _next;
    private readonly bool[] _isPlaced;
    private readonly int _lastPlain;
    private int _depth;

    /// <param name="tree">The tree.</param>
    /// <param name="sharing">What the complements of places refer to.</param>
    /// <param name="wanted">The request.</param>
    /// <param name="options">For each slot the places that it may take; at least one.</param>
    public TreeSearch(Tree tree, Sharing sharing, Wanted wanted, int[][] options)
    {
        (Tree, _sharing, _wanted, _options) = (tree, sharing, wanted, options);
        var count = options.Length;
        Chosen = new int[count];
        _order = [.. Enumerable.Range(0, count).OrderBy(slot => options[slot].Length)];
        (_next, _isPlaced) = (new int[count], new bool[count]);
        _lastPlain = Array.FindLastIndex(_order, slot => !wanted.Slots[slot].Group.IsGranular);
    }

    /// <summary>The tree.</summary>
    public Tree Tree { get; }

    /// <summary>The places of the way that was found last.</summary>
    public int[] Chosen { get; }

    /// <summary>
    /// False when there is surely no way: the amounts of a class that all slots want together are not there, or more groups
    /// want a provider of their own than there are. Trying would find that out too, but only after every permutation.
    /// </summary>
    public bool MayHaveAny() => HasEnough() && (!_wanted.IsIsolated || HasProviderForEach());

    /// <summary>Goes to the next way.</summary>
    /// <param name="maxSteps">After so many choices without finding one the tree is given up.</param>
    /// <param name="steps">How many choices were tried.</param>
    /// <returns>False when there is none, or none was found in time.</returns>
    public bool MoveNext(long maxSteps, out long steps)
    {
        steps = 0;
        if (_depth == _order.Length)
            Leave();
        while (_depth >= 0 && steps < maxSteps)
        {
            var slot = _order[_depth];
            if (_next[_depth] == _options[slot].Length)
            {
                _next[_depth] = 0;
                Leave();
                continue;
            }

            steps++;
            if (!TryPlace(slot, _options[slot][_next[_depth]++]))
                continue;
            if (++_depth == _order.Length)
                return true;
        }

        return false;
    }

    private void Leave()
    {
        if (--_depth >= 0)
            _isPlaced[_order[_depth]] = false;
    }

    private bool TryPlace(int slot, int place)
    {
        (Chosen[slot], _isPlaced[slot]) = (place, true);
        if (IsFree(slot, place) && Fits(slot, place) && MayShareSubtrees(slot) && (_depth != _lastPlain || HavePlainTraits()))
            return true;

        _isPlaced[slot] = false;
        return false;
    }

    private bool IsFree(int slot, int place) => !_wanted.IsIsolated || !IsGranular(slot) || !IsTakenByAnother(slot, place);

    private bool IsTakenByAnother(int slot, int place)
    {
        for (var other = 0; other < Chosen.Length; other++)
            if (other != slot && _isPlaced[other] && IsGranular(other) && Chosen[other] == place)
                return true;
        return false;
    }

    // What several slots take of one class adds up; a minimum and a step hold for each by itself, as in the original.
    private bool Fits(int slot, int place)
    {
        if (!_wanted.Slots[slot].IsContended)
            return true;

        foreach (var need in _wanted.Slots[slot].Needs)
            if (Taken(place, need.Class) > ProviderAt(place).Find(need.Class)!.Available)
                return false;
        return true;
    }

    private long Taken(int place, int @class)
    {
        long taken = 0;
        for (var slot = 0; slot < Chosen.Length; slot++)
            if (_isPlaced[slot] && Chosen[slot] == place)
                foreach (var need in _wanted.Slots[slot].Needs)
                    if (need.Class == @class)
                        taken += need.Amount;
        return taken;
    }

    private bool MayShareSubtrees(int slot)
    {
        foreach (var slots in _wanted.SameSubtrees)
            if (Array.IndexOf(slots, slot) >= 0 && !MayShareSubtree(slots))
                return false;
        return true;
    }

    // Some provider that is chosen, or can still be chosen, must be at or above all that are chosen.
    private bool MayShareSubtree(int[] slots)
    {
        foreach (var slot in slots)
        {
            if (_isPlaced[slot] && IsAboveAll(Chosen[slot], slots))
                return true;
            if (!_isPlaced[slot] && Array.Exists(_options[slot], place => IsAboveAll(place, slots)))
                return true;
        }

        return false;
    }

    private bool IsAboveAll(int upper, int[] slots)
    {
        foreach (var slot in slots)
            if (_isPlaced[slot] && !IsAtOrAbove(upper, Chosen[slot]))
                return false;
        return true;
    }

    private bool IsAtOrAbove(int upper, int lower)
    {
        if (upper == lower)
            return true;
        if (upper >= 0 && lower >= 0)
            return Tree.IsAtOrAbove(upper, lower);
        if (upper >= 0 || lower >= 0)
            return false;

        var (above, below) = (_sharing.All[~upper], _sharing.All[~lower]);
        return ReferenceEquals(above.Tree, below.Tree) && above.Tree.IsAtOrAbove(above.Place, below.Place);
    }

    private bool HavePlainTraits()
    {
        var slots = Enumerable.Range(0, Chosen.Length).Where(slot => !IsGranular(slot));
        return _wanted.Slots[_order[_lastPlain]].Group.HaveRequired(slots.Select(slot => ProviderAt(Chosen[slot])));
    }

    private bool HasEnough()
    {
        foreach (var @class in _wanted.Slots.Where(s => s.IsContended).SelectMany(s => s.Needs).Select(n => n.Class).Distinct())
        {
            var slots = Enumerable.Range(0, _options.Length).Where(slot => Array.Exists(_wanted.Slots[slot].Needs, n => n.Class == @class)).ToList();
            var there = slots.SelectMany(slot => _options[slot]).Distinct().Sum(place => (double)ProviderAt(place).Find(@class)!.Available);
            if (slots.Sum(slot => (double)_wanted.Slots[slot].Needs.First(n => n.Class == @class).Amount) > there)
                return false;
        }

        return true;
    }

    // Kuhn's algorithm: each group in turn takes a free provider, or one whose holder can move to another.
    private bool HasProviderForEach()
    {
        var holders = new Dictionary<int, int>();
        return Enumerable.Range(0, _options.Length).Where(IsGranular).All(slot => TakesProvider(slot, holders, []));
    }

    private bool TakesProvider(int slot, Dictionary<int, int> holders, HashSet<int> tried)
    {
        foreach (var place in _options[slot])
        {
            if (!tried.Add(place) || (holders.TryGetValue(place, out var holder) && !TakesProvider(holder, holders, tried)))
                continue;

            holders[place] = slot;
            return true;
        }

        return false;
    }

    private bool IsGranular(int slot) => _wanted.Slots[slot].Group.IsGranular;

    private Provider ProviderAt(int place) => place >= 0 ? Tree.Providers[place] : _sharing.All[~place].Provider;
}
