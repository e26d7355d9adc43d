using System.Text.Json;
using Nova.Modules.Placement.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.ResourceClasses;

/// <summary>Resource classes: https://docs.openstack.org/api-ref/placement/#resource-classes.</summary>
public sealed class ClassEndpoints(Database database, PlacementStore store) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/resource_classes", GivesJson(List)).Since(2).Requires("placement:resource_classes:list");
        routes.Post("/resource_classes", TakesJson(Create)).Since(2).Requires("placement:resource_classes:create");
        routes.Get("/resource_classes/{name}", GivesJson(Show)).Since(2).Requires("placement:resource_classes:show");
        routes.Put("/resource_classes/{name}", TakesJson(Rename)).Since(2).Until(6).Requires("placement:resource_classes:update");
        routes.Put("/resource_classes/{name}", Ensure).Since(7).Requires("placement:resource_classes:update");
        routes.Delete("/resource_classes/{name}", Delete).Since(2).Requires("placement:resource_classes:delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var custom = await database.ReadOne(ClassRows.All, ct);
        return Answer.Json(new ClassesResponse([.. StandardClasses.All.Concat(custom.Select(c => c.Name)).Select(name => ClassResponse.Of(caller, name))]))
            .Dated(caller, custom.Count > 0 ? custom.Max(c => c.UpdatedAt) : store.Now);
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var name = NameIn(await caller.BodyAs(ClassForms.Name, ct));
        return await database.Write(tx => ClassRows.TryAdd(tx, name, store.Now), ct)
            ? Answer.Empty(201).At(caller, ClassResponse.Place(caller, name))
            : throw Fault.Conflict($"Conflicting resource class already exists: {name}");
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var name = caller.Route("name");
        if (StandardClasses.Contains(name))
            return Answer.Json(ClassResponse.Of(caller, name)).Dated(caller, store.Now);

        var found = await database.ReadOne(rows => ClassRows.Find(rows, name), ct) ?? throw Unknown(name);
        return Answer.Json(ClassResponse.Of(caller, name)).Dated(caller, found.UpdatedAt);
    }

    private async Task<Answer> Rename(RequestContext caller, CancellationToken ct)
    {
        var (from, to) = (caller.Route("name"), NameIn(await caller.BodyAs(ClassForms.Name, ct)));
        await database.Write(tx => Rename(tx, from, to), ct);
        return Answer.Json(ClassResponse.Of(caller, to));
    }

    private async Task<Answer> Ensure(RequestContext caller, CancellationToken ct)
    {
        var name = caller.Route("name");
        var document = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["name"] = name });
        if (ClassForms.Name.At(0) is var schema && !schema.Accepts(document))
            throw Invalid(document, schema);

        var isNew = await database.Write(tx => ClassRows.TryAdd(tx, name, store.Now), ct);
        return Answer.Empty(isNew ? 201 : 204).At(caller, ClassResponse.Place(caller, name));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var name = caller.Route("name");
        if (StandardClasses.Contains(name))
            throw Fault.BadRequest($"Error in delete resource class: Cannot delete standard resource class {name}.");

        await database.Write(tx => Delete(tx, name), ct);
        return Answer.Empty();
    }

    private void Rename(Tx tx, string from, string to)
    {
        if (!ClassRows.Exists(tx, from))
            throw Unknown(from);
        if (StandardClasses.Contains(from))
            throw Fault.BadRequest($"Cannot update standard resource class {from}");
        if (from == to)
            return;
        if (ClassRows.Exists(tx, to))
            throw Fault.Conflict($"Resource class already exists: {to}");

        foreach (var provider in ClassRows.Rename(tx, from, to, store.Now))
            store.Tell(tx, PlacementStore.StateOf(tx, provider));
    }

    private static void Delete(Tx tx, string name)
    {
        if (!ClassRows.Exists(tx, name))
            throw Unknown(name);
        if (ClassRows.IsUsed(tx, name))
            throw Fault.Conflict($"Error in delete resource class: Cannot delete resource class {name}. Class is in use in inventory.");

        ClassRows.Remove(tx, name);
    }

    private static string NameIn(JsonElement body) => body.GetProperty("name").GetString()!;

    private static Fault Unknown(string name) => Fault.NotFound($"No such resource class {name}.");
}

/// <summary>All resource classes.</summary>
internal sealed record ClassesResponse(IReadOnlyList<ClassResponse> ResourceClasses);

/// <summary>A resource class.</summary>
internal sealed record ClassResponse(string Name, IReadOnlyList<PlacementLink> Links)
{
    public static ClassResponse Of(RequestContext caller, string name) => new(name, [new("self", Place(caller, name))]);

    public static string Place(RequestContext caller, string name) => caller.Place($"/resource_classes/{name}");
}
