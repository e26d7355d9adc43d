using System.Text.Json;
using Nova.Modules.Placement.Allocations;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.Aggregates;

/// <summary>The aggregates of a provider: https://docs.openstack.org/api-ref/placement/#resource-provider-aggregates.</summary>
public sealed class AggregateEndpoints(Database database, PlacementStore store) : IEndpoints
{
    private const int GenerationSince = 19;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/resource_providers/{uuid}/aggregates", GivesJson(List)).Since(1).Requires("placement:resource_providers:aggregates:list");
        routes.Put("/resource_providers/{uuid}/aggregates", TakesJson(Replace)).Since(1).Requires("placement:resource_providers:aggregates:update");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var (provider, aggregates) = await database.Read(
            async rows =>
            {
                var found = await ProviderRows.Get(rows, caller.RouteUuid("uuid"), caller.Route("uuid"));
                return (found, await AggregateRows.Of(rows, found.Id));
            },
            ct);
        return Answered(caller, aggregates, provider.Generation);
    }

    private async Task<Answer> Replace(RequestContext caller, CancellationToken ct)
    {
        var body = await database.BodyOfProvider(caller, AggregateForms.Replace, ct);
        var list = caller.Since(GenerationSince) ? body.GetProperty("aggregates") : body;
        Guid[] aggregates = [.. list.EnumerateArray().Select(a => Uuids.Parse(a.GetString()!)).Distinct()];
        long? generation = caller.Since(GenerationSince) ? AllocationBodies.Integer(body.GetProperty("resource_provider_generation")) : null;
        var provider = await database.Write(tx => Replace(tx, caller, aggregates, generation), ct);
        return Answered(caller, aggregates, provider.Generation);
    }

    // Clients before 1.19 know of no generation here, so theirs is not raised.
    private Provider Replace(Tx tx, RequestContext caller, Guid[] aggregates, long? generation)
    {
        var provider = ProviderRows.Lock(tx, caller.RouteUuid("uuid"), caller.Route("uuid"));
        if (generation is { } believed && believed != provider.Generation)
            throw PlacementFaults.ConcurrentUpdate($"Resource provider's generation already changed. Please update the generation and try again.");

        AggregateRows.Replace(tx, provider.Id, aggregates);
        if (generation is not null)
            provider = ProviderRows.Raise(tx, provider, store.Now);
        store.Tell(tx, PlacementStore.StateOf(tx, provider.Id));
        return provider;
    }

    private Answer Answered(RequestContext caller, IReadOnlyList<Guid> aggregates, long generation) =>
        Answer.Json(new AggregatesResponse { Aggregates = aggregates, ResourceProviderGeneration = generation }).Dated(caller, store.Now);
}

/// <summary>The aggregates of a provider.</summary>
internal sealed record AggregatesResponse
{
    public required IReadOnlyList<Guid> Aggregates { get; init; }

    [Since(19)]
    public long ResourceProviderGeneration { get; init; }
}
