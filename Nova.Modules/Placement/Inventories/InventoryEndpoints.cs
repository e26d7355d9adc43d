using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.Inventories;

/// <summary>What providers have: https://docs.openstack.org/api-ref/placement/#resource-provider-inventories.</summary>
public sealed class InventoryEndpoints(Database database, PlacementStore store) : IEndpoints
{
    private const string All = "/resource_providers/{uuid}/inventories";
    private const string One = "/resource_providers/{uuid}/inventories/{resource_class}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, GivesJson(List)).Requires("placement:resource_providers:inventories:list");
        routes.Post(All, TakesJson(Create)).Requires("placement:resource_providers:inventories:create");
        routes.Put(All, TakesJson(Replace)).Requires("placement:resource_providers:inventories:update");
        routes.Delete(All, (caller, _) => throw caller.Surface.WrongMethod("DELETE")).Until(4).Requires("placement:resource_providers:inventories:delete");
        routes.Delete(All, Clear).Since(5).Requires("placement:resource_providers:inventories:delete");
        routes.Get(One, GivesJson(Show)).Requires("placement:resource_providers:inventories:show");
        routes.Put(One, TakesJson(Update)).Requires("placement:resource_providers:inventories:update");
        routes.Delete(One, Delete).Requires("placement:resource_providers:inventories:delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var (provider, inventories) = await database.Read(rows => Read(rows, caller), ct);
        return Listed(caller, provider, inventories);
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var (provider, inventories) = await database.Read(rows => Read(rows, caller), ct);
        var name = caller.Route("resource_class");
        return inventories.Find(i => i.Class == name) is { } inventory
            ? Shown(caller, provider, inventory, 200)
            : throw Fault.NotFound($"No inventory of class {name} for {caller.Route("uuid")}");
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var body = await database.BodyOfProvider(caller, InventoryForms.Create, ct);
        var inventory = InventoryBodies.One(body.GetProperty("resource_class").GetString()!, body);
        var provider = await Change(caller, generation: null, ledger => Add(caller, ledger, inventory), ct);
        return Shown(caller, provider, inventory, 201).At(caller, $"{ProviderResponse.Place(caller, provider.Id)}/inventories/{inventory.Class}");
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var body = await database.BodyOfProvider(caller, InventoryForms.Update, ct);
        var inventory = InventoryBodies.One(caller.Route("resource_class"), body);
        var provider = await Change(caller, InventoryBodies.Generation(body), ledger => Update(caller, ledger, inventory), ct);
        return Shown(caller, provider, inventory, 200);
    }

    private async Task<Answer> Replace(RequestContext caller, CancellationToken ct)
    {
        var body = await database.BodyOfProvider(caller, InventoryForms.Replace, ct);
        var inventories = InventoryBodies.Many(body.GetProperty("inventories"));
        var provider = await Change(caller, InventoryBodies.Generation(body), ledger => Replace(caller, ledger, inventories), ct);
        return Listed(caller, provider, inventories);
    }

    private async Task<Answer> Clear(RequestContext caller, CancellationToken ct)
    {
        try
        {
            await Change(caller, generation: null, ledger => ledger.Replace(Id(caller), []), ct);
            return Answer.Empty();
        }
        catch (PlacementRefusal refusal)
        {
            throw PlacementFaults.InventoryInUse($"{refusal.Message}");
        }
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var name = caller.Route("resource_class");
        try
        {
            await Change(caller, generation: null, ledger => Delete(ledger, Id(caller), name), ct);
            return Answer.Empty();
        }
        catch (PlacementRefusal refusal)
        {
            throw refusal.Kind == RefusalKind.InUse
                ? PlacementFaults.ConcurrentUpdate($"Unable to delete inventory of class {name}: {refusal.Message}")
                : Fault.NotFound($"No inventory of class {name} found for delete: {refusal.Message}");
        }
    }

