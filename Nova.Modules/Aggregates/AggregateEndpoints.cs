using Nova.Modules.Shared.Http;

namespace Nova.Modules.Aggregates;

/// <summary>https://docs.openstack.org/api-ref/compute/#host-aggregates-os-aggregates.</summary>
public sealed class AggregateEndpoints(AggregateService aggregates) : IEndpoints
{
    private const string Rule = "os_compute_api:os-aggregates:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-aggregates", List).Requires(Rule + "index");
        routes.Get("/os-aggregates/{id}", Show).Requires(Rule + "show");
        routes.Post("/os-aggregates", Create).Requires(Rule + "create");
        routes.Put("/os-aggregates/{id}", Update).Requires(Rule + "update");
        routes.Delete("/os-aggregates/{id}", Delete).Requires(Rule + "delete");
        routes.Action("/os-aggregates/{id}/action", "add_host", AddHost).Requires(Rule + "add_host");
        routes.Action("/os-aggregates/{id}/action", "remove_host", RemoveHost).Requires(Rule + "remove_host");
        routes.Action("/os-aggregates/{id}/action", "set_metadata", SetMetadata).Requires(Rule + "set_metadata");
        routes.Post("/os-aggregates/{id}/images", CacheImages).Since(81).Requires("compute:aggregates:images");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<AggregateQuery>();
        return Answer.Json(new AggregateListResponse([.. (await aggregates.List(ct)).Select(a => new AggregateView(a))]));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<AggregateQuery>();
        return View(await aggregates.Get(caller.Route("id"), ct));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<CreateAggregateRequest>(ct)).Aggregate;
        var made = await aggregates.Create(asked.Name.Trim(), asked.AvailabilityZone?.Value?.Trim(), ct);
        return Answer.Json(new AggregateResponse<AggregateSummary>(new(made)));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<UpdateAggregateRequest>(ct)).Aggregate;
        return View(await aggregates.Update(caller.Route("id"), asked.Name?.Trim(), asked.AvailabilityZone, ct));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await aggregates.Delete(caller.Route("id"), ct);
        return Answer.Empty(200);
    }

    private async Task<Answer> AddHost(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<AddHostRequest>(ct);
        return View(await aggregates.AddHost(caller.Route("id"), request.AddHost.Host, ct));
    }

    private async Task<Answer> RemoveHost(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<RemoveHostRequest>(ct);
        return View(await aggregates.RemoveHost(caller.Route("id"), request.RemoveHost.Host, ct));
    }

    private async Task<Answer> SetMetadata(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<SetMetadataRequest>(ct);
        return View(await aggregates.SetMetadata(caller.Route("id"), request.SetMetadata.Metadata, ct));
    }

    private async Task<Answer> CacheImages(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<CacheImagesRequest>(ct);
        await aggregates.CacheImages(caller.Route("id"), [.. request.Cache.Select(image => image.Id)], caller.RequestId, ct);
        return Answer.Empty(202);
    }

    private static Answer View(Aggregate aggregate) => Answer.Json(new AggregateResponse<AggregateView>(new(aggregate)));
}
