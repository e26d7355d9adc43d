using Nova.Modules.Placement;
using Nova.Modules.Placement.Candidates;

namespace Nova.Tests.Placement.Candidates;

/// <summary>A provider as the model sees it.</summary>
internal sealed record ModelProvider(Guid Id, Guid? Parent, Guid Root, IReadOnlyList<Inventory> Inventories, IReadOnlySet<string> Traits, IReadOnlySet<Guid> Aggregates)
{
    public bool Shares => Traits.Contains("MISC_SHARES_VIA_AGGREGATE");
}

/// <summary>
/// What the candidates of a request are, said slowly and obviously: every way to choose a provider for everything, of which
/// those stay that break no rule.
/// </summary>
internal sealed class CandidateModel(IReadOnlyList<ModelProvider> providers, CandidateRequest request)
{
    /// <summary>Every candidate, as <see cref="Text"/> says it.</summary>
    public HashSet<string> All() => Roots().SelectMany(Anchored).Where(Holds).Select(Text).ToHashSet();

    /// <summary>A candidate in one line: what is taken from whom, and for which group.</summary>
    public static string Text(IReadOnlyList<Choice> choices)
    {
        var taken = choices.SelectMany(c => c.Takes.Select(t => (c.Provider, t.Class, t.Amount))).GroupBy(t => (t.Provider, t.Class))
            .Select(t => $"{t.Key.Provider} {t.Key.Class}={t.Sum(x => x.Amount)}").Order();
        var groups = choices.Select(c => $"'{c.Suffix}'={c.Provider}").Distinct().Order();
        return string.Join(", ", taken) + " | " + string.Join(", ", groups);
    }

    private IEnumerable<ModelProvider> Roots() => providers.Where(p => p.Parent is null
        && request.Root.Required.All(any => any.Overlaps(p.Traits))
        && !request.Root.Forbidden.Overlaps(p.Traits));

    private IEnumerable<IReadOnlyList<Choice>> Anchored(ModelProvider root)
    {
        IEnumerable<IReadOnlyList<Choice>> ways = [[]];
        foreach (var group in request.Groups)
            ways = ways.SelectMany(way => (group.IsGranular ? Granular(group, root) : Plain(group, root)).Select(more => (IReadOnlyList<Choice>)[.. way, .. more]));
        return ways;
    }

    private IEnumerable<IReadOnlyList<Choice>> Granular(RequestGroup wanted, ModelProvider root) =>
        from p in Reachable(root)
        where wanted.Resources.Count > 0 || wanted.Traits.Required.Count > 0 || wanted.Aggregates.Required.Count > 0
        where wanted.Resources.All(r => Fits(p, r))
        where wanted.Resources.Count == 0 || wanted.InTree is null || RootOf(wanted.InTree) == p.Root
        where wanted.Traits.Required.All(any => any.Overlaps(p.Traits)) && !wanted.Traits.Forbidden.Overlaps(p.Traits)
        where wanted.Aggregates.Required.All(any => any.Overlaps(p.Aggregates)) && !wanted.Aggregates.Forbidden.Overlaps(p.Aggregates)
        select new[] { new Choice(wanted.Suffix, p.Id, wanted.Resources) };

    private IEnumerable<IReadOnlyList<Choice>> Plain(RequestGroup wanted, ModelProvider root)
    {
        IEnumerable<IReadOnlyList<Choice>> ways = [[]];
        foreach (var resource in wanted.Resources)
            ways = ways.SelectMany(way => Givers(wanted, resource, root).Select(p => (IReadOnlyList<Choice>)[.. way, new(wanted.Suffix, p.Id, [resource])]));
        return ways.Where(way => wanted.Traits.Required.All(any => way.Any(c => any.Overlaps(Of(c.Provider).Traits))));
    }

    private IEnumerable<ModelProvider> Givers(RequestGroup wanted, ResourceAmount resource, ModelProvider root) =>
        from p in Reachable(root)
        let isOwn = p.Root == root.Id
        where Fits(p, resource)
        where wanted.InTree is null || (isOwn && RootOf(wanted.InTree) == root.Id)
        where !wanted.Traits.Forbidden.Overlaps(p.Traits)
        where Member(wanted, p) || (isOwn && Member(wanted, root))
        where !wanted.Aggregates.Forbidden.Overlaps(p.Aggregates) && !wanted.Aggregates.Forbidden.Overlaps(root.Aggregates)
        select p;

    private static bool Member(RequestGroup wanted, ModelProvider p) => wanted.Aggregates.Required.All(any => any.Overlaps(p.Aggregates));

    // What is in the tree, and what shares with some provider of the tree.
    private IEnumerable<ModelProvider> Reachable(ModelProvider root) => providers.Where(p => p.Root == root.Id
        || (p.Shares && providers.Any(other => other.Root == root.Id && other.Aggregates.Overlaps(p.Aggregates))));

    private bool Holds(IReadOnlyList<Choice> way) => IsIsolated(way) && SharesSubtrees(way) && HasCapacity(way);

    private bool IsIsolated(IReadOnlyList<Choice> way)
    {
        var granular = way.Where(c => c.Suffix.Length > 0).Select(c => c.Provider).ToList();
        return !request.IsIsolated || granular.Distinct().Count() == granular.Count;
    }

    private bool SharesSubtrees(IReadOnlyList<Choice> way) => request.SameSubtrees.All(suffixes =>
    {
        var chosen = way.Where(c => suffixes.Contains(c.Suffix)).Select(c => c.Provider).ToList();
        return chosen.Any(top => chosen.All(p => AndAbove(p).Contains(top)));
    });

    private IEnumerable<Guid> AndAbove(Guid id)
    {
        for (Guid? next = id; next is { } at; next = Of(at).Parent)
            yield return at;
    }

    private bool HasCapacity(IReadOnlyList<Choice> way) => way
        .SelectMany(c => c.Takes.Select(t => (c.Provider, t.Class, t.Amount)))
        .GroupBy(t => (t.Provider, t.Class))
        .All(t =>
        {
            var inventory = Of(t.Key.Provider).Inventories.Single(i => i.Class == t.Key.Class);
            var amount = t.Sum(x => x.Amount);
            return inventory.Used + amount <= inventory.Capacity && amount <= inventory.MaxUnit;
        });

    private static bool Fits(ModelProvider p, ResourceAmount r) => p.Inventories.Any(i => i.Class == r.Class
        && i.Used + r.Amount <= (i.Total - i.Reserved) * i.AllocationRatio && i.MinUnit <= r.Amount && r.Amount <= i.MaxUnit && r.Amount % i.StepSize == 0);

    private ModelProvider Of(Guid id) => providers.Single(p => p.Id == id);

    private Guid? RootOf(Guid? id) => providers.SingleOrDefault(p => p.Id == id)?.Root;
}

/// <summary>One provider for one group, or for one class of the group without a suffix.</summary>
internal sealed record Choice(string Suffix, Guid Provider, IReadOnlyList<ResourceAmount> Takes);
