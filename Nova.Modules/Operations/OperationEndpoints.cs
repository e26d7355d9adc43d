using System.Globalization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Operations;

/// <summary>The long operations as an operator sees them, and help for those that are stuck. See docs/operations.md.</summary>
public sealed class OperationEndpoints(OperationStore operations, OperationRescue rescue) : IEndpoints
{
    private const int PageSize = 1000;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/operations", List).Requires("nova_host:operations:index");
        routes.Get("/operations/{id}", Show).Requires("nova_host:operations:show");
        routes.Post("/operations/{id}/resume", Resume).Requires("nova_host:operations:resume");
        routes.Post("/operations/{id}/unwind", Unwind).Requires("nova_host:operations:unwind");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<OperationQuery>();
        var limit = Math.Min(PageSize, query.Limit is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : PageSize);
        var rows = await operations.List(query.Status, IdOrNull(query.Server), IdOrNull(query.Marker), limit + 1, ct);
        var shown = rows.Take(limit).Select(OperationView.Of).ToList();
        return Answer.Json(new OperationListResponse(shown, rows.Count > limit ? [new("next", Next(caller, query, shown[^1].Id, limit))] : []));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var id = IdOf(caller);
        return One(await operations.Find(id, ct) ?? throw Unknown(caller.Route("id")));
    }

    private async Task<Answer> Resume(RequestContext caller, CancellationToken ct) => One(await rescue.Resume(IdOf(caller), ct), 202);

    private async Task<Answer> Unwind(RequestContext caller, CancellationToken ct) => One(await rescue.Unwind(IdOf(caller), ct), 202);

    private static Answer One(OperationRow row, int status = 200) => Answer.Json(new OperationResponse(OperationView.Of(row)), status);

    private static Guid IdOf(RequestContext caller) => Guid.TryParse(caller.Route("id"), out var id) ? id : throw Unknown(caller.Route("id"));

    private static Guid? IdOrNull(string? text) => text is null ? null : Guid.Parse(text);

    private static Fault Unknown(string id) => Fault.NotFound($"Operation {id} could not be found.");

    private static string Next(RequestContext caller, OperationQuery query, Guid last, int limit) => caller.Link(string.Create(
        CultureInfo.InvariantCulture,
        $"{NovaHostSurface.Prefix}/operations?limit={limit}{(query.Status is null ? "" : "&status=" + query.Status)}{(query.Server is null ? "" : "&server=" + query.Server)}&marker={last}"));
}
