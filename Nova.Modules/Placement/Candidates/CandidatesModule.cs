using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Placement.Api;

namespace Nova.Modules.Placement.Candidates;

/// <summary>Registers allocation candidates.</summary>
public static class CandidatesModule
{
    /// <summary>The endpoint with the forest that it searches.</summary>
    public static IServiceCollection AddAllocationCandidates(this IServiceCollection services) => services
        .AddSingleton<ForestKeeper>()
        .AddSingleton<ICapacityFeed>(provider => provider.GetRequiredService<ForestKeeper>())
        .AddSingleton<CandidateService>()
        .AddPlacementEndpoints<CandidateEndpoints>();
}
