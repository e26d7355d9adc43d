using Nova.Modules.Placement.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Providers;

/// <summary>A list of providers.</summary>
internal sealed record ProvidersResponse(IReadOnlyList<ProviderResponse> ResourceProviders);

/// <summary>A provider, with links to what is known of it.</summary>
internal sealed record ProviderResponse
{
    public Guid Uuid { get; init; }

    public required string Name { get; init; }

    public long Generation { get; init; }

    public required IReadOnlyList<PlacementLink> Links { get; init; }

    [Since(14)]
    public Guid? ParentProviderUuid { get; init; }

    [Since(14)]
    public Guid RootProviderUuid { get; init; }

    // Which parts of a provider are linked, by the version that brought them.
    private static readonly (int Since, string Part)[] Parts = [(0, "inventories"), (0, "usages"), (1, "aggregates"), (6, "traits"), (11, "allocations")];

    public static ProviderResponse Of(RequestContext caller, Provider provider)
    {
        var self = Place(caller, provider.Id);
        return new()
        {
            Uuid = provider.Id,
            Name = provider.Name,
            Generation = provider.Generation,
            ParentProviderUuid = provider.ParentId,
            RootProviderUuid = provider.RootId,
            Links = [new("self", self), .. Parts.Where(p => caller.Since(p.Since)).Select(p => new PlacementLink(p.Part, $"{self}/{p.Part}"))],
        };
    }

    public static string Place(RequestContext caller, Guid id) => caller.Place($"/resource_providers/{id}");
}
