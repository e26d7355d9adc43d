using Nova.Modules.Placement.Allocations;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.Usages;

/// <summary>What is used, of a provider and by a project: https://docs.openstack.org/api-ref/placement/#usages.</summary>
public sealed class UsageEndpoints(Database database, PlacementStore store) : IEndpoints
{
    private const string TotalRule = "placement:usages";
    private const int TypesSince = 38;

    // Asks for all consumers under one name.
    private const string AllTypes = "all";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/resource_providers/{uuid}/usages", GivesJson(OfProvider)).Requires("placement:resource_providers:usages");
        routes.Get("/usages", GivesJson(Total)).Since(9).AnyCaller();
    }

    private async Task<Answer> OfProvider(RequestContext caller, CancellationToken ct)
    {
        var uuid = caller.Route("uuid");
        var (provider, used) = await database.Read(
            async rows =>
            {
                var found = await ProviderRows.Find(rows, caller.RouteUuid("uuid"))
                    ?? throw Fault.NotFound($"No resource provider with uuid {uuid} found: {ProviderRows.Missing(uuid)}");
                return (found, await UsageRows.OfProvider(rows, found.Id));
            },
            ct);
        return Answer.Json(new ProviderUsagesResponse(provider.Generation, used.ToDictionary(u => u.Class, u => u.Amount))).Dated(caller, store.Now);
    }

    // A reader may ask for the project that the token is scoped to.
    private async Task<Answer> Total(RequestContext caller, CancellationToken ct)
    {
        var projectId = caller.Query("project_id");
        caller.Require(TotalRule, new PolicyTarget(projectId));
        caller.CheckQuery(UsageForms.Total);
        var (used, consumers) = await database.Read(rows => UsageRows.OfProject(rows, projectId!, caller.Query("user_id")), ct);
        object usages = caller.Since(TypesSince) ? ByType(used, consumers, caller.Query("consumer_type")) : Sums(used);
        return Answer.Json(new UsagesResponse(usages)).Dated(caller, store.Now);
    }

    private static Dictionary<string, Dictionary<string, long>> ByType(IReadOnlyList<TypeUsage> used, IReadOnlyList<TypeCount> consumers, string? type)
    {
        var isAll = type == AllTypes;
        return used.Where(u => isAll || type is null || (u.Type ?? Consumer.NoType) == type).GroupBy(u => isAll ? AllTypes : u.Type ?? Consumer.NoType).ToDictionary(
            group => group.Key,
            group => new Dictionary<string, long>(Sums(group))
            {
                ["consumer_count"] = consumers.Where(c => isAll || (c.Type ?? Consumer.NoType) == group.Key).Sum(c => c.Count),
            });
    }

    private static Dictionary<string, long> Sums(IEnumerable<TypeUsage> used) => used.GroupBy(u => u.Class).ToDictionary(g => g.Key, g => g.Sum(u => u.Amount));
}

/// <summary>What is used of a provider.</summary>
internal sealed record ProviderUsagesResponse(long ResourceProviderGeneration, IReadOnlyDictionary<string, long> Usages);

/// <summary>What a project uses: sums by class, from 1.38 below each type of consumer.</summary>
internal sealed record UsagesResponse(object Usages);
