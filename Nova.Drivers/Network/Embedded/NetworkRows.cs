namespace Nova.Drivers.Network.Embedded;

/// <summary>A row of <c>networks</c>.</summary>
public sealed record NetworkRow
{
    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>Bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>False takes no new ports of servers.</summary>
    public bool AdminStateUp { get; init; } = true;

    /// <summary>Every project may use it.</summary>
    public bool Shared { get; init; }

    /// <summary>Leads outside (<c>router:external</c>).</summary>
    public bool External { get; init; }

    /// <summary>The default external network.</summary>
    public bool IsDefault { get; init; }

    /// <summary>What new ports have.</summary>
    public bool PortSecurity { get; init; } = true;

    /// <summary>local; flat has an address on the host itself.</summary>
    public string NetworkType { get; init; } = "local";

    /// <summary>As an admin said, or null.</summary>
    public string? PhysicalNetwork { get; init; }

    /// <summary>As an admin said, or null.</summary>
    public long? SegmentationId { get; init; }

    /// <summary>A domain name or empty.</summary>
    public string DnsDomain { get; init; } = "";

    /// <summary>JSON array.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>Rises with each change.</summary>
    public long Revision { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }
}

/// <summary>A row of <c>subnets</c>.</summary>
public sealed record SubnetRow
{
    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The network.</summary>
    public Guid NetworkId { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>4 or 6.</summary>
    public int IpVersion { get; init; }

    /// <summary>Such as 10.0.0.0/24.</summary>
    public string Cidr { get; init; } = "";

    /// <summary>An address of the subnet, or null for none.</summary>
    public string? Gateway { get; init; }

    /// <summary>False when guests configure themselves.</summary>
    public bool Dhcp { get; init; } = true;

    /// <summary>JSON array of {start, end}.</summary>
    public string Pools { get; init; } = "[]";

    /// <summary>JSON array of addresses.</summary>
    public string DnsServers { get; init; } = "[]";

    /// <summary>JSON array of {destination, nexthop}.</summary>
    public string Routes { get; init; } = "[]";

    /// <summary>slaac, dhcpv6-stateful, dhcpv6-stateless or null.</summary>
    public string? Ipv6AddressMode { get; init; }

    /// <summary>slaac, dhcpv6-stateful, dhcpv6-stateless or null.</summary>
    public string? Ipv6RaMode { get; init; }

    /// <summary>JSON array.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>Rises with each change.</summary>
    public long Revision { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }

    /// <summary>True when a port's address follows from its MAC.</summary>
    public bool IsFromMac => Ipv6AddressMode is "slaac" or "dhcpv6-stateless";
}

/// <summary>A row of <c>security_groups</c>.</summary>
public sealed record SecurityGroupRow
{
    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Not unique, but <c>default</c> is kept for the default group.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>The one group of its project that ports get unless they say otherwise.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Answers to allowed traffic are allowed.</summary>
    public bool Stateful { get; init; } = true;

    /// <summary>JSON array.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>Rises with each change.</summary>
    public long Revision { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }
}

/// <summary>A row of <c>security_group_rules</c>.</summary>
public sealed record SecurityGroupRuleRow
{
    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The group.</summary>
    public Guid GroupId { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>True for traffic to the port.</summary>
    public bool Ingress { get; init; }

    /// <summary>True for IPv6.</summary>
    public bool V6 { get; init; }

    /// <summary>As given: a name, a number, or null for any.</summary>
    public string? Protocol { get; init; }

    /// <summary>First port or ICMP type.</summary>
    public int? PortMin { get; init; }

    /// <summary>Last port or ICMP code.</summary>
    public int? PortMax { get; init; }

    /// <summary>Peers are the ports of this group.</summary>
    public Guid? RemoteGroupId { get; init; }

    /// <summary>Peers are in this prefix, in the user's form: bits behind the prefix need not be zero.</summary>
    public string? RemotePrefix { get; init; }

    /// <summary>The same as hosts and comparisons take it.</summary>
    public string? NormalPrefix => Cidr.TryParse(RemotePrefix, out var cidr) ? cidr.ToString() : RemotePrefix;

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}
