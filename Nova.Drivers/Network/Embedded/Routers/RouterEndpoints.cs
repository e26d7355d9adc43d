using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded.Routers;

/// <summary>https://docs.openstack.org/api-ref/network/v2/#routers-routers.</summary>
public sealed class RouterEndpoints(RouterService routers, RouterLegService legs) : IEndpoints
{
    private const string One = "/v2.0/routers/{id}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        NetworkResource.Map(routes, "routers", "router", new(
            async (c, ct) => (await routers.List(c.Caller, ct)).Select(r => View(c, r)),
            async (c, id, ct) => View(c, await routers.Get(c.Caller, id, ct)),
            async (c, body, ct) => View(c, await routers.Create(c.Caller, body, ct)),
            async (c, id, body, ct) => View(c, await routers.Update(c.Caller, id, body, ct)),
            (c, id, ct) => routers.Delete(c.Caller, id, ct)));
        routes.Put(One + "/add_router_interface", async (c, ct) => Leg(await legs.Add(c.Caller, c.Route("id"), await JsonBody.Read(c, ct), ct))).AnyCaller();
        routes.Put(One + "/remove_router_interface", async (c, ct) => Leg(await legs.Remove(c.Caller, c.Route("id"), await JsonBody.Read(c, ct), ct))).AnyCaller();
        routes.Put(One + "/add_extraroutes", (c, ct) => Routes(c, add: true, ct)).AnyCaller();
        routes.Put(One + "/remove_extraroutes", (c, ct) => Routes(c, add: false, ct)).AnyCaller();
    }

    private async Task<Answer> Routes(RequestContext caller, bool add, CancellationToken ct)
    {
        var body = (await JsonBody.Read(caller, ct)).Object("router");
        return NetworkList.One(caller, "router", View(caller, await routers.ChangeRoutes(caller.Caller, caller.Route("id"), body, add, ct)));
    }

    private static Answer Leg(RouterLeg leg) => Answer.Json(new
    {
        id = leg.Router.Id,
        tenant_id = leg.Router.ProjectId,
        project_id = leg.Router.ProjectId,
        port_id = leg.PortId,
        network_id = leg.NetworkId,
        subnet_id = leg.Subnets[0],
        subnet_ids = leg.Subnets,
    });

    private static Dictionary<string, object?> View(RequestContext caller, PictureRouter router)
    {
        var row = router.Row;
        var view = NetworkWire.Common(row.Id, row.Name, row.ProjectId, row.Description, row.Tags, row.Revision, row.CreatedAt, row.UpdatedAt);
        view["admin_state_up"] = row.AdminStateUp;
        view["status"] = "ACTIVE";
        view["external_gateway_info"] = row.ExternalNetworkId is { } network ? new Dictionary<string, object?>
        {
            ["network_id"] = network.ToString(),
            ["enable_snat"] = row.EnableSnat,
            ["external_fixed_ips"] = NetworkWire.FixedIps(row.GatewayIps),
        } : null;
        view["routes"] = SubnetJson.Routes(row.Routes).Select(r => new { destination = r.Destination, nexthop = r.Nexthop });
        view["availability_zone_hints"] = Array.Empty<string>();
        view["availability_zones"] = new[] { "nova" };
        view["flavor_id"] = null;
        if (NetworkAccess.IsAdmin(caller.Caller))
        {
            view["distributed"] = false;
            view["ha"] = false;
        }

        return view;
    }
}
