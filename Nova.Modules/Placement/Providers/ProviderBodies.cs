using System.Text.Json;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Providers;

/// <summary>Bodies of requests about one provider.</summary>
internal static class ProviderBodies
{
    /// <summary>The body, which fits; when it does not, a provider that does not exist is what the client is told first.</summary>
    /// <exception cref="Fault">400, or 404.</exception>
    public static async Task<JsonElement> BodyOfProvider(this Database database, RequestContext caller, Versions forms, CancellationToken ct)
    {
        try
        {
            return await caller.BodyAs(forms, ct);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.BadRequest)
        {
            await database.ReadOne(rows => ProviderRows.Get(rows, caller.RouteUuid("uuid"), caller.Route("uuid")), ct);
            throw;
        }
    }
}
