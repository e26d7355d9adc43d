using System.Globalization;
using System.Text.Json;
using Nova.Drivers.Network.Embedded.Routers;
using Nova.Drivers.Network.Embedded.Qos;

namespace Nova.Drivers.Network.Embedded;

/// <summary>How networks, subnets, ports and groups look on the wire.</summary>
internal static class NetworkWire
{
    public static Dictionary<string, object?> Of(PictureNetwork network, bool forAdmin)
    {
        var row = network.Row;
        var view = Common(row.Id, row.Name, row.ProjectId, row.Description, row.Tags, row.Revision, row.CreatedAt, row.UpdatedAt);
        view["admin_state_up"] = row.AdminStateUp;
        view["status"] = row.AdminStateUp ? "ACTIVE" : "DOWN";
        view["mtu"] = row.Mtu;
        view["subnets"] = network.Subnets.Select(s => s.Row.Id.ToString()).ToList();
        view["shared"] = row.Shared;
        view["router:external"] = row.External;
        view["is_default"] = row.IsDefault;
        view["port_security_enabled"] = row.PortSecurity;
        view["dns_domain"] = row.DnsDomain;
        view["availability_zone_hints"] = Array.Empty<string>();
        view["availability_zones"] = new[] { "nova" };
        view["ipv4_address_scope"] = null;
        view["ipv6_address_scope"] = null;
        if (forAdmin)
        {
            view["provider:network_type"] = row.NetworkType;
            view["provider:physical_network"] = row.PhysicalNetwork;
            view["provider:segmentation_id"] = row.SegmentationId;
        }

        return view;
    }

    public static Dictionary<string, object?> Of(SubnetRow row)
    {
        var view = Common(row.Id, row.Name, row.ProjectId, row.Description, row.Tags, row.Revision, row.CreatedAt, row.UpdatedAt);
        view["network_id"] = row.NetworkId.ToString();
        view["ip_version"] = row.IpVersion;
        view["cidr"] = row.Cidr;
        view["gateway_ip"] = row.Gateway;
        view["enable_dhcp"] = row.Dhcp;
        view["allocation_pools"] = SubnetJson.Pools(row.Pools).Select(p => new { start = p.Start, end = p.End });
        view["dns_nameservers"] = SubnetJson.Strings(row.DnsServers);
        view["host_routes"] = SubnetJson.Routes(row.Routes).Select(r => new { destination = r.Destination, nexthop = r.Nexthop });
        view["ipv6_address_mode"] = row.Ipv6AddressMode;
        view["ipv6_ra_mode"] = row.Ipv6RaMode;
        view["subnetpool_id"] = null;
        view["service_types"] = Array.Empty<string>();
        view["dns_publish_fixed_ip"] = false;
        return view;
    }

    public static Dictionary<string, object?> Of(PortView port, bool forAdmin)
    {
        var row = port.Row;
        var view = Common(row.Id, row.Name, row.ProjectId, row.Description ?? "", row.Tags ?? "[]", row.Revision, row.CreatedAt, row.UpdatedAt);
        view["network_id"] = row.NetworkId.ToString();
        view["mac_address"] = row.Mac;
        view["admin_state_up"] = row.AdminStateUp;
        view["status"] = StatusOf(row);
        view["device_id"] = row.DeviceId;
        view["device_owner"] = row.DeviceOwner;
        view["fixed_ips"] = FixedIps(row.FixedIps);
        view["security_groups"] = PortJson.Groups(row.SecurityGroups).Select(g => g.ToString()).ToList();
        view["port_security_enabled"] = row.PortSecurity;
        view["allowed_address_pairs"] = Array.Empty<object>();
        view["extra_dhcp_opts"] = Array.Empty<object>();
        view["dns_name"] = row.DnsName;
        view["dns_assignment"] = Array.Empty<object>();
        view["binding:vnic_type"] = row.VnicType ?? "normal";
        view["qos_policy_id"] = row.QosPolicyId?.ToString();
        if (forAdmin)
        {
            view["binding:host_id"] = row.Host;
            view["binding:profile"] = Profile(row);
            view["resource_request"] = PortResources.View(port.Groups);
            view["binding:vif_type"] = row.Host.Length > 0 ? "bridge" : "unbound";
            view["binding:vif_details"] = row.Host.Length > 0 ? new { port_filter = true } : new { };
        }

        return view;
    }

    // What somebody said of the port, and what it was given while it is bound.
    private static Dictionary<string, JsonElement> Profile(PortRow row) => ((string?[])[row.Profile, row.Bound])
        .OfType<string>().SelectMany(json => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json) ?? [])
        .GroupBy(member => member.Key).ToDictionary(member => member.Key, member => member.Last().Value);

    public static Dictionary<string, object?> Of(PictureGroup group)
    {
        var row = group.Row;
        var view = Common(row.Id, row.Name, row.ProjectId, row.Description, row.Tags, row.Revision, row.CreatedAt, row.UpdatedAt);
        view["stateful"] = row.Stateful;
        view["shared"] = false;
        view["security_group_rules"] = group.Rules.Select(Of);
        return view;
    }

    public static Dictionary<string, object?> Of(SecurityGroupRuleRow row) => new()
    {
        ["id"] = row.Id.ToString(),
        ["security_group_id"] = row.GroupId.ToString(),
        ["tenant_id"] = row.ProjectId,
        ["project_id"] = row.ProjectId,
        ["direction"] = row.Ingress ? "ingress" : "egress",
        ["ethertype"] = row.V6 ? "IPv6" : "IPv4",
        ["protocol"] = row.Protocol,
        ["port_range_min"] = row.PortMin,
        ["port_range_max"] = row.PortMax,
        ["remote_group_id"] = row.RemoteGroupId?.ToString(),
        ["remote_ip_prefix"] = row.RemotePrefix,
        ["remote_address_group_id"] = null,
        ["normalized_cidr"] = row.NormalPrefix,
        ["description"] = row.Description,
        ["tags"] = Array.Empty<string>(),
        ["created_at"] = Time(row.CreatedAt),
        ["updated_at"] = Time(row.CreatedAt),
        ["revision_number"] = 0,
    };

    /// <summary>A port of the network service itself carries traffic wherever it is needed.</summary>
    internal static string StatusOf(PortRow row) => row.DeviceOwner switch
    {
        ServicePorts.Floating => "N/A",
        _ => row.AdminStateUp && (row.Host.Length > 0 || ServicePorts.IsOne(row.DeviceOwner)) ? "ACTIVE" : "DOWN",
    };

    internal static List<Dictionary<string, object?>> FixedIps(string json) =>
        [.. PortJson.Addresses(json).Select(a => new Dictionary<string, object?> { ["subnet_id"] = a.SubnetId.ToString(), ["ip_address"] = a.Address })];

    internal static Dictionary<string, object?> Common(
        Guid id, string name, string projectId, string description, string tags, long revision, long createdAt, long updatedAt) => new()
        {
            ["id"] = id.ToString(),
            ["name"] = name,
            ["tenant_id"] = projectId,
            ["project_id"] = projectId,
            ["description"] = description,
            ["tags"] = SubnetJson.Strings(tags),
            ["revision_number"] = revision,
            ["created_at"] = Time(createdAt),
            ["updated_at"] = Time(updatedAt),
        };

    internal static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
