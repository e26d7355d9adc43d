using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Flavors;

/// <summary>Extra specs and access lists: https://docs.openstack.org/api-ref/compute/#flavors-extra-specs-flavors-os-flavor-extra-specs.</summary>
public sealed class FlavorDetailEndpoints(FlavorService flavors) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/flavors/{flavor_id}/os-extra_specs", ListSpecs).Requires("os_compute_api:os-flavor-extra-specs:index");
        routes.Get("/flavors/{flavor_id}/os-extra_specs/{id}", ShowSpec).Requires("os_compute_api:os-flavor-extra-specs:show");
        routes.Post("/flavors/{flavor_id}/os-extra_specs", CreateSpecs).Requires("os_compute_api:os-flavor-extra-specs:create");
        routes.Put("/flavors/{flavor_id}/os-extra_specs/{id}", UpdateSpec).Requires("os_compute_api:os-flavor-extra-specs:update");
        routes.Delete("/flavors/{flavor_id}/os-extra_specs/{id}", DeleteSpec).Requires("os_compute_api:os-flavor-extra-specs:delete");

        routes.Get("/flavors/{flavor_id}/os-flavor-access", ListAccess).Requires("os_compute_api:os-flavor-access");
        routes.Action("/flavors/{id}/action", "addTenantAccess", AddAccess).Requires("os_compute_api:os-flavor-access:add_tenant_access");
        routes.Action("/flavors/{id}/action", "removeTenantAccess", RemoveAccess).Requires("os_compute_api:os-flavor-access:remove_tenant_access");
    }

    private async Task<Answer> ListSpecs(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoFlavorQuery>();
        return Answer.Json(new ExtraSpecsResponse((await flavors.Get(caller, caller.Route("flavor_id"), ct)).Specs));
    }

    private async Task<Answer> ShowSpec(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoFlavorQuery>();
        var (id, key) = (caller.Route("flavor_id"), caller.Route("id"));
        var specs = (await flavors.Get(caller, id, ct)).Specs;
        return specs.TryGetValue(key, out var value) ? Answer.Json(new Dictionary<string, string> { [key] = value }) : throw FlavorService.NoSpec(id, key);
    }

    private async Task<Answer> CreateSpecs(RequestContext caller, CancellationToken ct)
    {
        var specs = (await caller.Body<CreateExtraSpecsRequest>(ct)).ExtraSpecs.ToDictionary(s => s.Key, s => Checked(caller, s.Key, s.Value));
        await flavors.SetSpecs(caller.Route("flavor_id"), specs, ct);
        return Answer.Json(new ExtraSpecsResponse(specs));
    }

    private async Task<Answer> UpdateSpec(RequestContext caller, CancellationToken ct)
    {
        var (key, value) = (await caller.Body<ExtraSpec>(ct)).Single();
        var spec = new Dictionary<string, string> { [key] = Checked(caller, key, value) };
        if (key != caller.Route("id"))
            throw Fault.BadRequest($"Request body and URI mismatch");

        await flavors.SetSpecs(caller.Route("flavor_id"), spec, ct);
        return Answer.Json(spec);
    }

    private async Task<Answer> DeleteSpec(RequestContext caller, CancellationToken ct)
    {
        await flavors.RemoveSpec(caller.Route("flavor_id"), caller.Route("id"), ct);
        return Answer.Empty(200);
    }

    private async Task<Answer> ListAccess(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoFlavorQuery>();
        return Access(caller.Route("flavor_id"), await flavors.Access(caller, caller.Route("flavor_id"), ct));
    }

    private async Task<Answer> AddAccess(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<AddAccessRequest>(ct);
        return Access(caller.Route("id"), await flavors.AddAccess(caller, caller.Route("id"), request.Access.ProjectId, ct));
    }

    private async Task<Answer> RemoveAccess(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<RemoveAccessRequest>(ct);
        return Access(caller.Route("id"), await flavors.RemoveAccess(caller, caller.Route("id"), request.Access.ProjectId, ct));
    }

    private static Answer Access(string id, IReadOnlyList<string> projects) => Answer.Json(new FlavorAccessResponse([.. projects.Select(p => new FlavorAccessView(id, p))]));

    // The schema bounds the length of texts only; a number is bounded as the text that is kept of it.
    private static string Checked(RequestContext caller, string name, string value)
    {
        if (value.Length > 255)
            throw Fault.BadRequest($"Invalid input received: extra_specs value has {value.Length} characters, more than 255.");
        if (caller.Since(86))
            ExtraSpecRules.Check(name, value);
        return value;
    }
}
