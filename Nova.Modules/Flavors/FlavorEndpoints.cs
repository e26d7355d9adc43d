using Nova.Modules.Api;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Flavors;

/// <summary>https://docs.openstack.org/api-ref/compute/#flavors.</summary>
public sealed class FlavorEndpoints(FlavorService flavors) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/flavors", List).AnyCaller();
        routes.Get("/flavors/detail", Detail).AnyCaller();
        routes.Get("/flavors/{id}", Show).AnyCaller();
        routes.Post("/flavors", Create).Requires("os_compute_api:os-flavor-manage:create");
        routes.Put("/flavors/{id}", Update).Since(55).Requires("os_compute_api:os-flavor-manage:update");
        routes.Delete("/flavors/{id}", Delete).Requires("os_compute_api:os-flavor-manage:delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<FlavorQuery>();
        var page = await flavors.List(caller, query, ct);
        return Answer.Json(new FlavorListResponse<FlavorSummary>([.. page.Select(f => Summary(caller, f))], Next(caller, query, "flavors", page)));
    }

    private async Task<Answer> Detail(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<FlavorQuery>();
        var page = await flavors.List(caller, query, ct);
        return Answer.Json(new FlavorListResponse<FlavorView>([.. page.Select(f => View(caller, f))], Next(caller, query, "flavors/detail", page)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoFlavorQuery>();
        return Answer.Json(new FlavorResponse(View(caller, await flavors.Get(caller, caller.Route("id"), ct))));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<CreateFlavorRequest>(ct);
        return Answer.Json(new FlavorResponse(View(caller, await flavors.Create(request.Flavor, ct))));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<UpdateFlavorRequest>(ct);
        await flavors.Describe(caller.Route("id"), request.Flavor.Description, ct);
        return Answer.Json(new FlavorResponse(View(caller, await flavors.Get(caller, caller.Route("id"), ct))));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await flavors.Delete(caller.Route("id"), ct);
        return Answer.Empty(202);
    }

    private static IReadOnlyList<Link>? Next(RequestContext caller, FlavorQuery query, string path, IReadOnlyList<Flavor> page) =>
        caller.Next(path, Page.Of(caller, query.Limit?.Value, null).Limit, page.Count, page.LastOrDefault()?.Id);

    private static FlavorSummary Summary(RequestContext caller, Flavor flavor) => new()
    {
        Id = flavor.Id,
        Name = flavor.Name,
        Links = caller.Links("flavors", flavor.Id),
        Description = flavor.Description,
    };

    private static FlavorView View(RequestContext caller, Flavor flavor) => new()
    {
        Id = flavor.Id,
        Name = flavor.Name,
        Ram = flavor.MemoryMb,
        Disk = flavor.RootGb,
        Swap = flavor.SwapMb,
        Ephemeral = flavor.EphemeralGb,
        Disabled = flavor.Disabled,
        Vcpus = flavor.Vcpus,
        IsPublic = flavor.IsPublic,
        RxtxFactor = flavor.RxtxFactor,
        Links = caller.Links("flavors", flavor.Id),
        Description = flavor.Description,
        ExtraSpecs = caller.Since(61) && caller.Allows("os_compute_api:os-flavor-extra-specs:index") ? flavor.Specs : null,
    };
}
