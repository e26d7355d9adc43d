using System.Text.Json;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.Allocations;

/// <summary>What consumers hold: https://docs.openstack.org/api-ref/placement/#allocations.</summary>
public sealed class AllocationEndpoints(Database database, PlacementStore store, TimeProvider time) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Post("/allocations", TakesJson(SetMany)).Since(13).Requires("placement:allocations:manage");
        routes.Get("/allocations/{consumer_uuid}", GivesJson(Show)).Requires("placement:allocations:list");
        routes.Put("/allocations/{consumer_uuid}", TakesJson(Set)).Requires("placement:allocations:update");
        routes.Delete("/allocations/{consumer_uuid}", Delete).Requires("placement:allocations:delete");
        routes.Get("/resource_providers/{uuid}/allocations", GivesJson(OfProvider)).Requires("placement:resource_providers:allocations:list");
    }

    // A consumer that nobody knows holds nothing, which is no error.
    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var held = caller.RouteUuid("consumer_uuid") is { } id ? await database.ReadOne(rows => AllocationReads.OfConsumer(rows, id), ct) : [];
        return Answer.Json(ConsumerAllocationsResponse.Of(held)).Dated(caller, held.Count > 0 ? held[0].UpdatedAt : store.Now);
    }

    private async Task<Answer> OfProvider(RequestContext caller, CancellationToken ct)
    {
        var uuid = caller.Route("uuid");
        var (provider, held) = await database.Read(
            async rows =>
            {
                var found = await ProviderRows.Find(rows, caller.RouteUuid("uuid")) ?? throw Fault.NotFound($"Resource provider '{uuid}' not found: {ProviderRows.Missing(uuid)}");
                return (found, await AllocationReads.OfProvider(rows, found.Id));
            },
            ct);
        return Answer.Json(ProviderAllocationsResponse.Of(provider, held)).Dated(caller, held.Count > 0 ? held.Max(a => a.UpdatedAt) : store.Now);
    }

    private async Task<Answer> Set(RequestContext caller, CancellationToken ct)
    {
        var text = caller.Route("consumer_uuid");
        if (!Uuids.TryParse(text, out var id))
            throw AllocationBodies.MalformedConsumer(text);

        var body = await caller.BodyAs(AllocationForms.Set, ct);
        return await Write([AllocationBodies.One(caller, id, body)], $" for consumer {id}:", ct);
    }

    private async Task<Answer> SetMany(RequestContext caller, CancellationToken ct)
    {
        var body = await caller.BodyAs(AllocationForms.SetMany, ct);
        return await Write(AllocationBodies.Many(caller, body), "", ct);
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var held = caller.RouteUuid("consumer_uuid") is { } id && await database.Write(tx => GiveBack(tx, id), ct);
        return held ? Answer.Empty() : throw Fault.NotFound($"No allocations for consumer '{caller.Route("consumer_uuid")}'");
    }

    private async Task<Answer> Write(IReadOnlyList<ConsumerChange> changes, string whose, CancellationToken ct)
    {
        try
        {
            await database.Write(tx => Replace(tx, changes), ct);
            return Answer.Empty();
        }
        catch (PlacementRefusal refusal)
        {
            throw refusal.Kind switch
            {
                RefusalKind.UnknownClass => Fault.BadRequest($"Unable to allocate inventory{whose} {refusal.Message}"),
                RefusalKind.Concurrent => PlacementFaults.ConcurrentUpdate($"Inventory and/or allocations changed while attempting to allocate: {refusal.Message}"),
                _ => Fault.Conflict($"Unable to allocate inventory: {refusal.Message}"),
            };
        }
    }

    private void Replace(Tx tx, IReadOnlyList<ConsumerChange> changes)
    {
        // Who says that the consumer is new is believed: if it is not, or something does not fit, the unit runs again and says why.
        if (tx.Assumes && changes is [{ ChecksGeneration: true, Generation: null, Allocations.Count: > 0 } only])
        {
            store.Join(tx, new(only.Id, 1, only.ProjectId, only.UserId, only.Type), only.Allocations);
            return;
        }

        var writer = new AllocationWriter(tx, changes, time.GetUtcNow().ToUnixTimeMilliseconds());
        writer.Read();
        writer.CheckGenerations();
        var ledger = Ledger.Open(tx, writer.Providers);
        writer.Apply(ledger);
        ledger.Write(store);
    }

    // Unlike a PUT of nothing it leaves the providers' generations as they are.
    private bool GiveBack(Tx tx, Guid consumerId)
    {
        SqlValue[] id = [consumerId];
        if (AllocationRows.Lock(tx, id).Count == 0)
            return false;

        var held = AllocationRows.HeldBy(tx, id);
        var ledger = Ledger.Open(tx, held.Select(a => a.ProviderId));
        foreach (var allocation in held)
            ledger.Use(allocation.ProviderId, allocation.Class, consumerId, -allocation.Used);
        AllocationRows.Clear(tx, id);
        AllocationRows.Remove(tx, id);
        ledger.Write(store);
        return true;
    }
}
