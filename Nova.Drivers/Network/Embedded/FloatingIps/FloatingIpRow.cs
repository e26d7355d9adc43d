namespace Nova.Drivers.Network.Embedded.FloatingIps;

/// <summary>A row of <c>floating_ips</c>.</summary>
public sealed record FloatingIpRow
{
    /// <summary>The columns that fill it; what counts only beside a fixed port is null without one.</summary>
    internal const string Columns =
        """
        f.id, f.project_id, f.network_id, f.port_id, f.address, f.fixed_port_id, CASE WHEN f.fixed_port_id IS NULL THEN NULL ELSE f.fixed_address END AS fixed_address,
            f.router_id, f.description, f.dns_name, f.dns_domain, f.tags, f.revision, f.created_at, f.updated_at
        """;

    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>The external network.</summary>
    public Guid NetworkId { get; init; }

    /// <summary>The port that holds the address there.</summary>
    public Guid PortId { get; init; }

    /// <summary>The address there.</summary>
    public string Address { get; init; } = "";

    /// <summary>The port that is reached at it, or null.</summary>
    public Guid? FixedPortId { get; init; }

    /// <summary>That port's address, or null.</summary>
    public string? FixedAddress { get; init; }

    /// <summary>The router between the two; counts only beside a fixed port.</summary>
    public Guid? RouterId { get; init; }

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>A host name or empty.</summary>
    public string DnsName { get; init; } = "";

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

/// <summary>A floating address with the port that is reached at it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Port">The port, or null.</param>
public sealed record FloatingIp(FloatingIpRow Row, PortRow? Port);
