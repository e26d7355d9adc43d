using Nova.Modules.Api;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Keypairs;

/// <summary>https://docs.openstack.org/api-ref/compute/#keypairs-keypairs.</summary>
public sealed class KeypairEndpoints(KeypairService keypairs) : IEndpoints
{
    private const string Rule = "os_compute_api:os-keypairs:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-keypairs", List).Requires(Rule + "index");
        routes.Get("/os-keypairs/{id}", Show).Requires(Rule + "show");
        routes.Post("/os-keypairs", Create).Requires(Rule + "create");
        routes.Delete("/os-keypairs/{id}", Delete).Requires(Rule + "delete");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<KeypairListQuery>();
        var user = Owner(caller, "index", query.UserId?[0]);
        Page? page = caller.Since(35) ? Page.Of(caller, query.Limit?.Value, query.Marker) : null;
        var found = await keypairs.List(user, page, ct);
        return Answer.Json(new KeypairListResponse(
            [.. found.Select(k => new KeypairResponse<KeypairSummary>(new(k)))],
            page is { } paged ? caller.Next("os-keypairs", paged.Limit, found.Count, found.LastOrDefault()?.Name) : null));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var user = Owner(caller, "show", caller.QueryAs<KeypairQuery>().UserId?[0]);
        return Answer.Json(new KeypairResponse<KeypairView>(new(await keypairs.Get(user, caller.Route("id"), ct))));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var request = await caller.Body<CreateKeypairRequest>(ct);
        var user = Owner(caller, "create", request.Keypair.UserId);
        var (keypair, privateKey) = await keypairs.Create(caller, user, request.Keypair, ct);

        // 2.2 corrected the status of a create.
        return Answer.Json(new KeypairResponse<CreatedKeypair>(new(keypair, privateKey)), caller.Since(2) ? 201 : 200);
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var user = Owner(caller, "delete", caller.QueryAs<KeypairQuery>().UserId?[0]);
        await keypairs.Delete(user, caller.Route("id"), ct);
        return Answer.Empty(caller.Since(2) ? 204 : 202);
    }

    // A key pair belongs to a user; only an administrator may name another one.
    private static string Owner(RequestContext caller, string operation, string? asked)
    {
        var user = string.IsNullOrEmpty(asked) ? caller.Caller.UserId : asked;
        caller.Require(Rule + operation, new PolicyTarget(null, user));
        return user;
    }
}