    // Every change of inventories goes this way: the provider's books are opened, checked, changed, and closed with a new generation.
    private Task<Provider> Change(RequestContext caller, long? generation, Action<Ledger> change, CancellationToken ct) => database.Write(
        tx =>
        {
            var id = caller.RouteUuid("uuid") ?? throw ProviderRows.NotFound(caller.Route("uuid"));
            var ledger = Ledger.Open(tx, [id]);
            var provider = ledger.Provider(id) ?? throw ProviderRows.NotFound(caller.Route("uuid"));
            if (generation is { } believed && believed != provider.Generation)
                throw PlacementFaults.ConcurrentUpdate($"resource provider generation conflict");

            change(ledger);
            ledger.Raise(id);
            ledger.Write(store);
            return ledger.Provider(id)!;
        },
        ct);

    private static void Add(RequestContext caller, Ledger ledger, Inventory inventory)
    {
        var id = Id(caller);
        if (InventoryBodies.Problem(caller, [inventory], id) is { } problem)
            throw Fault.BadRequest($"Unable to create inventory for resource provider {id}: {problem}");

        RequireClasses(ledger, [inventory], message => Fault.BadRequest($"Unable to create inventory for resource provider {id}: {message}"));
        if (ledger.Inventories(id).ContainsKey(inventory.Class))
            throw PlacementFaults.ConcurrentUpdate($"Update conflict: the provider has an inventory of class {inventory.Class}.");
        ledger.Put(id, inventory);
    }

    private static void Update(RequestContext caller, Ledger ledger, Inventory inventory)
    {
        var id = Id(caller);
        if (InventoryBodies.Problem(caller, [inventory], id) is { } problem)
            throw Fault.BadRequest($"Unable to update inventory for resource provider {id}: {problem}");

        RequireClasses(ledger, [inventory], message => Fault.NotFound($"{message}"));
        if (!ledger.Inventories(id).ContainsKey(inventory.Class))
            throw Fault.BadRequest($"No inventory record with resource class for resource provider {id}: No inventory of class {inventory.Class} found.");
        ledger.Put(id, inventory);
    }

    private static void Replace(RequestContext caller, Ledger ledger, IReadOnlyList<Inventory> inventories)
    {
        var id = Id(caller);
        if (InventoryBodies.Problem(caller, inventories, id) is { } problem)
            throw Fault.BadRequest($"Unable to update inventory for resource provider {id}: {problem}");

        RequireClasses(ledger, inventories, message => Fault.BadRequest($"Unknown resource class in inventory for resource provider {id}: {message}"));
        try
        {
            ledger.Replace(id, inventories);
        }
        catch (PlacementRefusal refusal)
        {
            throw PlacementFaults.InventoryInUse($"update conflict: {refusal.Message}");
        }
    }

    private static void Delete(Ledger ledger, Guid id, string name)
    {
        ledger.RequireClasses([name]);
        if (!ledger.Inventories(id).ContainsKey(name))
            throw Fault.NotFound($"No inventory of class {name} found for delete: No inventory of class {name} found for delete");
        ledger.Remove(id, [name]);
    }

    private static void RequireClasses(Ledger ledger, IEnumerable<Inventory> inventories, Func<string, Fault> refused)
    {
        try
        {
            ledger.RequireClasses(inventories.Select(i => i.Class));
        }
        catch (PlacementRefusal refusal)
        {
            throw refused(refusal.Message);
        }
    }

    private static Guid Id(RequestContext caller) => caller.RouteUuid("uuid")!.Value;

    private static async Task<(Provider Provider, List<Inventory> Inventories)> Read(Rows rows, RequestContext caller)
    {
        var uuid = caller.Route("uuid");
        var provider = await ProviderRows.Find(rows, caller.RouteUuid("uuid"))
            ?? throw Fault.NotFound($"No resource provider with uuid {uuid} found : {ProviderRows.Missing(uuid)}");
        return (provider, await LedgerRows.InventoriesOf(rows, provider.Id));
    }

    private static Answer Listed(RequestContext caller, Provider provider, IEnumerable<Inventory> inventories) =>
        Answer.Json(InventoriesResponse.Of(provider, inventories)).Dated(caller, provider.UpdatedAt);

    private static Answer Shown(RequestContext caller, Provider provider, Inventory inventory, int status) =>
        Answer.Json(InventoryResponse.Of(inventory, provider.Generation), status).Dated(caller, provider.UpdatedAt);
}
