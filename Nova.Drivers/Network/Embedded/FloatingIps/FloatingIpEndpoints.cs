using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded.FloatingIps;

/// <summary>https://docs.openstack.org/api-ref/network/v2/#floating-ips-floatingips.</summary>
public sealed class FloatingIpEndpoints(FloatingIpService floating) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => NetworkResource.Map(routes, "floatingips", "floatingip", new(
        async (c, ct) => (await floating.List(c.Caller, ct)).Select(View),
        async (c, id, ct) => View(await floating.Get(c.Caller, id, ct)),
        async (c, body, ct) => View(await floating.Create(c.Caller, body, ct)),
        async (c, id, body, ct) => View(await floating.Update(c.Caller, id, body, ct)),
        (c, id, ct) => floating.Delete(c.Caller, id, ct)));

    private static Dictionary<string, object?> View(FloatingIp floating)
    {
        var (row, port) = (floating.Row, floating.Port);
        var view = NetworkWire.Common(row.Id, "", row.ProjectId, row.Description, row.Tags, row.Revision, row.CreatedAt, row.UpdatedAt);
        view.Remove("name");
        view["floating_network_id"] = row.NetworkId.ToString();
        view["floating_ip_address"] = row.Address;
        view["fixed_ip_address"] = row.FixedAddress;
        view["port_id"] = row.FixedPortId?.ToString();
        view["router_id"] = row.FixedPortId is null ? null : row.RouterId?.ToString();
        view["status"] = row.FixedPortId is null ? "DOWN" : "ACTIVE";
        view["port_details"] = port is null ? null : new Dictionary<string, object?>
        {
            ["name"] = port.Name,
            ["network_id"] = port.NetworkId.ToString(),
            ["mac_address"] = port.Mac,
            ["admin_state_up"] = port.AdminStateUp,
            ["status"] = NetworkWire.StatusOf(port),
            ["device_id"] = port.DeviceId,
            ["device_owner"] = port.DeviceOwner,
        };
        view["dns_name"] = row.DnsName;
        view["dns_domain"] = row.DnsDomain;
        view["qos_policy_id"] = null;
        view["port_forwardings"] = Array.Empty<object>();
        return view;
    }
}
