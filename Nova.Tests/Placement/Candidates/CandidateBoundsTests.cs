using Nova.Modules.Placement;
using Nova.Modules.Placement.Candidates;
using Nova.Modules.Placement.Queries;
using Xunit;

namespace Nova.Tests.Placement.Candidates;

/// <summary>Wide trees with many equal devices: a search neither fills memory nor goes on for ever.</summary>
public sealed class CandidateBoundsTests
{
    private static readonly IReadOnlySet<Guid> NoAggregates = new HashSet<Guid>();
    private static readonly IReadOnlySet<string> NoTraits = new HashSet<string>();

    [Theory]
    [InlineData(GenerationStrategy.DepthFirst)]
    [InlineData(GenerationStrategy.BreadthFirst)]
    public void Of_millions_of_ways_only_so_many_are_made(GenerationStrategy strategy)
    {
        var found = Find(Forest(trees: 3, devices: 16, each: 1), Groups(8, 1), isIsolated: true, new() { MaxCandidates = 1000, Strategy = strategy });

        Assert.Equal(1000, found.Candidates.Count);
        Assert.Equal(strategy == GenerationStrategy.BreadthFirst ? 3 : 1, found.Candidates.Select(c => c.Anchor).Distinct().Count());
    }

    [Fact]
    public void Breadth_first_gives_one_of_each_tree_before_the_second_of_any()
    {
        var found = Find(Forest(trees: 5, devices: 4, each: 1), Groups(2, 1), isIsolated: true, new() { Strategy = GenerationStrategy.BreadthFirst });

        Assert.Equal(5 * 4 * 3, found.Candidates.Count);
        Assert.All(found.Candidates.Chunk(5), round => Assert.Equal(5, round.Select(c => c.Anchor).Distinct().Count()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void That_there_is_one_device_too_few_is_found_without_trying_every_order(bool isIsolated)
    {
        Assert.False(Search(devices: 16).MayHaveAny());
        Assert.True(Search(devices: 17).MayHaveAny());
        Assert.NotEmpty(Find(Forest(trees: 2, devices: 17, each: 1), Groups(17, 1), isIsolated, new()).Candidates);

        TreeSearch Search(int devices)
        {
            var forest = ModelWorld.ForestOf(Forest(trees: 1, devices, each: 1));
            int[] places = [.. Enumerable.Range(1, devices)];
            return new(forest.Trees[0], forest.Sharing, new(forest, Request(Groups(17, 1), isIsolated)), [.. Enumerable.Repeat(places, 17)]);
        }
    }

    // Each of 12 devices has room for two of the 25 groups; what is left over of all of them would be enough for the last.
    [Fact]
    public void A_tree_that_was_built_to_be_hard_is_given_up_and_others_are_still_looked_at()
    {
        var hard = Forest(trees: 1, devices: 12, each: 8);
        var easy = Forest(trees: 1, devices: 1, each: 100, seed: 1);
        var both = new[] { hard, easy }.SelectMany(f => f).ToList();

        var found = Find(both, Groups(25, 3), isIsolated: false, new());

        Assert.Single(found.Candidates);
        Assert.Equal(2, found.Candidates[0].Anchor.Providers.Length);
    }

    [Fact]
    public void A_request_with_hundreds_of_groups_ends()
    {
        var found = Find(Forest(trees: 20, devices: 10, each: 1000), Groups(300, 1), isIsolated: false, new() { MaxCandidates = 50 });

        Assert.Equal(50, found.Candidates.Count);
    }

    [Fact]
    public void A_client_that_is_gone_ends_the_search()
    {
        using var gone = new CancellationTokenSource();
        gone.Cancel();

        Assert.Throws<OperationCanceledException>(() => CandidateList.Find(
            ModelWorld.ForestOf(Forest(1, 4, 1)), Request(Groups(2, 1), isIsolated: true), new(), null, gone.Token));
    }

    private static CandidateList Find(IReadOnlyList<ModelProvider> providers, IReadOnlyList<RequestGroup> groups, bool isIsolated, SearchBounds bounds) =>
        CandidateList.Find(ModelWorld.ForestOf(providers), Request(groups, isIsolated), bounds, null, default);

    private static CandidateRequest Request(IReadOnlyList<RequestGroup> groups, bool isIsolated) => new() { Groups = groups, IsIsolated = isIsolated };

    private static IReadOnlyList<RequestGroup> Groups(int count, long amount) =>
        [.. Enumerable.Range(0, count).Select(n => new RequestGroup { Suffix = $"_{n}", Resources = [new("PGPU", amount)], Traits = TraitTerms.None })];

    private static List<ModelProvider> Forest(int trees, int devices, long each, int seed = 0)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, trees).SelectMany(_ => Tree(random, devices, each))];
    }

    private static IEnumerable<ModelProvider> Tree(Random random, int devices, long each)
    {
        var root = NewId(random);
        yield return new(root, null, root, [], NoTraits, NoAggregates);
        for (var i = 0; i < devices; i++)
            yield return new(NewId(random), root, root, [new() { Class = "PGPU", Total = each, MaxUnit = each }], NoTraits, NoAggregates);
    }

    private static Guid NewId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new(bytes);
    }
}
