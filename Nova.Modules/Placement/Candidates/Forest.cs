namespace Nova.Modules.Placement.Candidates;

/// <summary>
/// All provider trees at one moment. Nothing in it ever changes: a request searches the forest that it was given, while
/// the next one is made beside it.
/// </summary>
internal sealed class Forest
{
    private Sharing? _sharing;

    /// <param name="names">The numbers of the names that the trees use.</param>
    /// <param name="trees">All trees, in the order of their roots' ids.</param>
    public Forest(Names names, Tree[] trees)
    {
        Names = names;
        Trees = trees;
        IsNested = Array.Exists(trees, tree => tree.Providers.Length > 1);
    }

    /// <summary>The numbers of the names that the trees use.</summary>
    public Names Names { get; }

    /// <summary>All trees, in the order of their roots' ids.</summary>
    public Tree[] Trees { get; }

    /// <summary>True when some provider has a parent.</summary>
    public bool IsNested { get; }

    /// <summary>The providers that share what they have with trees of a common aggregate; found at first use.</summary>
    public Sharing Sharing => _sharing ??= Sharing.Of(Trees);

    /// <summary>A forest in which some trees are replaced.</summary>
    /// <param name="old">The roots of the trees that are left out.</param>
    /// <param name="read">The trees that come in their place, in the order of their roots' ids; one of a root that is there replaces it too.</param>
    public Forest With(IReadOnlySet<Guid> old, IReadOnlyList<Tree> read)
    {
        var trees = new List<Tree>(Trees.Length + read.Count);
        var next = 0;
        foreach (var tree in Trees)
        {
            while (next < read.Count && read[next].Root.Id.CompareTo(tree.Root.Id) < 0)
                trees.Add(read[next++]);
            if (next < read.Count && read[next].Root.Id == tree.Root.Id)
                trees.Add(read[next++]);
            else if (!old.Contains(tree.Root.Id))
                trees.Add(tree);
        }

        while (next < read.Count)
            trees.Add(read[next++]);
        return new(Names, [.. trees]);
    }

    /// <summary>The tree in which a provider is, or null when there is no such provider.</summary>
    public Tree? TreeOf(Guid providerId) =>
        Array.Find(Trees, tree => Array.Exists(tree.Providers, provider => provider.Id == providerId));
}

/// <summary>A root provider with all that is below it.</summary>
internal sealed class Tree
{
    /// <param name="providers">The root first, and every parent before its children.</param>
    /// <param name="parents">For each provider the place of its parent; −1 for the root.</param>
    public Tree(Provider[] providers, int[] parents)
    {
        Providers = providers;
        Parents = parents;
        Aggregates = providers.Length == 1 ? providers[0].Aggregates : [.. providers.SelectMany(p => p.Aggregates).Distinct().Order()];
        HasSharing = Array.Exists(providers, p => p.Traits.IsSharing);
    }

    /// <summary>The root first, and every parent before its children.</summary>
    public Provider[] Providers { get; }

    /// <summary>For each provider the place of its parent; −1 for the root.</summary>
    public int[] Parents { get; }

    /// <summary>The provider at the top, which is what a candidate is anchored at.</summary>
    public Provider Root => Providers[0];

    /// <summary>The aggregates of all its providers, in order, each once.</summary>
    public int[] Aggregates { get; }

    /// <summary>True when one of its providers shares.</summary>
    public bool HasSharing { get; }

    /// <summary>True when <paramref name="upper"/> is <paramref name="lower"/> or above it.</summary>
    public bool IsAtOrAbove(int upper, int lower)
    {
        while (lower > upper)
            lower = Parents[lower];
        return lower == upper;
    }
}

/// <summary>A resource provider.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ParentId">The provider above it, if any.</param>
/// <param name="Stocks">Its inventories.</param>
/// <param name="Traits">Its traits.</param>
/// <param name="Aggregates">Its aggregates, in order.</param>
internal sealed record Provider(Guid Id, Guid? ParentId, Stock[] Stocks, TraitSet Traits, int[] Aggregates)
{
    /// <summary>The inventory of a class, or null.</summary>
    public Stock? Find(int @class)
    {
        foreach (var stock in Stocks)
            if (stock.Class == @class)
                return stock;
        return null;
    }
}

/// <summary>One inventory, as a search needs it.</summary>
/// <param name="Class">The number of the resource class.</param>
/// <param name="Capacity">What may be given out in all.</param>
/// <param name="Used">What is given out.</param>
/// <param name="MinUnit">The least that one may take.</param>
/// <param name="MaxUnit">The most that one may take.</param>
/// <param name="StepSize">Amounts are multiples of this.</param>
internal sealed record Stock(int Class, long Capacity, long Used, long MinUnit, long MaxUnit, long StepSize)
{
    /// <summary>What one request could take at most; 0 when nothing is left.</summary>
    public long Available => Math.Max(0, Math.Min(Capacity - Used, MaxUnit));

    /// <summary>True when an amount may be taken by itself.</summary>
    public bool Fits(long amount) => Used + amount <= Capacity && MinUnit <= amount && amount <= MaxUnit && amount % StepSize == 0;
}

/// <summary>The providers that share what they have.</summary>
internal sealed class Sharing
{
    private Sharing(SharingProvider[] all) => All = all;

    /// <summary>Each of them with its tree.</summary>
    public SharingProvider[] All { get; }

    /// <summary>Finds them.</summary>
    public static Sharing Of(Tree[] trees)
    {
        var all = new List<SharingProvider>();
        foreach (var tree in trees)
            for (var place = 0; tree.HasSharing && place < tree.Providers.Length; place++)
                if (tree.Providers[place].Traits.IsSharing)
                    all.Add(new(tree, place));
        return new([.. all]);
    }
}

/// <summary>A provider with the trait MISC_SHARES_VIA_AGGREGATE: trees with a provider in one of its aggregates may take from it.</summary>
internal sealed record SharingProvider(Tree Tree, int Place)
{
    /// <summary>The provider itself.</summary>
    public Provider Provider => Tree.Providers[Place];
}
