using Nova.Modules.Hardware;
using Nova.Modules.Networks;
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

    /// <summary>What its ports want beside resources; null for nothing.</summary>
    public PortNeeds? Ports { get; init; }

    /// <summary>The same with what existing ports take of a host; itself where they take nothing.</summary>
    public ServerNeeds With(IReadOnlyList<PlannedNic> nics)
    {
        if (nics.All(nic => nic.Groups is null && nic.VnicType is null))
            return this;

        var devices = nics.Select(nic => nic.Device).OfType<DeviceDemand>().ToList();
        return this with
        {
            Groups = [.. Groups, .. nics.SelectMany(nic => nic.Groups ?? [])],
            Hardware = devices.Count == 0 ? Hardware : (Hardware ?? new()) with { Devices = [.. Hardware?.Devices ?? [], .. devices] },
            Ports = new() { VnicTypes = [.. nics.Select(nic => nic.VnicType).OfType<string>().Distinct()] },
        };
    }

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
        Ports = Ports,
        Flavor = new(flavor.Name, flavor.ExtraSpecs),
        Hints = Hints,
        RequiredTraits = RequiredTraits,
        ForbiddenTraits = ForbiddenTraits,
    };
}
