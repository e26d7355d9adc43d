using System.Globalization;
using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Explain;

/// <summary>Why a server is where it is, or nowhere: what was kept of the decision, and everything for making it again elsewhere.</summary>
public sealed class PlacementEndpoints(ServerAccess access, OperationStore operations, ServerRequests requests, IExplainer explainer, Database database) : IEndpoints
{
    /// <summary>Names hosts.</summary>
    internal const string HostsRule = "nova_host:placement:hosts";

    private const string ShowRule = "nova_host:placement:show", RecordRule = "nova_host:placement:recording";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/servers/{server_id}/placement", Show).Requires(ShowRule);
        routes.Get("/servers/{server_id}/placement/recording", Record).Requires(RecordRule);
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("server_id"), ShowRule, ct, withDeleted: true);
        foreach (var row in await operations.OfServer(server.Id, ct))
            if (Decision.From(JsonSerializer.Deserialize<OperationProgress>(row.Steps, StateJson.Options)!.Kept) is { } decision)
                return Answer.Json(new PlacementResponse(View(caller, server, row, decision)));

        throw Fault.NotFound($"No decision is kept for instance {server.Id}: none was made yet, or its operation was removed.");
    }

    private async Task<Answer> Record(RequestContext caller, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("server_id"), RecordRule, ct);
        var held = await database.Read(rows => HeldParts.Of(rows, server.Id), ct);
        var json = await explainer.Record(new(await requests.Of(server, ct), held), ct);
        return new Answer(200) { ContentType = "application/json", Stream = (response, token) => response.Body.WriteAsync(json, token).AsTask() };
    }

    private static PlacementView View(RequestContext caller, Server server, OperationRow row, Decision decision)
    {
        var fault = row.Fault is { } json ? FaultJson.Read(json) : null;
        var outcome = fault is not null ? "refused" : row.FinishedAt is null ? "pending" : "placed";
        var isFull = caller.Allows(HostsRule, ServerViews.PolicyTargetOf(server));
        return new()
        {
            ServerId = server.Id,
            OperationId = row.Id,
            Outcome = outcome,
            Message = fault?.Message ?? Sentence(decision),
            DecidedAt = WireTime.Seconds(decision.At),
            Attempts = decision.Attempts,
            HostsSeen = decision.HostsSeen,
            HostsFit = decision.HostsFit(),
            Refusals = [.. decision.Refusals.Select(RefusalView.Of)],
            ClaimsWithoutRoom = decision.ClaimsWithoutRoom,
            ClaimsAgainstGroup = decision.ClaimsAgainstGroup,
            Host = isFull ? server.Host : null,
            Ranked = isFull ? decision.Ranked : null,
            Details = isFull ? fault?.Details : null,
        };
    }

    private static string Sentence(Decision decision) => string.Create(
        CultureInfo.InvariantCulture, $"{decision.HostsFit()} of {decision.HostsSeen} hosts could take the server, and the best of them was chosen.");
}
