using Nova.Modules.Shared.Http;

namespace Nova.Modules.Quotas;

/// <summary>https://docs.openstack.org/api-ref/compute/#quota-sets-os-quota-sets and the quota classes beside it.</summary>
public sealed class QuotaEndpoints(QuotaService quotas) : IEndpoints
{
    private const string Sets = "os_compute_api:os-quota-sets:";
    private const string Classes = "os_compute_api:os-quota-class-sets:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-quota-sets/{id}", Show).Requires(Sets + "show");
        routes.Put("/os-quota-sets/{id}", Update).Requires(Sets + "update");
        routes.Delete("/os-quota-sets/{id}", Delete).Requires(Sets + "delete");
        routes.Get("/os-quota-sets/{id}/detail", Detail).Requires(Sets + "detail");
        routes.Get("/os-quota-sets/{id}/defaults", Defaults).Requires(Sets + "defaults");

        routes.Get("/os-quota-class-sets/{id}", ShowClass).Requires(Classes + "show");
        routes.Put("/os-quota-class-sets/{id}", UpdateClass).Requires(Classes + "update");
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var (project, user) = Whose(caller, "show");
        return Answer.Json(new QuotaSetResponse<long>(new(project, await quotas.Limits(project, user, ct))));
    }

    private async Task<Answer> Detail(RequestContext caller, CancellationToken ct)
    {
        var (project, user) = Whose(caller, "detail");
        return Answer.Json(new QuotaSetResponse<QuotaDetail>(new(project, await quotas.Details(project, user, ct))));
    }

    private async Task<Answer> Defaults(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new QuotaSetResponse<long>(new(caller.Route("id"), await quotas.Defaults(caller.Route("id"), ct))));

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<UpdateQuotaSetRequest>(ct);
        var (project, user) = Whose(caller, "update");
        return Answer.Json(new QuotaSetResponse<long>(new(null, await quotas.Change(project, user, request.QuotaSet, ct))));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var (project, user) = Whose(caller, "delete");
        await quotas.Reset(project, user, ct);
        return Answer.Empty(202);
    }

    private async Task<Answer> ShowClass(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<QuotaClassQuery>();
        return Answer.Json(new QuotaClassResponse(new(caller.Route("id"), await quotas.OfClass(caller.Route("id"), ct))));
    }

    private async Task<Answer> UpdateClass(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<UpdateQuotaClassRequest>(ct);
        return Answer.Json(new QuotaClassResponse(new(null, await quotas.ChangeClass(caller.Route("id"), request.QuotaClassSet.Limits(), ct))));
    }

    private static (string Project, string? User) Whose(RequestContext caller, string operation)
    {
        var user = caller.QueryAs<QuotaSetQuery>().UserId?[0];
        caller.Require(Sets + operation, new PolicyTarget(caller.Route("id")));
        return (caller.Route("id"), string.IsNullOrEmpty(user) ? null : user);
    }
}
