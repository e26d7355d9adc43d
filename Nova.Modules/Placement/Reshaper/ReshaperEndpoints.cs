using System.Text.Json;
using Nova.Modules.Placement.Allocations;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Inventories;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.Reshaper;

/// <summary>Moves inventories and their allocations between providers at once: https://docs.openstack.org/api-ref/placement/#reshaper.</summary>
public sealed class ReshaperEndpoints(Database database, PlacementStore store, TimeProvider time) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => routes.Post("/reshaper", TakesJson(Reshape)).Since(30).Requires("placement:reshaper:reshape");

    private async Task<Answer> Reshape(RequestContext caller, CancellationToken ct)
    {
        var body = await caller.BodyAs(ReshaperForms.Reshape, ct);
        var shapes = PythonText.Members(body.GetProperty("inventories")).Select(Shape.Of).ToList();
        var changes = AllocationBodies.Many(caller, body.GetProperty("allocations"));
        try
        {
            await database.Write(tx => Reshape(tx, shapes, changes), ct);
            return Answer.Empty();
        }
        catch (PlacementRefusal refusal)
        {
            throw refusal.Kind switch
            {
                RefusalKind.UnknownClass => Fault.BadRequest($"malformed reshaper data: {refusal.Message}"),
                RefusalKind.InUse => PlacementFaults.InventoryInUse($"update conflict: {refusal.Message}"),
                RefusalKind.Concurrent => PlacementFaults.ConcurrentUpdate($"update conflict: {refusal.Message}"),
                _ => Fault.Conflict($"Unable to allocate inventory: {refusal.Message}"),
            };
        }
    }

    // First the providers have the old and the new inventories, so that allocations can move; then only the new ones.
    private void Reshape(Tx tx, List<Shape> shapes, IReadOnlyList<ConsumerChange> changes)
    {
        var writer = new AllocationWriter(tx, changes, time.GetUtcNow().ToUnixTimeMilliseconds());
        writer.Read();
        var ledger = Ledger.Open(tx, shapes.Select(s => s.ProviderId ?? Guid.Empty).Concat(writer.Providers));
        foreach (var shape in shapes)
            Check(shape, ledger);
        writer.CheckGenerations();

        ledger.RequireClasses(shapes.SelectMany(s => s.Inventories).Select(i => i.Class));
        foreach (var shape in shapes.Where(s => s.Inventories.Count > 0))
            Widen(shape, ledger);
        if (changes.Count > 0)
            writer.Apply(ledger);
        foreach (var shape in shapes)
            Settle(shape, ledger);
        ledger.Write(store);
    }

    private static void Check(Shape shape, Ledger ledger)
    {
        if (shape.ProviderId is not { } id || ledger.Provider(id) is not { } provider)
            throw PlacementFaults.UnknownProvider($"Resource provider {shape.Text} in inventories not found: {ProviderRows.Missing(shape.Text)}");
        if (provider.Generation != shape.Generation)
            throw PlacementFaults.ConcurrentUpdate(
                $"resource provider generation conflict for provider {shape.Text}: actual: {provider.Generation}, given: {shape.Generation}");
    }

    private static void Widen(Shape shape, Ledger ledger)
    {
        foreach (var inventory in shape.Inventories)
            ledger.Put(shape.ProviderId!.Value, inventory);
        ledger.Raise(shape.ProviderId!.Value);
    }

    private static void Settle(Shape shape, Ledger ledger)
    {
        ledger.Replace(shape.ProviderId!.Value, shape.Inventories);
        ledger.Raise(shape.ProviderId!.Value);
    }

    /// <summary>What a provider shall have.</summary>
    private sealed record Shape(string Text, Guid? ProviderId, long Generation, IReadOnlyList<Inventory> Inventories)
    {
        public static Shape Of(JsonProperty member) => new(
            member.Name,
            Uuids.TryParse(member.Name, out var id) ? id : null,
            InventoryBodies.Generation(member.Value),
            InventoryBodies.Many(member.Value.GetProperty("inventories")));
    }
}
