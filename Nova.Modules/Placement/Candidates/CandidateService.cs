using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Candidates;

/// <summary>Answers what could be allocated now.</summary>
internal sealed class CandidateService(ForestKeeper keeper, Database database, PlacementOptions options)
{
    private readonly SearchBounds _bounds = new()
    {
        MaxCandidates = options.MaxAllocationCandidates < 0 ? PlacementOptions.MostAllocationCandidates : options.MaxAllocationCandidates,
        Strategy = options.AllocationCandidatesGenerationStrategy,
    };

    /// <summary>The candidates of a request, among everything that was committed before the call.</summary>
    /// <exception cref="Fault">400: a resource class or a trait does not exist.</exception>
    public async Task<CandidateList> Find(CandidateRequest request, CancellationToken ct)
    {
        var forest = await keeper.Current(ct);
        var names = await KnownNames.Of(request, forest, database, ct);
        if (!names.AreAll && IsHopeless(request, forest, names, ct))
            return CandidateList.None(forest, request);

        return CandidateList.Find(forest, request, _bounds, options.RandomizeAllocationCandidates ? Random.Shared : null, ct);
    }

    // The original looks at one thing after the other, and comes to a name that does not exist only when what it has looked
    // at before could be satisfied: true when it never comes to it.
    private bool IsHopeless(CandidateRequest request, Forest forest, KnownNames names, CancellationToken ct)
    {
        names.CheckTraits(request.Root.Names);
        var wanted = new Wanted(forest, request with { Groups = [] });
        if (!Array.Exists(forest.Trees, tree => wanted.Admits(tree.Root)))
            return true;

        foreach (var group in request.Groups)
        {
            names.CheckClasses(group.Resources);
            var sought = new WantedGroup(forest, group);
            if (group.Aggregates.Required.Count > 0 && !Array.Exists(forest.Trees, tree => Array.Exists(tree.Providers, p => sought.IsMember(p.Aggregates))))
                return true;

            names.CheckTraits(group.Traits.Names);
            var alone = new Wanted(forest, request with { Groups = [group], SameSubtrees = [], IsIsolated = false });
            if (CandidateSearch.Find(forest, alone, _bounds, 1, ct).Count == 0)
                return true;
        }

        return false;
    }
}
