namespace Nova.Drivers.Network.Embedded;

/// <summary>A row of <c>ports</c>, whole, for the API.</summary>
public sealed record PortRow
{
    /// <summary>The columns that fill it.</summary>
    internal const string Columns =
        """
        id, network_id, project_id, name, description, mac, admin_state_up, port_security, device_id, device_owner, host, vnic_type, profile,
            dns_name, fixed_ips, security_groups, tags, owned, revision, created_at, updated_at, qos_policy_id, bound
        """;

    /// <summary>The id.</summary>
    public Guid Id { get; init; }

    /// <summary>The network.</summary>
    public Guid NetworkId { get; init; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>Not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }

    /// <summary>Lower-case, colon separated.</summary>
    public string Mac { get; init; } = "";

    /// <summary>False carries no traffic.</summary>
    public bool AdminStateUp { get; init; } = true;

    /// <summary>Anti-spoofing and groups apply.</summary>
    public bool PortSecurity { get; init; } = true;

    /// <summary>A server's id or empty.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary>compute:ZONE … or empty.</summary>
    public string DeviceOwner { get; init; } = "";

    /// <summary>Where it is bound, or empty.</summary>
    public string Host { get; init; } = "";

    /// <summary>Null is normal.</summary>
    public string? VnicType { get; init; }

    /// <summary>JSON or null.</summary>
    public string? Profile { get; init; }

    /// <summary>A host name or empty.</summary>
    public string DnsName { get; init; } = "";

    /// <summary>JSON.</summary>
    public string FixedIps { get; init; } = "[]";

    /// <summary>JSON.</summary>
    public string SecurityGroups { get; init; } = "[]";

    /// <summary>JSON or null.</summary>
    public string? Tags { get; init; }

    /// <summary>The policy that guarantees what it has, or null.</summary>
    public Guid? QosPolicyId { get; init; }

    /// <summary>JSON of what it was given while it is bound, or null.</summary>
    public string? Bound { get; init; }

    /// <summary>Goes with its server.</summary>
    public bool Owned { get; init; }

    /// <summary>Rises with each change.</summary>
    public long Revision { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }
}

/// <summary>A port as the API shows it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Groups">What it takes of its host; null for nothing.</param>
public sealed record PortView(PortRow Row, IReadOnlyList<Nova.Modules.Scheduling.ResourceGroup>? Groups);
