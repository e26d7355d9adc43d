using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Addresses;

/// <summary>https://docs.openstack.org/api-ref/compute/#servers-ips-servers-ips.</summary>
public sealed class AddressEndpoints(ServerAccess access) : IEndpoints
{
    private const string Rules = "os_compute_api:ips:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/servers/{server_id}/ips", Index).Requires(Rules + "index");
        routes.Get("/servers/{server_id}/ips/{id}", Show).Requires(Rules + "show");
    }

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        return Answer.Json(new AddressesResponse(Plain(await access.Load(caller, caller.Route("server_id"), Rules + "index", ct))));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var name = caller.Route("id");
        var all = Plain(await access.Load(caller, caller.Route("server_id"), Rules + "show", ct));
        return all.TryGetValue(name, out var addresses)
            ? Answer.Json(new Dictionary<string, List<AddressView>> { [name] = addresses })
            : throw Fault.NotFound($"Instance is not a member of specified network");
    }

    private static Dictionary<string, List<AddressView>> Plain(Server server) =>
        ServerViews.Addresses(server, withPorts: false).ToDictionary(n => n.Key, n => n.Value.ConvertAll(a => new AddressView(a.Version, a.Addr)));
}

/// <summary>The addresses by network.</summary>
public sealed record AddressesResponse(IReadOnlyDictionary<string, List<AddressView>> Addresses);
