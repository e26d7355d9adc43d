using Nova.Modules.Placement;
using Nova.Modules.Placement.Candidates;
using Nova.Modules.Placement.Queries;

namespace Nova.Tests.Placement.Candidates;

/// <summary>Small random forests and requests, in which everything that has a rule happens often.</summary>
internal sealed class ModelWorld
{
    private static readonly string[] Classes = ["VCPU", "MEMORY_MB", "CUSTOM_VF"];
    private static readonly string[] TraitNames = ["HW_A", "CUSTOM_B", "CUSTOM_C", "MISC_SHARES_VIA_AGGREGATE"];
    private static readonly string[] Suffixes = ["", "1", "_a", "_b"];

    private readonly Random _random;
    private readonly Guid[] _aggregates;

    public ModelWorld(int seed)
    {
        _random = new(seed);
        _aggregates = [.. Enumerable.Range(0, 3).Select(_ => NewId())];
        Providers = [.. Enumerable.Range(0, _random.Next(1, 5)).SelectMany(_ => NewTree())];
        Request = NewRequest();
    }

    public IReadOnlyList<ModelProvider> Providers { get; }

    public CandidateRequest Request { get; }

    /// <summary>The forest of the providers.</summary>
    public Forest Forest() => ForestOf(Providers);

    /// <summary>A forest of providers that stand in the order of a walk from the roots down.</summary>
    public static Forest ForestOf(IEnumerable<ModelProvider> providers)
    {
        var names = new Names();
        return new(names, [.. providers.GroupBy(p => p.Root).OrderBy(t => t.Key).Select(tree => TreeOf(names, [.. tree]))]);
    }

    private static Tree TreeOf(Names names, List<ModelProvider> providers) => new(
        [.. providers.Select(p => new Provider(
            p.Id,
            p.Parent,
            [.. p.Inventories.Select(i => new Stock(names.AddClass(i.Class), i.Capacity, i.Used, i.MinUnit, i.MaxUnit, i.StepSize))],
            names.AddTraits([.. p.Traits.Order(StringComparer.Ordinal)]),
            [.. p.Aggregates.Select(names.AddAggregate).Order()]))],
        [.. providers.Select(p => providers.FindIndex(other => other.Id == p.Parent))]);

    private List<ModelProvider> NewTree()
    {
        var tree = new List<ModelProvider>();
        var root = NewId();
        var count = _random.Next(1, 6);
        for (var i = 0; i < count; i++)
            tree.Add(new(
                i == 0 ? root : NewId(),
                i == 0 ? null : tree[_random.Next(tree.Count)].Id,
                root,
                [.. Classes.Where(_ => !OneIn(3)).Select(NewInventory)],
                TraitNames.Where(t => OneIn(t.StartsWith("MISC", StringComparison.Ordinal) ? 6 : 2)).ToHashSet(),
                _aggregates.Where(_ => OneIn(4)).ToHashSet()));
        return tree;
    }

    private Inventory NewInventory(string @class)
    {
        var total = _random.Next(2, 9);
        return new()
        {
            Class = @class, Total = total, Reserved = OneIn(4) ? 1 : 0, MaxUnit = OneIn(3) ? _random.Next(1, total + 1) : total,
            MinUnit = OneIn(6) ? 2 : 1, StepSize = OneIn(6) ? 2 : 1, AllocationRatio = OneIn(4) ? 1.5 : 1, Used = OneIn(4) ? _random.Next(0, total + 1) : 0,
        };
    }

    private CandidateRequest NewRequest()
    {
        var suffixes = Suffixes.Where(_ => OneIn(2)).DefaultIfEmpty("1").ToList();
        var granular = suffixes.Where(s => s.Length > 0).ToList();
        var sameSubtrees = granular.Count > 0 && OneIn(2)
            ? Enumerable.Range(0, _random.Next(1, 3)).Select(_ => (IReadOnlySet<string>)granular.Where(_ => !OneIn(3)).DefaultIfEmpty(granular[0]).ToHashSet()).ToList()
            : [];
        return new()
        {
            Groups = [.. suffixes.Select(suffix => NewGroup(suffix, mayBeEmpty: sameSubtrees.Any(s => s.Contains(suffix)) && OneIn(2)))],
            IsIsolated = OneIn(2),
            Root = OneIn(5) ? NewTraits() : TraitTerms.None,
            SameSubtrees = sameSubtrees,
        };
    }

    private RequestGroup NewGroup(string suffix, bool mayBeEmpty) => new()
    {
        Suffix = suffix,
        Resources = mayBeEmpty ? [] : [.. Classes.Where(_ => OneIn(2)).DefaultIfEmpty("VCPU").Select(name => new ResourceAmount(name, _random.Next(1, 3)))],
        Traits = OneIn(4) ? NewTraits() : TraitTerms.None,
        Aggregates = OneIn(6)
            ? new([.. Enumerable.Range(0, _random.Next(0, 3)).Select(_ => _aggregates.Where(_ => OneIn(2)).DefaultIfEmpty(NewId()).ToHashSet())], _aggregates.Where(_ => OneIn(5)).ToHashSet())
            : AggregateTerms.None,
        InTree = OneIn(10) ? OneIn(5) ? NewId() : Providers[_random.Next(Providers.Count)].Id : null,
    };

    private TraitTerms NewTraits() => new(
        [.. Enumerable.Range(0, _random.Next(0, 3)).Select(_ => TraitNames.Append("CUSTOM_UNUSED").Where(_ => OneIn(2)).DefaultIfEmpty("HW_A").ToHashSet())],
        TraitNames.Where(_ => OneIn(6)).ToHashSet());

    private bool OneIn(int chances) => _random.Next(chances) == 0;

    private Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new(bytes);
    }
}
