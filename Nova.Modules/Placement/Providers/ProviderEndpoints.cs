using System.Text.Json;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using static Nova.Modules.Placement.Api.PlacementRequests;

namespace Nova.Modules.Placement.Providers;

/// <summary>Resource providers and their trees: https://docs.openstack.org/api-ref/placement/#resource-providers.</summary>
public sealed class ProviderEndpoints(Database database, PlacementStore store, Ids ids) : IEndpoints
{
    private const string ParentMember = "parent_provider_uuid";
    private const int ReturnsProviderSince = 20;
    private const int MovesSince = 37;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/resource_providers", GivesJson(List)).Requires("placement:resource_providers:list");
        routes.Post("/resource_providers", TakesJson(Create)).Requires("placement:resource_providers:create");
        routes.Get("/resource_providers/{uuid}", GivesJson(Show)).Requires("placement:resource_providers:show");
        routes.Put("/resource_providers/{uuid}", TakesJson(Update)).Requires("placement:resource_providers:update");
        routes.Delete("/resource_providers/{uuid}", Delete).Requires("placement:resource_providers:delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var filter = ProviderFilter.Of(caller);
        var providers = await database.Read(filter.List, ct);
        return Answer.Json(new ProvidersResponse([.. providers.Select(p => ProviderResponse.Of(caller, p))]))
            .Dated(caller, providers.Count > 0 ? providers.Max(p => p.UpdatedAt) : store.Now);
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var provider = await database.ReadOne(rows => ProviderRows.Get(rows, caller.RouteUuid("uuid"), caller.Route("uuid")), ct);
        return Answer.Json(ProviderResponse.Of(caller, provider)).Dated(caller, provider.UpdatedAt);
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var body = await caller.BodyAs(ProviderForms.Create, ct);
        var id = body.TryGetProperty("uuid", out var uuid) ? Uuids.Parse(uuid.GetString()!) : ids.Next();
        var (name, parent) = (NameIn(body), ParentIn(body));
        var provider = await database.Write(tx => ProviderTrees.Create(tx, store, id, name, parent), ct);
        var answer = caller.Since(ReturnsProviderSince)
            ? Answer.Json(ProviderResponse.Of(caller, provider)).Dated(caller, provider.UpdatedAt)
            : Answer.Empty(201);
        return answer.At(caller, ProviderResponse.Place(caller, id));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var body = await database.BodyOfProvider(caller, ProviderForms.Update, ct);
        var change = new ProviderChange(NameIn(body), body.TryGetProperty(ParentMember, out _), ParentIn(body), caller.Since(MovesSince));
        var provider = await database.Write(tx => ProviderTrees.Change(tx, store, caller.RouteUuid("uuid"), caller.Route("uuid"), change), ct);
        return Answer.Json(ProviderResponse.Of(caller, provider)).Dated(caller, provider.UpdatedAt);
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await database.Write(tx => ProviderTrees.Delete(tx, store, caller.RouteUuid("uuid"), caller.Route("uuid")), ct);
        return Answer.Empty();
    }

    private static string NameIn(JsonElement body) => body.GetProperty("name").GetString()!;

    private static Guid? ParentIn(JsonElement body) =>
        body.TryGetProperty(ParentMember, out var parent) && parent.ValueKind == JsonValueKind.String ? Uuids.Parse(parent.GetString()!) : null;
}
