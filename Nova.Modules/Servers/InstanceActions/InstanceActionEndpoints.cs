using System.Globalization;
using System.Text.Json;
using Nova.Modules.Api;
using Nova.Modules.Operations;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.InstanceActions;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#servers-actions-servers-os-instance-actions. Each operation on a server is
/// an action, the steps that it shows are the events.
/// </summary>
public sealed class InstanceActionEndpoints(ServerAccess access, OperationStore operations) : IEndpoints
{
    private const string Rules = "os_compute_api:os-instance-actions:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/servers/{server_id}/os-instance-actions", Index).Requires(Rules + "list");
        routes.Get("/servers/{server_id}/os-instance-actions/{id}", Show).Requires(Rules + "show");
    }

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<ActionListQuery>();
        var server = await Load(caller, "list", ct);
        var changed = Changed(await operations.OfServer(server.Id, ct), query);
        if (!caller.Since(58))
            return Answer.Json(new ActionListResponse([.. changed.Select(View)], null));

        var page = Page.Of(caller, query.Limit?.Value, query.Marker);
        List<OperationRow> shown = [.. After(changed, page.Marker).Take(page.Limit)];
        var next = caller.Next($"servers/{server.Id}/os-instance-actions", page.Limit, shown.Count, shown.LastOrDefault()?.RequestId);
        return Answer.Json(new ActionListResponse([.. shown.Select(View)], next));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await Load(caller, "show", ct);
        var id = caller.Route("id");
        var row = (await operations.OfServer(server.Id, ct)).FirstOrDefault(o => o.RequestId == id) ?? throw Fault.NotFound($"Action {id} not found");
        return Answer.Json(new ActionResponse(View(row) with { Events = Events(caller, server, row) }));
    }

    private static List<OperationRow> Changed(IReadOnlyList<OperationRow> rows, ActionListQuery query)
    {
        var (since, before) = (Time(query.ChangesSince), Time(query.ChangesBefore));
        if (since > before)
            throw Fault.BadRequest($"The value of changes-since must be less than or equal to changes-before.");
        return [.. rows.Where(r => !(r.UpdatedAt < since) && !(r.UpdatedAt > before))];
    }

    private static IEnumerable<OperationRow> After(List<OperationRow> rows, string? marker)
    {
        if (marker is null)
            return rows;

        var index = rows.FindIndex(r => r.RequestId == marker);
        return index >= 0 ? rows.Skip(index + 1) : throw Fault.BadRequest($"Marker {marker} could not be found.");
    }

    // Until 2.50 only those saw events who may see everything of them.
    private static IReadOnlyList<EventView>? Events(RequestContext caller, Server server, OperationRow row)
    {
        var target = ServerViews.PolicyTargetOf(server);
        var seesAll = caller.Allows(Rules + "events", target);
        if (!seesAll && !caller.Since(51))
            return null;

        var seesDetails = caller.Allows(Rules + "events:details", target);
        var progress = JsonSerializer.Deserialize<OperationProgress>(row.Steps, StateJson.Options)!;
        return [.. progress.Events.AsEnumerable().Reverse().Select(step => Event(step, server, seesAll, seesDetails))];
    }

    private static EventView Event(StepEvent step, Server server, bool seesAll, bool seesDetails) => new()
    {
        Event = step.Name,
        StartTime = WireTime.Micros(step.StartedAt),
        FinishTime = step.FinishedAt is { } finished ? WireTime.Micros(finished) : null,
        Result = step.Result,
        Traceback = seesAll ? new(step.Full) : default,
        HostId = ServerViews.HostId(server.ProjectId, step.Host),
        Host = seesAll ? step.Host : null,
        Details = seesDetails ? new(step.Details) : default,
    };

    private static ActionView View(OperationRow row) => new()
    {
        Action = row.Action,
        ServerId = row.ServerId,
        RequestId = row.RequestId,
        UserId = row.UserId,
        ProjectId = row.ProjectId,
        StartTime = WireTime.Micros(row.StartedAt),
        Message = row.Fault is null ? null : Why(row),
        UpdatedAt = WireTime.Micros(row.UpdatedAt),
    };

    // The original says no more than this; who was found no host for is told why, in words that a member may read.
    private static string Why(OperationRow row) =>
        Decision.From(JsonSerializer.Deserialize<OperationProgress>(row.Steps, StateJson.Options)!.Kept) is { Ranked.Count: 0 } ? FaultJson.Read(row.Fault!).Message : "Error";

    private static long? Time(string? text) => text is null
        ? null
        : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds();

    // 2.21 keeps the actions of deleted servers readable.
    private Task<Server> Load(RequestContext caller, string rule, CancellationToken ct) =>
        access.Load(caller, caller.Route("server_id"), Rules + rule, ct, withDeleted: caller.Since(21));
}
