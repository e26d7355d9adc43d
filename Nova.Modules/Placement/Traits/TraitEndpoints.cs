using System.Text.Json;
using Nova.Modules.Placement.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.Traits;

/// <summary>Traits: https://docs.openstack.org/api-ref/placement/#traits.</summary>
public sealed class TraitEndpoints(Database database, PlacementStore store) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/traits", GivesJson(List)).Since(6).Requires("placement:traits:list");
        routes.Get("/traits/{name}", Show).Since(6).Requires("placement:traits:show");
        routes.Put("/traits/{name}", Ensure).Since(6).Requires("placement:traits:update");
        routes.Delete("/traits/{name}", Delete).Since(6).Requires("placement:traits:delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.CheckQuery(TraitForms.List);
        var filter = TraitFilter.Of(caller);
        var (rows, associated) = await database.Read(
            async rows => (await TraitRows.All(rows), filter.NeedsAssociations ? await TraitRows.Associated(rows) : []), ct);
        string[] names = [.. filter.Apply(StandardTraits.All.Concat(rows.Select(r => r.Name).Except(StandardTraits.All, StringComparer.Ordinal)), associated.ToHashSet(StringComparer.Ordinal))];
        return Answer.Json(new TraitsResponse(names)).Dated(caller, rows.Count > 0 ? rows.Max(r => r.UpdatedAt) : store.Now);
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var name = caller.Route("name");
        var row = await database.ReadOne(rows => TraitRows.Find(rows, name), ct);
        return row is not null || StandardTraits.Contains(name) ? Answer.Empty().Dated(caller, row?.UpdatedAt ?? store.Now) : throw Unknown(name);
    }

    private async Task<Answer> Ensure(RequestContext caller, CancellationToken ct)
    {
        var name = caller.Route("name");
        if (!TraitForms.CustomName.Accepts(JsonSerializer.SerializeToElement(name)))
            throw Fault.BadRequest(
                $"The trait is invalid. A valid trait must be no longer than 255 characters, start with the prefix \"CUSTOM_\" and use following characters: \"A\"-\"Z\", \"0\"-\"9\" and \"_\"");

        var isNew = await database.Write(tx => TraitRows.TryAdd(tx, name, store.Now), ct);
        var row = await database.ReadOne(rows => TraitRows.Find(rows, name), ct);
        return Answer.Empty(isNew ? 201 : 204).At(caller, caller.Place($"/traits/{name}")).Dated(caller, row?.UpdatedAt ?? store.Now);
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var name = caller.Route("name");
        if (StandardTraits.Contains(name))
            throw Fault.BadRequest($"Cannot delete standard trait {name}.");

        await database.Write(tx => Delete(tx, name), ct);
        return Answer.Empty();
    }

    private static void Delete(Tx tx, string name)
    {
        if (TraitRows.IsUsed(tx, name))
            throw Fault.Conflict($"The trait {name} is in use by a resource provider.");
        if (!TraitRows.TryRemove(tx, name))
            throw Unknown(name);
    }

    private static Fault Unknown(string name) => Fault.NotFound($"No such trait(s): {name}.");
}

/// <summary>Names of traits.</summary>
internal sealed record TraitsResponse(IReadOnlyList<string> Traits);
