using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;

namespace Nova.Modules.Servers.Create;

/// <summary>What flavor, image and hints of a request want of a host.</summary>
public sealed record ServerNeeds
{
    /// <summary>Of the host's own provider, or of any one below it.</summary>
    public required IReadOnlyList<ResourceAmount> Resources { get; init; }

    /// <summary>Of one provider each: <c>resources1:…</c> and so on.</summary>
    public IReadOnlyList<ResourceGroup> Groups { get; init; } = [];

    /// <summary>True when these providers must differ.</summary>
    public bool IsolatesGroups { get; init; }

    /// <summary>Traits that it must have.</summary>
    public IReadOnlyList<string> RequiredTraits { get; init; } = [];

    /// <summary>Traits that it must not have.</summary>
    public IReadOnlyList<string> ForbiddenTraits { get; init; } = [];

    /// <summary>Pieces of its hardware; null for none.</summary>
    public HardwareDemand? Hardware { get; init; }

    /// <summary>The hints that filters know; null for none.</summary>
    public PlacementHints? Hints { get; init; }

    /// <summary>The request to a scheduler that follows from them; image, group and place are the caller's to add.</summary>
    /// <param name="ids">The servers.</param>
    /// <param name="projectId">Their owner.</param>
    /// <param name="flavor">The flavor that these needs are of.</param>
    public PlacementRequest Request(IReadOnlyList<Guid> ids, string projectId, ServerFlavor flavor) => new()
    {
        Id = ids[0],
        Servers = ids,
        ProjectId = projectId,
        Resources = Resources,
        ResourceGroups = Groups,
        IsolatesGroups = IsolatesGroups,
        Hardware = Hardware,
        Flavor = new(flavor.Name, flavor.ExtraSpecs),
        Hints = Hints,
        RequiredTraits = RequiredTraits,
        ForbiddenTraits = ForbiddenTraits,
    };
}
