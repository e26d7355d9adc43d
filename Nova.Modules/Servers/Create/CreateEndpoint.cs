using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Create;

/// <summary>POST /servers.</summary>
public sealed class CreateEndpoint(CreateRequests requests, CreateService service, IdempotencyKeys keys)
{
    private static readonly IReadOnlyList<GroupName> DefaultGroup = [new() { Name = "default" }];

    /// <summary>Accepts the servers; with an <c>Idempotency-Key</c> that was used before, answers what was answered then.</summary>
    public async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<CreateServersRequest>(ct);
        var key = await keys.Of(caller, ct);
        if (key is not null && await keys.Find(key, ct) is { } before)
            return Accepted(caller, request, before);

        var servers = await requests.Read(caller, request, ct);
        var accepted = await Accept(caller, servers, key, ct);
        return Accepted(caller, request, accepted);
    }

    private async Task<CreateAnswer> Accept(RequestContext caller, NewServers servers, IdempotencyKey? key, CancellationToken ct)
    {
        if (key is null)
            return AnswerOf(await service.Create(caller, servers, ct), servers);

        try
        {
            return AnswerOf(await service.Create(caller, servers, ct, (tx, accepted) => keys.Store(tx, key, AnswerOf(accepted, servers))), servers);
        }
        catch (KeyTakenException)
        {
            return await keys.Find(key, ct) ?? throw Fault.Conflict($"Another request with this Idempotency-Key is being served: try again.");
        }
    }

    private static CreateAnswer AnswerOf(AcceptedServers accepted, NewServers servers) =>
        new(accepted.Servers[0].Id, accepted.ReservationId, servers.DiskConfig, servers.AdminPass);

    private static Answer Accepted(RequestContext caller, CreateServersRequest request, CreateAnswer accepted)
    {
        if (request.Server.ReturnReservationId == true)
            return Answer.Json(new ReservationResponse(accepted.ReservationId), 202);

        var links = caller.Links("servers", accepted.ServerId.ToString());
        var server = new CreatedServer
        {
            Id = accepted.ServerId,
            Links = links,
            DiskConfig = accepted.DiskConfig,
            SecurityGroups = request.Server.SecurityGroups is { Count: > 0 } groups ? groups : DefaultGroup,
            AdminPass = accepted.AdminPass?.Reveal,
        };
        return Answer.Json(new CreatedResponse(server), 202).With("Location", links[0].Href);
    }
}
