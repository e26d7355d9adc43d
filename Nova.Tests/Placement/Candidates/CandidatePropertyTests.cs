using FsCheck;
using FsCheck.Fluent;
using Nova.Modules.Placement.Candidates;
using Xunit;

namespace Nova.Tests.Placement.Candidates;

/// <summary>The search against a model that tries everything, on random forests.</summary>
public sealed class CandidatePropertyTests
{
    private const int Cases = 4000;

    private static readonly Gen<ModelWorld> Worlds = Gen.Choose(0, int.MaxValue).Select(seed => new ModelWorld(seed));

    [Theory]
    [InlineData(GenerationStrategy.DepthFirst)]
    [InlineData(GenerationStrategy.BreadthFirst)]
    public void The_search_finds_what_the_model_finds_and_each_once(GenerationStrategy strategy) => Check(world =>
    {
        var expected = new CandidateModel(world.Providers, world.Request).All();
        var found = Texts(Find(world, strategy));
        return found.Count == expected.Count && expected.SetEquals(found);
    });

    [Theory]
    [InlineData(GenerationStrategy.DepthFirst)]
    [InlineData(GenerationStrategy.BreadthFirst)]
    public void A_limit_gives_the_first_of_all(GenerationStrategy strategy) => Check(world =>
    {
        var all = Texts(Find(world, strategy));
        return Enumerable.Range(1, 4).All(limit => Texts(Find(world, strategy, limit)).SequenceEqual(all.Take(limit)));
    });

    [Fact]
    public void A_sample_is_a_part_of_all_and_has_no_candidate_twice() => Check(world =>
    {
        var all = Texts(Find(world, GenerationStrategy.DepthFirst)).ToHashSet();
        var sample = Texts(CandidateList.Find(world.Forest(), world.Request with { Limit = 3 }, new(), new Random(1), default));
        return sample.Count == Math.Min(3, all.Count) && sample.ToHashSet().IsSubsetOf(all) && sample.Distinct().Count() == sample.Count;
    });

    [Fact]
    public void The_summaries_are_the_trees_of_which_something_is_taken() => Check(world =>
    {
        var list = Find(world, GenerationStrategy.DepthFirst, 2);
        var roots = list.Candidates.SelectMany(c => Choices(list, c)).Where(c => c.Takes.Count > 0)
            .Select(c => world.Providers.Single(p => p.Id == c.Provider).Root).ToHashSet();
        var expected = world.Providers.Where(p => roots.Contains(p.Root)).Select(p => p.Id).ToHashSet();
        return list.Summaries.Count == expected.Count && expected.SetEquals(list.Summaries.Select(s => s.Provider.Id));
    });

    [Fact]
    public void Before_trees_were_known_a_candidate_takes_from_one_provider_of_a_tree() => Check(world =>
    {
        var expected = new CandidateModel(world.Providers, world.Request).All();
        var narrow = world.Request with { KnowsNesting = false };
        var list = CandidateList.Find(world.Forest(), narrow, new(), null, default);
        var kept = Find(world, GenerationStrategy.DepthFirst);
        var taken = kept.Candidates.Select(c => Choices(kept, c)).Where(choices => IsNarrow(world, choices)).ToList();
        var summarised = taken.SelectMany(choices => choices).Where(c => c.Takes.Count > 0).Select(c => c.Provider).ToHashSet();
        return Texts(list).ToHashSet().SetEquals(taken.Select(CandidateModel.Text)) && expected.IsSupersetOf(Texts(list))
            && summarised.SetEquals(list.Summaries.Select(s => s.Provider.Id));
    });

    [Fact]
    public void The_random_worlds_meet_every_rule_often()
    {
        var worlds = Enumerable.Range(0, Cases).Select(seed => new ModelWorld(seed)).Select(w => (World: w, List: Find(w, GenerationStrategy.DepthFirst))).ToList();
        var found = worlds.Where(w => w.List.Candidates.Count > 0).ToList();

        int[] counts =
        [
            found.Count,
            found.Count(w => w.World.Request.SameSubtrees.Count > 0 && w.World.Request.Groups.Count > 1),
            found.Count(w => w.World.Request.IsIsolated && w.World.Request.Groups.Count > 2),
            found.Count(w => w.List.Candidates.Any(c => Array.Exists(c.Chosen, place => place < 0))),
            found.Count(w => w.World.Request.Groups.Any(g => g.Resources.Count == 0)),
            found.Count(w => w.List.Candidates.Count > 20),
        ];

        Assert.All(counts, count => Assert.InRange(count, Cases / 100, Cases * 9 / 10));
    }

    internal static IReadOnlyList<Choice> Choices(CandidateList list, Candidate candidate) =>
    [
        .. list.Wanted.Slots.Select((slot, i) => new Choice(
            slot.Group.Suffix,
            list.At(candidate, i).Provider.Id,
            [.. list.Request.Groups.Single(g => g.Suffix == slot.Group.Suffix).Resources
                .Where(r => Array.Exists(slot.Needs, need => need.Class == list.Forest.Names.Class(r.Class)))])),
    ];

    private static bool IsNarrow(ModelWorld world, IReadOnlyList<Choice> choices)
    {
        var providers = choices.Where(c => c.Takes.Count > 0).Select(c => c.Provider).Distinct().ToList();
        return providers.Select(id => world.Providers.Single(p => p.Id == id).Root).Distinct().Count() == providers.Count
            || world.Providers.All(p => p.Parent is null);
    }

    private static CandidateList Find(ModelWorld world, GenerationStrategy strategy, int? limit = null) =>
        CandidateList.Find(world.Forest(), world.Request with { Limit = limit }, new() { Strategy = strategy }, null, default);

    private static List<string> Texts(CandidateList list) => [.. list.Candidates.Select(c => CandidateModel.Text(Choices(list, c)))];

    private static void Check(Func<ModelWorld, bool> property) =>
        Prop.ForAll(Worlds.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
}
