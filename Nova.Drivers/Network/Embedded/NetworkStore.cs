using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>The rows of networks and subnets.</summary>
internal static class NetworkStore
{
    public static void Insert(Tx tx, NetworkRow network) =>
        tx.Execute(
            """
            INSERT INTO networks (id, project_id, name, description, mtu, admin_state_up, shared, external, is_default, port_security, network_type,
                physical_network, segmentation_id, dns_domain, tags, revision, created_at, updated_at)
            VALUES (@Id, @ProjectId, @Name, @Description, @Mtu, @AdminStateUp, @Shared, @External, @IsDefault, @PortSecurity, @NetworkType,
                @PhysicalNetwork, @SegmentationId, @DnsDomain, @Tags, @Revision, @CreatedAt, @UpdatedAt)
            """,
            network);

    /// <summary>The subnet, with all of its pools free.</summary>
    public static void Insert(Tx tx, SubnetRow subnet)
    {
        tx.Execute(
            """
            INSERT INTO subnets (id, network_id, project_id, name, description, ip_version, cidr, gateway, dhcp, pools, dns_servers, routes,
                ipv6_address_mode, ipv6_ra_mode, tags, revision, created_at, updated_at)
            VALUES (@Id, @NetworkId, @ProjectId, @Name, @Description, @IpVersion, @Cidr, @Gateway, @Dhcp, @Pools, @DnsServers, @Routes,
                @Ipv6AddressMode, @Ipv6RaMode, @Tags, @Revision, @CreatedAt, @UpdatedAt)
            """,
            subnet);
        AddressRanges.Rebuild(tx, subnet.Id, SubnetJson.PoolRanges(subnet), []);
    }

    public static void Update(Tx tx, NetworkRow network) =>
        tx.Execute(
            """
            UPDATE networks SET name = @Name, description = @Description, mtu = @Mtu, admin_state_up = @AdminStateUp, shared = @Shared,
                external = @External, is_default = @IsDefault, port_security = @PortSecurity, network_type = @NetworkType,
                physical_network = @PhysicalNetwork, segmentation_id = @SegmentationId, dns_domain = @DnsDomain, tags = @Tags,
                revision = @Revision, updated_at = @UpdatedAt
            WHERE id = @Id
            """,
            network);

    public static void Update(Tx tx, SubnetRow subnet) =>
        tx.Execute(
            """
            UPDATE subnets SET name = @Name, description = @Description, gateway = @Gateway, dhcp = @Dhcp, pools = @Pools,
                dns_servers = @DnsServers, routes = @Routes, tags = @Tags, revision = @Revision, updated_at = @UpdatedAt
            WHERE id = @Id
            """,
            subnet);

    public static void DeleteSubnet(Tx tx, Guid id) => tx.Execute("DELETE FROM subnets WHERE id = @id", new { id });

    /// <summary>The network with its subnets.</summary>
    public static void Delete(Tx tx, Guid id)
    {
        tx.Execute("DELETE FROM subnets WHERE network_id = @id", new { id });
        tx.Execute("DELETE FROM networks WHERE id = @id", new { id });
    }
}
