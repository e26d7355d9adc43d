using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded.Routers;

/// <summary>Routers, as the network API changes them; their legs are in <see cref="RouterLegService"/>.</summary>
public sealed class RouterService(
    Db database, PictureCache pictures, NetworkService networks, ServicePorts ports, ServerPortRows servers, NetworkQuotas quotas, TimeProvider time, Ids ids)
{
    private const int MostRoutes = 30;

    private static readonly string[] AdminMembers = ["distributed", "ha"];

    /// <summary>The routers that the caller may see.</summary>
    public async Task<IEnumerable<PictureRouter>> List(Caller caller, CancellationToken ct) =>
        (await pictures.Get(ct)).Routers.Values.Where(r => NetworkAccess.Owns(caller, r.Row.ProjectId));

    /// <summary>A router that the caller may see.</summary>
    public async Task<PictureRouter> Get(Caller caller, string id, CancellationToken ct) =>
        (await pictures.Get(ct)).Routers.TryGetValue(NetworkAccess.Id(id, RouterFaults.NotFound), out var router) && NetworkAccess.Owns(caller, router.Row.ProjectId)
            ? router
            : throw RouterFaults.NotFound(id);

    /// <summary>A new router, with or without a gateway.</summary>
    public async Task<PictureRouter> Create(Caller caller, JsonBody body, CancellationToken ct)
    {
        var project = NetworkAccess.ProjectOf(caller, body);
        NetworkAccess.RequireWriter(caller, project, "create_router");
        NetworkAccess.RefuseUnlessAdmin(caller, body, "create_router", AdminMembers);
        var wish = await Gateway(caller, body, "create_router", ct);
        var now = Now();
        var row = Merge(new RouterRow { Id = ids.Next(), ProjectId = project, Revision = 1, CreatedAt = now, UpdatedAt = now }, body);
        await database.Write(
            tx =>
            {
                quotas.Check(tx, project, "router");
                RouterStore.Insert(tx, WithGateway(tx, row, wish, []));
                pictures.Changed(tx);
            },
            ct);
        return await Get(caller, row.Id.ToString(), ct);
    }

    /// <summary>Changes what the body names.</summary>
    public async Task<PictureRouter> Update(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        var old = (await Get(caller, id, ct)).Row;
        NetworkAccess.RequireWriter(caller, old.ProjectId, "update_router");
        NetworkAccess.RefuseUnlessAdmin(caller, body, "update_router", AdminMembers);
        var wish = await Gateway(caller, body, "update_router", ct);
        await Change(old.Id, (tx, row, legs) => WithGateway(tx, WithRoutes(tx, Merge(row, body), body.Objects("routes"), legs), wish, legs), ct);
        return await Get(caller, id, ct);
    }

    /// <summary>Adds or removes single routes, whatever others the router has.</summary>
    public async Task<PictureRouter> ChangeRoutes(Caller caller, string id, JsonBody body, bool add, CancellationToken ct)
    {
        var old = (await Get(caller, id, ct)).Row;
        NetworkAccess.RequireWriter(caller, old.ProjectId, add ? "add_extraroutes" : "remove_extraroutes");
        var named = body.Objects("routes") ?? throw NetworkFaults.Invalid("'routes' is a required property");
        await Change(
            old.Id,
            (tx, row, legs) =>
            {
                var present = SubnetJson.Routes(row.Routes);
                var routes = Routes(named);
                var next = add ? [.. present, .. routes.Except(present)] : present.Except(routes).ToList();
                return Checked(tx, row with { Routes = SubnetJson.Write(next) }, next, legs);
            },
            ct);
        return await Get(caller, id, ct);
    }

    /// <summary>The router is gone; refused while it has a leg.</summary>
    public async Task Delete(Caller caller, string id, CancellationToken ct)
    {
        var old = (await Get(caller, id, ct)).Row;
        NetworkAccess.RequireWriter(caller, old.ProjectId, "delete_router");
        await database.Write(
            tx =>
            {
                var row = RouterStore.FindLocked(tx, old.Id) ?? throw RouterFaults.NotFound(id);
                if (RouterStore.Legs(tx, row.Id).Count > 0)
                    throw RouterFaults.InUse(row.Id);
                tx.Execute("UPDATE floating_ips SET router_id = NULL WHERE router_id = @Id", new { row.Id });
                RouterStore.Delete(tx, row.Id);
                if (row.GatewayPortId is { } port)
                    ports.Remove(tx, port);
                pictures.Changed(tx);
            },
            ct);
    }

    /// <summary>Changes a router under its lock; hosts with a guest on one of its networks are told.</summary>
    internal Task Change(Guid id, Func<Tx, RouterRow, IReadOnlyList<RouterLegRow>, RouterRow> change, CancellationToken ct) => database.Write(
        tx =>
        {
            var row = RouterStore.FindLocked(tx, id) ?? throw RouterFaults.NotFound(id.ToString());
            var before = RouterStore.Legs(tx, id);
            RouterStore.Update(tx, change(tx, row, before) with { Revision = row.Revision + 1, UpdatedAt = Now() });
            pictures.Changed(tx);
            foreach (var network in before.Concat(RouterStore.Legs(tx, id)).Select(leg => leg.NetworkId).Distinct())
                servers.NetworkChanged(tx, network);
        },
        ct);

    /// <summary>Two subnets of a router must not share an address.</summary>
    internal static void RefuseOverlap(NetworkPicture picture, IEnumerable<Guid> present, PictureSubnet subnet)
    {
        foreach (var id in present)
            if (picture.Subnets.TryGetValue(id, out var other) && other.Cidr.Overlaps(subnet.Cidr))
                throw RouterFaults.Bad($"Cidr {subnet.Cidr} of subnet {subnet.Row.Id} overlaps with cidr {other.Cidr} of subnet {other.Row.Id}");
    }

    private static RouterRow Merge(RouterRow row, JsonBody body) => row with
    {
        Name = body.Text("name") ?? row.Name,
        Description = body.Text("description") ?? row.Description,
        AdminStateUp = body.Bool("admin_state_up") ?? row.AdminStateUp,
    };

    private async Task<GatewayWish?> Gateway(Caller caller, JsonBody body, string rule, CancellationToken ct)
    {
        if (!body.Has("external_gateway_info"))
            return null;
        if (body.Find("external_gateway_info") is not { } info || !info.Element.EnumerateObject().Any())
            return new(null, true, null);

        NetworkAccess.RefuseUnlessAdmin(caller, info, rule + ":external_gateway_info", "external_fixed_ips");
        if (info.Bool("enable_snat") is { } && !NetworkAccess.IsAdmin(caller))
            throw NetworkFaults.NotAllowed(rule + ":external_gateway_info:enable_snat");
        var network = await networks.Get(caller, info.Required("network_id"), ct);
        return network.Row.External
            ? new(network, info.Bool("enable_snat") ?? true, info.Objects("external_fixed_ips"))
            : throw RouterFaults.Bad($"Network {network.Row.Id} is not an external network");
    }

    private RouterRow WithGateway(Tx tx, RouterRow row, GatewayWish? wish, IReadOnlyList<RouterLegRow> legs)
    {
        if (wish is null)
            return row;

        var (old, network) = (row.ExternalNetworkId, wish.Network);
        if (network is not null && network.Row.Id == old && wish.FixedIps is null)
            return row with { EnableSnat = wish.Snat };
        if (old is { } former && former != network?.Row.Id && IsNeeded(tx, row.Id))
            throw RouterFaults.GatewayInUse(row.Id, former);
        if (row.GatewayPortId is { } port)
            ports.Remove(tx, port);
        if (network is null)
            return row with { ExternalNetworkId = null, GatewayPortId = null, GatewayIps = "[]", EnableSnat = true };

        var picture = pictures.Get(tx);
        foreach (var subnet in network.Subnets)
            RefuseOverlap(picture, legs.Select(leg => leg.SubnetId), subnet);
        var made = ports.Make(tx, network, ServicePorts.Gateway, row.Id, "", wish.FixedIps);
        return row with { ExternalNetworkId = network.Row.Id, GatewayPortId = made.Id, GatewayIps = PortJson.Write(made.Addresses), EnableSnat = wish.Snat };
    }

    private static bool IsNeeded(Tx tx, Guid router) =>
        tx.Find<long>("SELECT count(*) FROM floating_ips WHERE router_id = @router AND fixed_port_id IS NOT NULL", new { router }) > 0;

    private RouterRow WithRoutes(Tx tx, RouterRow row, IReadOnlyList<JsonBody>? wanted, IReadOnlyList<RouterLegRow> legs) =>
        wanted is null ? row : Routes(wanted) is var routes ? Checked(tx, row with { Routes = SubnetJson.Write(routes) }, routes, legs) : row;

    private static List<HostRoute> Routes(IReadOnlyList<JsonBody> bodies) => [.. bodies.Select(SubnetService.Route).Distinct()];

    private RouterRow Checked(Tx tx, RouterRow row, IReadOnlyList<HostRoute> routes, IReadOnlyList<RouterLegRow> legs)
    {
        if (routes.Count > MostRoutes)
            throw NetworkFaults.Typed(
                Fault.BadRequest($"Unable to complete operation for {row.Id}. The number of routes exceeds the maximum {MostRoutes}."), "RoutesExhausted");

        var picture = pictures.Get(tx);
        var subnets = legs.Select(leg => leg.SubnetId).Concat(PortJson.Addresses(row.GatewayIps).Select(a => a.SubnetId))
            .Select(id => picture.Subnets.GetValueOrDefault(id)).OfType<PictureSubnet>().ToList();
        foreach (var route in routes)
            if (!IpNumber.TryParse(route.Nexthop, out var hop) || !subnets.Exists(s => s.Cidr.Contains(hop)))
                throw RouterFaults.Route($"{route.Nexthop}, the nexthop is not connected with router");
            else if (legs.Any(leg => leg.Address == route.Nexthop))
                throw RouterFaults.Route($"{route.Nexthop}, the nexthop is used by router");
        return row;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    // A null network clears the gateway.
    private sealed record GatewayWish(PictureNetwork? Network, bool Snat, IReadOnlyList<JsonBody>? FixedIps);
}
