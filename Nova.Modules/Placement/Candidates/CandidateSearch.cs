namespace Nova.Modules.Placement.Candidates;

/// <summary>How much a search may find and try.</summary>
internal sealed record SearchBounds
{
    /// <summary>At most so many candidates are made, whatever the limit of the request.</summary>
    public int MaxCandidates { get; init; } = 100_000;

    /// <summary>In which order trees are visited.</summary>
    public GenerationStrategy Strategy { get; init; }

    /// <summary>
    /// So many choices of a provider are tried in all, and a fortieth of them in one tree without finding a candidate:
    /// enough for every sensible tree, and a second at most for one that was built to be hard.
    /// </summary>
    public long MaxSteps { get; init; } = 4_000_000;

    /// <summary>What may be tried in one tree without finding anything.</summary>
    public long MaxDrySteps => Math.Max(1, MaxSteps / 40);
}

/// <summary>One way to place a request.</summary>
/// <param name="Anchor">The tree whose providers, and providers shared with it, are taken.</param>
/// <param name="Chosen">
/// For each slot the place of its provider in the tree, or the complement of its place among the sharing providers.
/// </param>
internal sealed record Candidate(Tree Anchor, int[] Chosen);

/// <summary>
/// Finds the ways to place a request in a forest. Pure: the same forest, request and bounds give the same candidates in
/// the same order. Trees are looked at one by one, so that a limit is reached without looking at the rest, and memory
/// grows with what is found alone.
/// </summary>
internal sealed class CandidateSearch
{
    private readonly Forest _forest;
    private readonly Wanted _wanted;
    private readonly SearchBounds _bounds;
    private readonly CancellationToken _ct;
    private readonly SharedOption[][] _shared;
    private readonly Dictionary<SharingProvider, int>? _placesOfSharing;
    private readonly HashSet<Candidate> _seen = new(new SameShared());
    private readonly List<Candidate> _found = [];
    private readonly List<int> _places = [];
    private long _steps;

    private CandidateSearch(Forest forest, Wanted wanted, SearchBounds bounds, CancellationToken ct)
    {
        (_forest, _wanted, _bounds, _ct) = (forest, wanted, bounds, ct);
        _shared = [.. wanted.Slots.Select(SharedOptions)];
        var sharing = forest.Sharing.All;
        if (sharing.Length > 0)
            _placesOfSharing = Enumerable.Range(0, sharing.Length).ToDictionary(i => sharing[i]);
    }

    /// <summary>At most <paramref name="count"/> candidates.</summary>
    public static List<Candidate> Find(Forest forest, Wanted wanted, SearchBounds bounds, int count, CancellationToken ct)
    {
        var search = new CandidateSearch(forest, wanted, bounds, ct);
        var trees = forest.Trees.Where(tree => wanted.Admits(tree.Root)).Select(search.Enter).OfType<TreeSearch>();
        search.Collect(trees, Math.Min(count, bounds.MaxCandidates));
        return search._found;
    }

    private void Collect(IEnumerable<TreeSearch> trees, int count)
    {
        var round = trees;
        while (_found.Count < count)
        {
            var next = new List<TreeSearch>();
            var visited = 0;
            foreach (var tree in round)
            {
                visited++;
                if (TakeFrom(tree, count) && _bounds.Strategy == GenerationStrategy.BreadthFirst)
                    next.Add(tree);
                if (_found.Count == count || _steps >= _bounds.MaxSteps)
                    return;
            }

            if (visited == 0 || next.Count == 0)
                return;
            round = next;
        }
    }

    // Depth first takes all that the tree has; breadth first takes one. True when there may be more.
    private bool TakeFrom(TreeSearch tree, int count)
    {
        _ct.ThrowIfCancellationRequested();
        while (_found.Count < count && _steps < _bounds.MaxSteps)
        {
            var isFound = tree.MoveNext(Math.Min(_bounds.MaxDrySteps, _bounds.MaxSteps - _steps), out var steps);
            _steps += steps;
            if (!isFound)
                return false;

            var candidate = new Candidate(tree.Tree, [.. tree.Chosen]);
            if (!IsNew(candidate))
                continue;

            _found.Add(candidate);
            if (_bounds.Strategy == GenerationStrategy.BreadthFirst)
                return true;
        }

        return false;
    }

    // What takes from sharing providers alone is the same whichever tree it was found from.
    private bool IsNew(Candidate candidate)
    {
        if (_placesOfSharing is null)
            return true;

        var chosen = new int[candidate.Chosen.Length];
        for (var slot = 0; slot < chosen.Length; slot++)
        {
            var place = candidate.Chosen[slot];
            if (place >= 0 && !_placesOfSharing.TryGetValue(new(candidate.Anchor, place), out place))
                return true;
            chosen[slot] = candidate.Chosen[slot] < 0 ? ~candidate.Chosen[slot] : place;
        }

        return _seen.Add(new(candidate.Anchor, chosen));
    }

    // The search of a tree, or null when some slot has no provider in it.
    private TreeSearch? Enter(Tree tree)
    {
        var options = new int[_wanted.Slots.Length][];
        for (var slot = 0; slot < options.Length; slot++)
        {
            _places.Clear();
            AddOwn(_wanted.Slots[slot], tree);
            AddShared(slot, tree);
            if (_places.Count == 0)
                return null;

            options[slot] = [.. _places];
        }

        var search = new TreeSearch(tree, _forest.Sharing, _wanted, options);
        return search.MayHaveAny() ? search : null;
    }

    private void AddOwn(Slot slot, Tree tree)
    {
        for (var place = 0; place < tree.Providers.Length; place++)
            if (slot.Group.IsGranular ? slot.Group.IsSatisfiedBy(tree, tree.Providers[place]) : slot.Group.MayGive(tree, tree.Providers[place], slot.Needs))
                _places.Add(place);
    }

    private void AddShared(int slot, Tree tree)
    {
        foreach (var option in _shared[slot])
            if (!ReferenceEquals(option.Of.Tree, tree)
                && option.Of.Provider.Aggregates.AsSpan().ContainsAny(tree.Aggregates)
                && (_wanted.Slots[slot].Group.IsGranular || _wanted.Slots[slot].Group.MayReach(tree)))
                _places.Add(~option.Place);
    }

    private SharedOption[] SharedOptions(Slot slot) =>
    [
        .. _forest.Sharing.All
            .Select((of, place) => new SharedOption(of, place))
            .Where(o => slot.Group.IsGranular
                ? slot.Group.IsSatisfiedBy(o.Of.Tree, o.Of.Provider)
                : slot.Group.MayShare(o.Of.Provider, slot.Needs)),
    ];

    private readonly record struct SharedOption(SharingProvider Of, int Place);

    private sealed class SameShared : IEqualityComparer<Candidate>
    {
        public bool Equals(Candidate? x, Candidate? y) => x!.Chosen.AsSpan().SequenceEqual(y!.Chosen);

        public int GetHashCode(Candidate obj)
        {
            var hash = new HashCode();
            foreach (var place in obj.Chosen)
                hash.Add(place);
            return hash.ToHashCode();
        }
    }
}
