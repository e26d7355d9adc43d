using Nova.Modules.Compute;

namespace Nova.Drivers.Network.Embedded.Routers;

/// <summary>A row of <c>routers</c>.</summary>
public sealed record RouterRow
{
    /// <summary>The columns that fill it.</summary>
    internal const string Columns =
        """
        id, project_id, name, description, admin_state_up, external_network_id, gateway_port_id, gateway_ips, enable_snat, routes, tags,
            revision, created_at, updated_at
        """;

    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>False carries no traffic.</summary>
    public bool AdminStateUp { get; init; } = true;

    /// <summary>The network that it leads to, or null.</summary>
    public Guid? ExternalNetworkId { get; init; }

    /// <summary>Its port there, or null.</summary>
    public Guid? GatewayPortId { get; init; }

    /// <summary>JSON of its addresses there.</summary>
    public string GatewayIps { get; init; } = "[]";

    /// <summary>Guests without a floating address leave with the router's own.</summary>
    public bool EnableSnat { get; init; } = true;

    /// <summary>JSON array of {destination, nexthop}.</summary>
    public string Routes { get; init; } = "[]";

    /// <summary>JSON array.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>Rises with each change.</summary>
    public long Revision { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }
}

/// <summary>A row of <c>router_legs</c>.</summary>
public sealed record RouterLegRow
{
    /// <summary>The columns that fill it.</summary>
    internal const string Columns = "router_id, subnet_id, network_id, port_id, address";

    /// <summary>The router.</summary>
    public Guid RouterId { get; init; }

    /// <summary>The subnet.</summary>
    public Guid SubnetId { get; init; }

    /// <summary>The subnet's network.</summary>
    public Guid NetworkId { get; init; }

    /// <summary>The port of the router.</summary>
    public Guid PortId { get; init; }

    /// <summary>The router's address in the subnet.</summary>
    public string Address { get; init; } = "";
}

/// <summary>A router with its legs, and as hosts are told of it.</summary>
public sealed class PictureRouter(RouterRow row, IReadOnlyList<RouterLegRow> legs)
{
    /// <summary>The row.</summary>
    public RouterRow Row => row;

    /// <summary>Its addresses in subnets.</summary>
    public IReadOnlyList<RouterLegRow> Legs => legs;

    /// <summary>For the hosts of the networks that it has legs in.</summary>
    internal RouterSpec Spec(IReadOnlyDictionary<Guid, PictureSubnet> subnets) => new()
    {
        Id = row.Id,
        LeadsOut = row is { AdminStateUp: true, EnableSnat: true, ExternalNetworkId: not null },
        Outside = row is { AdminStateUp: true, EnableSnat: true }
            ? PortJson.Addresses(row.GatewayIps).Select(a => a.Address).FirstOrDefault(a => !a.Contains(':', StringComparison.Ordinal))
            : null,
        Legs = row.AdminStateUp
            ? [.. legs.Where(l => subnets.ContainsKey(l.SubnetId)).Select(l => new RouterLegSpec(l.NetworkId, subnets[l.SubnetId].Row.Cidr, l.Address))]
            : [],
        Routes = row.AdminStateUp ? [.. SubnetJson.Routes(row.Routes).Select(r => new RouteSpec(r.Destination, r.Nexthop))] : [],
    };
}
