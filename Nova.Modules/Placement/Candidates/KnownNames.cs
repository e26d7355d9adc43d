using Nova.Modules.Placement.ResourceClasses;
using Nova.Modules.Placement.Traits;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Candidates;

/// <summary>Which names of a request do not exist at all. A standard name exists, and one that some provider has; only others are looked up.</summary>
internal sealed class KnownNames
{
    private readonly HashSet<string> _unknownClasses;
    private readonly HashSet<string> _unknownTraits;

    private KnownNames(HashSet<string> unknownClasses, HashSet<string> unknownTraits) =>
        (_unknownClasses, _unknownTraits) = (unknownClasses, unknownTraits);

    /// <summary>True when every name exists.</summary>
    public bool AreAll => _unknownClasses.Count + _unknownTraits.Count == 0;

    /// <summary>Looks the names of a request up.</summary>
    public static async Task<KnownNames> Of(CandidateRequest request, Forest forest, Database database, CancellationToken ct)
    {
        var classes = request.Groups.SelectMany(g => g.Resources).Select(r => r.Class)
            .Where(name => forest.Names.Class(name) < 0 && !StandardClasses.Contains(name)).ToHashSet(StringComparer.Ordinal);
        var traits = request.Groups.SelectMany(g => g.Traits.Names).Concat(request.Root.Names)
            .Where(name => forest.Names.Trait(name) < 0 && !StandardTraits.Contains(name)).ToHashSet(StringComparer.Ordinal);
        if (classes.Count > 0)
            classes.IntersectWith(await database.ReadOne(rows => ClassRows.Unknown(rows, classes), ct));
        if (traits.Count > 0)
            traits.IntersectWith(await database.ReadOne(rows => TraitRows.Unknown(rows, traits), ct));
        return new(classes, traits);
    }

    /// <summary>Refuses traits that do not exist.</summary>
    /// <exception cref="Fault">400: one does not.</exception>
    public void CheckTraits(IEnumerable<string> names)
    {
        if (names.FirstOrDefault(_unknownTraits.Contains) is { } unknown)
            throw Fault.BadRequest($"No such trait(s): {unknown}.");
    }

    /// <summary>Refuses resource classes that do not exist.</summary>
    /// <exception cref="Fault">400: one does not.</exception>
    public void CheckClasses(IEnumerable<ResourceAmount> resources)
    {
        if (resources.Select(r => r.Class).FirstOrDefault(_unknownClasses.Contains) is { } unknown)
            throw Fault.BadRequest($"Invalid resource class in resources parameter: No such resource class {unknown}.");
    }
}
