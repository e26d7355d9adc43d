using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.NetworkProxy;

/// <summary>Floating addresses as Compute gave them out until 2.35: https://docs.openstack.org/api-ref/compute/#floating-ips-os-floating-ips-deprecated.</summary>
public sealed class FloatingIpEndpoints(INetworkCatalog network) : IEndpoints
{
    private const int Last = 35;
    private const string Rules = "os_compute_api:os-floating-ips:";
    private const string DefaultPool = "nova";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-floating-ip-pools", Pools).Until(Last).Requires("os_compute_api:os-floating-ip-pools");
        routes.Get("/os-floating-ips", List).Until(Last).Requires(Rules + "list");
        routes.Post("/os-floating-ips", Create).Until(Last).Requires(Rules + "create");
        routes.Get("/os-floating-ips/{id}", Show).Until(Last).Requires(Rules + "show");
        routes.Delete("/os-floating-ips/{id}", Delete).Until(Last).Requires(Rules + "delete");
    }

    private async Task<Answer> Pools(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new PoolListResponse([.. (await network.Networks(caller.Caller, ct)).Where(n => n.IsExternal).Select(n => new FloatingPool(n.Name))]));

    // An administrator too sees those of the token's project alone.
    private async Task<Answer> List(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new FloatingListResponse([.. (await network.FloatingIps(caller.Caller, ct)).Where(f => f.ProjectId == caller.Caller.ProjectId).Select(View)]));

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct) => Answer.Json(new FloatingResponse(View(await Find(caller, ct))));

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var named = (await caller.Body<FloatingRequest>(ct)).Pool;
        var pool = Choose([.. (await network.Networks(caller.Caller, ct)).Where(n => n.IsExternal)], string.IsNullOrEmpty(named) ? null : named);
        try
        {
            return Answer.Json(new FloatingResponse(View(await network.TakeFloatingIp(caller.Caller, pool.Id, ct))));
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Conflict)
        {
            var isQuota = fault.Text.ToString().StartsWith("Quota exceeded", StringComparison.Ordinal);
            throw (isQuota, named) switch
            {
                (true, null) => Fault.Forbidden($"IP allocation over quota."),
                (true, _) => Fault.Forbidden($"IP allocation over quota in pool {named}."),
                (false, null) => Fault.NotFound($"No more floating IPs available."),
                (false, _) => Fault.NotFound($"No more floating IPs in pool {named}."),
            };
        }
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        await network.GiveFloatingIp(caller.Caller, (await Find(caller, ct)).Id, ct);
        return Answer.Empty(202);
    }

    private static CatalogNetwork Choose(IReadOnlyList<CatalogNetwork> pools, string? named)
    {
        var found = pools.Where(n => n.Name == (named ?? DefaultPool) || n.Id.ToString() == named).ToList();
        if (found.Count == 0 && named is null)
            found = [.. pools.Where(n => n.IsDefault)];
        return found switch
        {
            [var one] => one,
            [] => throw Fault.NotFound($"Floating IP pool not found."),
            _ => throw Fault.BadRequest($"Multiple floating IP pools matches found for name '{named ?? DefaultPool}'"),
        };
    }

    private async Task<CatalogFloatingIp> Find(RequestContext caller, CancellationToken ct) =>
        (await network.FloatingIps(caller.Caller, ct)).FirstOrDefault(f => f.Id.ToString() == caller.Route("id"))
        ?? throw Fault.NotFound($"Floating IP not found for ID {caller.Route("id")}");

    private static FloatingView View(CatalogFloatingIp floating) => new(floating.Id, floating.Address, floating.Pool, floating.FixedAddress, floating.Server);
}

/// <summary>GET /os-floating-ip-pools.</summary>
public sealed record PoolListResponse(IReadOnlyList<FloatingPool> FloatingIpPools);

/// <summary>An external network.</summary>
public sealed record FloatingPool(string Name);

/// <summary>GET /os-floating-ips.</summary>
public sealed record FloatingListResponse(IReadOnlyList<FloatingView> FloatingIps);

/// <summary>One floating address.</summary>
public sealed record FloatingResponse(FloatingView FloatingIp);

/// <summary>A floating address and where it leads.</summary>
public sealed record FloatingView(Guid Id, string Ip, string Pool, string? FixedIp, Guid? InstanceId);
