using System.Text.Json;
using Nova.Modules.Placement.Allocations;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.Traits;

/// <summary>The traits of a provider: https://docs.openstack.org/api-ref/placement/#resource-provider-traits.</summary>
public sealed class ProviderTraitEndpoints(Database database, PlacementStore store) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/resource_providers/{uuid}/traits", GivesJson(List)).Since(6).Requires("placement:resource_providers:traits:list");
        routes.Put("/resource_providers/{uuid}/traits", TakesJson(Replace)).Since(6).Requires("placement:resource_providers:traits:update");
        routes.Delete("/resource_providers/{uuid}/traits", Clear).Since(6).Requires("placement:resource_providers:traits:delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var uuid = caller.Route("uuid");
        var (provider, traits) = await database.Read(
            async rows =>
            {
                var found = await ProviderRows.Find(rows, caller.RouteUuid("uuid"))
                    ?? throw Fault.NotFound($"No resource provider with uuid {uuid} found: {ProviderRows.Missing(uuid)}");
                return (found, await TraitRows.OfProvider(rows, found.Id));
            },
            ct);
        return Answer.Json(new ProviderTraitsResponse([.. StandardTraits.InOrder(traits)], provider.Generation)).Dated(caller, provider.UpdatedAt);
    }

    private async Task<Answer> Replace(RequestContext caller, CancellationToken ct)
    {
        var body = await caller.BodyAs(TraitForms.Replace, ct);
        var generation = AllocationBodies.Integer(body.GetProperty("resource_provider_generation"));
        string[] traits = [.. StandardTraits.InOrder(body.GetProperty("traits").EnumerateArray().Select(t => t.GetString()!).Distinct(StringComparer.Ordinal))];
        var provider = await database.Write(tx => Replace(tx, caller, generation, traits), ct);
        return Answer.Json(new ProviderTraitsResponse(traits, provider.Generation)).Dated(caller, provider.UpdatedAt);
    }

    private async Task<Answer> Clear(RequestContext caller, CancellationToken ct)
    {
        await database.Write(tx => Write(tx, ProviderRows.Lock(tx, caller.RouteUuid("uuid"), caller.Route("uuid")), []), ct);
        return Answer.Empty();
    }

    private Provider Replace(Tx tx, RequestContext caller, long generation, string[] traits)
    {
        var provider = ProviderRows.Lock(tx, caller.RouteUuid("uuid"), caller.Route("uuid"));
        if (provider.Generation != generation)
            throw PlacementFaults.ConcurrentUpdate($"Resource provider's generation already changed. Please update the generation and try again.");
        if (TraitRows.Unknown(tx, traits) is { Count: > 0 } unknown)
            throw Fault.BadRequest($"No such trait {string.Join(", ", unknown)}");

        return Write(tx, provider, traits);
    }

    private Provider Write(Tx tx, Provider provider, string[] traits)
    {
        if (!TraitRows.Replace(tx, provider.Id, traits, store.Now))
            return provider;

        var changed = ProviderRows.Raise(tx, provider, store.Now);
        store.Tell(tx, PlacementStore.StateOf(tx, provider.Id));
        return changed;
    }
}

/// <summary>The traits of a provider.</summary>
internal sealed record ProviderTraitsResponse(IReadOnlyList<string> Traits, long ResourceProviderGeneration);
