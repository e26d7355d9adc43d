namespace Nova.Modules.Placement.Candidates;

/// <summary>The candidates of a request, and the providers that the answer describes.</summary>
internal sealed class CandidateList
{
    private CandidateList(Forest forest, CandidateRequest request, Wanted wanted)
    {
        (Forest, Request, Wanted) = (forest, request, wanted);
    }

    /// <summary>Where they were found.</summary>
    public Forest Forest { get; }

    /// <summary>What was asked for.</summary>
    public CandidateRequest Request { get; }

    /// <summary>The same in the forest's numbers.</summary>
    public Wanted Wanted { get; }

    /// <summary>The candidates.</summary>
    public IReadOnlyList<Candidate> Candidates { get; private set; } = [];

    /// <summary>The providers that the answer describes.</summary>
    public IReadOnlyList<ProviderPlace> Summaries { get; private set; } = [];

    /// <summary>No candidate at all.</summary>
    public static CandidateList None(Forest forest, CandidateRequest request) => new(forest, request, new(forest, request));

    /// <summary>Searches.</summary>
    /// <param name="forest">Where.</param>
    /// <param name="request">For what.</param>
    /// <param name="bounds">How much may be found and tried.</param>
    /// <param name="random">When given, the candidates are in no order, and a limit takes a sample of all of them.</param>
    /// <param name="ct">Ends the search.</param>
    public static CandidateList Find(Forest forest, CandidateRequest request, SearchBounds bounds, Random? random, CancellationToken ct)
    {
        var list = new CandidateList(forest, request, new(forest, request));
        var limit = request.Limit ?? int.MaxValue;
        var isNarrow = !request.KnowsNesting && forest.IsNested;
        var all = CandidateSearch.Find(forest, list.Wanted, bounds, random is null && !isNarrow ? limit : int.MaxValue, ct);
        if (isNarrow)
            all.RemoveAll(list.TakesTwiceFromATree);
        list.Candidates = Take(all, limit, random);
        list.Summaries = isNarrow ? list.TakenFrom(all) : list.WholeTrees();
        return list;
    }

    /// <summary>The provider that a candidate takes for a slot.</summary>
    public ProviderPlace At(Candidate candidate, int slot)
    {
        var place = candidate.Chosen[slot];
        if (place >= 0)
            return new(candidate.Anchor, place);

        var shared = Forest.Sharing.All[~place];
        return new(shared.Tree, shared.Place);
    }

    private static IReadOnlyList<Candidate> Take(List<Candidate> all, int limit, Random? random)
    {
        if (random is null)
            return all.Count > limit ? all.GetRange(0, limit) : all;

        Candidate[] mixed = [.. all];
        random.Shuffle(mixed);
        return mixed.Length > limit ? mixed[..limit] : mixed;
    }

    private bool TakesTwiceFromATree(Candidate candidate)
    {
        var providers = Providers(candidate).Distinct().ToList();
        return providers.DistinctBy(p => p.Tree).Count() < providers.Count;
    }

    // Everything in each tree from which something is taken.
    private List<ProviderPlace> WholeTrees()
    {
        var trees = Trees();
        var all = new List<ProviderPlace>(trees.Sum(tree => tree.Providers.Length));
        foreach (var tree in trees)
            for (var place = 0; place < tree.Providers.Length; place++)
                all.Add(new(tree, place));
        return all;
    }

    // Before trees were known: only what something is taken from, though it be by a candidate beyond the limit.
    private List<ProviderPlace> TakenFrom(List<Candidate> all)
    {
        var trees = Trees();
        return [.. all.SelectMany(Providers).Distinct().Where(p => trees.Contains(p.Tree))];
    }

    private HashSet<Tree> Trees()
    {
        var trees = new HashSet<Tree>(ReferenceEqualityComparer.Instance);
        foreach (var candidate in Candidates)
            for (var slot = 0; slot < candidate.Chosen.Length; slot++)
                if (Wanted.Slots[slot].Needs.Length > 0)
                    trees.Add(candidate.Chosen[slot] >= 0 ? candidate.Anchor : At(candidate, slot).Tree);
        return trees;
    }

    private IEnumerable<ProviderPlace> Providers(Candidate candidate) =>
        Enumerable.Range(0, candidate.Chosen.Length).Where(slot => Wanted.Slots[slot].Needs.Length > 0).Select(slot => At(candidate, slot));
}

/// <summary>A provider by its tree and its place in it.</summary>
internal readonly record struct ProviderPlace(Tree Tree, int Place)
{
    /// <summary>The provider.</summary>
    public Provider Provider => Tree.Providers[Place];
}
