using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Services;

/// <summary>https://docs.openstack.org/api-ref/compute/#compute-services-os-services.</summary>
public sealed class ServiceEndpoints(ServiceService services) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-services", List).Requires("os_compute_api:os-services:list");
        routes.Put("/os-services/{id}", Act).Until(52).Requires("os_compute_api:os-services:update");
        routes.Put("/os-services/{id}", Update).Since(53).Requires("os_compute_api:os-services:update");
        routes.Delete("/os-services/{id}", Delete).Requires("os_compute_api:os-services:delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<ServiceQuery>();
        return Answer.Json(new ServiceListResponse([.. (await services.List(query.Host, query.Binary, ct)).Select(View)]));
    }

    // Until 2.52 the address names what to do, and the body whom it concerns.
    private async Task<Answer> Act(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<ServiceActionRequest>(ct);
        var answer = new Dictionary<string, object> { ["host"] = request.Host, ["binary"] = request.Binary };
        Func<Service, Service> change = caller.Route("id") switch
        {
            "enable" => Disable(answer, false, null),
            "disable" => Disable(answer, true, null),
            "disable-log-reason" => Disable(answer, true, request.DisabledReason ?? throw Fault.BadRequest($"Missing disabled reason field")),
            "force-down" when caller.Since(11) => ForceDown(answer, request.ForcedDown ?? throw Fault.BadRequest($"Missing forced_down field")),
            _ => throw Fault.NotFound($"Unknown action"),
        };
        await services.Change(await services.ForChange(request.Host, request.Binary, ct), change, ct);
        return Answer.Json(new ServiceResponse<Dictionary<string, object>>(answer));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<UpdateServiceRequest>(ct);
        var service = await services.ForChange(caller.Route("id"), ct);
        if (request is { Status: "enabled", DisabledReason: not null })
            throw Fault.BadRequest($"Specifying 'disabled_reason' with status 'enabled' is invalid.");
        if (request is { Status: null, ForcedDown: null })
            throw Fault.BadRequest($"No updates were requested. Fields 'status' or 'forced_down' should be specified.");

        return Answer.Json(new ServiceResponse<ServiceView>(View(await services.Change(service, Changed, ct))));

        Service Changed(Service present) => (request.Status is { } status ? present with { Disabled = status == "disabled", DisabledReason = request.DisabledReason } : present)
            with { ForcedDown = request.ForcedDown?.Value ?? present.ForcedDown };
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await services.Delete(caller, caller.Route("id"), ct);
        return Answer.Empty();
    }

    private static Func<Service, Service> Disable(Dictionary<string, object> answer, bool disabled, string? reason)
    {
        answer["status"] = disabled ? "disabled" : "enabled";
        if (reason is not null)
            answer["disabled_reason"] = reason;
        return service => service with { Disabled = disabled, DisabledReason = reason };
    }

    private static Func<Service, Service> ForceDown(Dictionary<string, object> answer, bool forced)
    {
        answer["forced_down"] = forced;
        return service => service with { ForcedDown = forced };
    }

    private ServiceView View(Service service) => new()
    {
        Binary = service.BinaryName,
        Host = service.Host,
        Number = service.Number,
        Id = service.Id,
        Zone = service.Zone ?? "internal",
        Status = service.Disabled ? "disabled" : "enabled",
        State = services.IsUp(service) ? "up" : "down",
        UpdatedAt = WireTime.Micros(services.SeenAt(service)),
        DisabledReason = service.DisabledReason,
        ForcedDown = service.ForcedDown,
    };
}
