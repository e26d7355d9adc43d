using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded.Routers;

/// <summary>What was added to a router or removed from it.</summary>
public sealed record RouterLeg(RouterRow Router, Guid PortId, Guid NetworkId, IReadOnlyList<Guid> Subnets);

/// <summary>The legs of routers: by subnet, with the subnet's gateway address, or by a port with its own addresses.</summary>
public sealed class RouterLegService(
    RouterService routers, PictureCache pictures, SubnetService subnets, NetworkService networks, PortService portService, ServicePorts ports, NetworkQuotas quotas)
{
    /// <summary>The router has a leg in a subnet.</summary>
    public async Task<RouterLeg> Add(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        var router = (await routers.Get(caller, id, ct)).Row;
        NetworkAccess.RequireWriter(caller, router.ProjectId, "add_router_interface");
        var wish = await Read(caller, body, ct);
        List<RouterLegRow> made = [];
        await routers.Change(
            router.Id,
            (tx, row, legs) =>
            {
                var picture = Picture(tx, wish.Network);
                made = wish.Port is { } port ? ByPort(tx, picture, row, legs, port) : [BySubnet(tx, picture, row, legs, wish.Subnet!.Value)];
                foreach (var leg in made)
                    RouterStore.Insert(tx, leg);
                return row;
            },
            ct);
        return new(router, made[0].PortId, made[0].NetworkId, [.. made.Select(leg => leg.SubnetId)]);
    }

    /// <summary>The leg is gone with its port; refused while a floating address needs it.</summary>
    public async Task<RouterLeg> Remove(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        var router = (await routers.Get(caller, id, ct)).Row;
        NetworkAccess.RequireWriter(caller, router.ProjectId, "remove_router_interface");
        var (portId, subnetId) = (body.Text("port_id"), body.Text("subnet_id"));
        if (portId is null && subnetId is null)
            throw RouterFaults.Bad("Either subnet_id or port_id must be specified");

        List<RouterLegRow> gone = [];
        await routers.Change(
            router.Id,
            (tx, row, legs) =>
            {
                gone = Named(row.Id, legs, portId, subnetId);
                foreach (var leg in gone)
                    RefuseWhenNeeded(tx, row, leg);
                tx.Execute("DELETE FROM router_legs WHERE port_id = @PortId", new { gone[0].PortId });
                ports.Remove(tx, gone[0].PortId);
                return row;
            },
            ct);
        return new(router, gone[0].PortId, gone[0].NetworkId, [.. gone.Select(leg => leg.SubnetId)]);
    }

    private async Task<Wish> Read(Caller caller, JsonBody body, CancellationToken ct)
    {
        var (portId, subnetId) = (body.Text("port_id"), body.Text("subnet_id"));
        if (portId is null == subnetId is null)
            throw RouterFaults.Bad(portId is null ? "Either subnet_id or port_id must be specified" : "Cannot specify both subnet-id and port-id");
        if (portId is not null)
        {
            var port = await portService.Get(caller, portId, ct);
            return new(port.NetworkId, null, port.Id);
        }

        // Who takes a subnet's gateway address speaks for all of the network.
        var subnet = await subnets.Get(caller, subnetId!, ct);
        var network = await networks.Get(caller, subnet.NetworkId.ToString(), ct);
        NetworkAccess.RequireWriter(caller, network.Row.ProjectId, "add_router_interface");
        return new(subnet.NetworkId, subnet.Id, null);
    }

    private RouterLegRow BySubnet(Tx tx, NetworkPicture picture, RouterRow row, IReadOnlyList<RouterLegRow> legs, Guid subnetId)
    {
        var subnet = picture.Subnets.TryGetValue(subnetId, out var found) ? found : throw NetworkFaults.SubnetNotFound(subnetId.ToString());
        Check(picture, row, legs, subnet);
        if (!IpNumber.TryParse(subnet.Row.Gateway, out var gateway))
            throw RouterFaults.Bad("Subnet for router interface must have a gateway IP");

        quotas.Check(tx, row.ProjectId, "port");
        var port = ports.Make(tx, picture.Networks[subnet.Row.NetworkId], ServicePorts.Interface, row.Id, row.ProjectId, subnet, gateway);
        return new() { RouterId = row.Id, SubnetId = subnetId, NetworkId = port.NetworkId, PortId = port.Id, Address = gateway.ToString() };
    }

    private static List<RouterLegRow> ByPort(Tx tx, NetworkPicture picture, RouterRow row, IReadOnlyList<RouterLegRow> legs, Guid portId)
    {
        var port = tx.Find<PortRow>($"SELECT {PortRow.Columns} FROM ports WHERE id = @portId {tx.Dialect.ForUpdate}", new { portId })
            ?? throw NetworkFaults.PortNotFound(portId.ToString());
        if (port.DeviceId.Length > 0)
            throw RouterFaults.PortInUse(port);
        var addresses = PortJson.Addresses(port.FixedIps);
        if (addresses.Count == 0)
            throw RouterFaults.Bad("Router port must have at least one fixed IP");

        foreach (var address in addresses)
            Check(picture, row, legs, picture.Subnets[address.SubnetId]);
        tx.Execute(
            "UPDATE ports SET device_id = @device, device_owner = @owner, port_security = FALSE, security_groups = '[]' WHERE id = @portId",
            new { device = row.Id.ToString(), owner = ServicePorts.Interface, portId });
        return [.. addresses.Select(a => new RouterLegRow { RouterId = row.Id, SubnetId = a.SubnetId, NetworkId = port.NetworkId, PortId = portId, Address = a.Address })];
    }

    private static void Check(NetworkPicture picture, RouterRow row, IReadOnlyList<RouterLegRow> legs, PictureSubnet subnet)
    {
        if (legs.Any(leg => leg.SubnetId == subnet.Row.Id))
            throw RouterFaults.Bad($"Router already has a port on subnet {subnet.Row.Id}");
        RouterService.RefuseOverlap(picture, legs.Select(leg => leg.SubnetId).Concat(PortJson.Addresses(row.GatewayIps).Select(a => a.SubnetId)), subnet);
    }

    private static List<RouterLegRow> Named(Guid router, IReadOnlyList<RouterLegRow> legs, string? portId, string? subnetId)
    {
        var found = portId is not null ? legs.Where(leg => leg.PortId.ToString() == portId).ToList() : [];
        if (portId is not null && found.Count == 0)
            throw RouterFaults.NoLegOnPort(router, portId);
        if (portId is not null && subnetId is not null && !found.Exists(leg => leg.SubnetId.ToString() == subnetId))
            throw RouterFaults.SubnetMismatch(found[0].PortId, subnetId);
        if (portId is not null)
            return found;

        var named = legs.FirstOrDefault(leg => leg.SubnetId.ToString() == subnetId) ?? throw RouterFaults.NoLegInSubnet(router, subnetId!);
        return [named, .. legs.Where(leg => leg.PortId == named.PortId && leg != named)];
    }

    private void RefuseWhenNeeded(Tx tx, RouterRow row, RouterLegRow leg)
    {
        var needed = tx.Find<long>(
            """
            SELECT count(*) FROM floating_ips f JOIN port_addresses a ON a.port_id = f.fixed_port_id AND a.address = f.fixed_address
            WHERE f.router_id = @RouterId AND a.subnet_id = @SubnetId
            """,
            new { leg.RouterId, leg.SubnetId });
        if (needed > 0)
            throw RouterFaults.LegInUse(row.Id, leg.SubnetId);
        var cidr = pictures.Get(tx).Subnets.TryGetValue(leg.SubnetId, out var subnet) ? subnet.Cidr : default;
        if (SubnetJson.Routes(row.Routes).Any(route => IpNumber.TryParse(route.Nexthop, out var hop) && cidr.Contains(hop)))
            throw RouterFaults.LegInUseByRoute(row.Id, leg.SubnetId);
    }

    // The picture in memory may be older than a network that another process made a moment ago.
    private NetworkPicture Picture(Tx tx, Guid network) =>
        pictures.Get(tx) is var picture && picture.Networks.ContainsKey(network) ? picture : PictureCache.Load(tx);

    private sealed record Wish(Guid Network, Guid? Subnet, Guid? Port);
}
