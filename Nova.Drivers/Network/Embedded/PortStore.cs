using Nova.Modules.Compute;
using Nova.Modules.Networks;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>What a new row of <c>ports</c> says.</summary>
public sealed record NewPort
{
    /// <summary>The id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The network.</summary>
    public required Guid NetworkId { get; init; }

    /// <summary>The owner.</summary>
    public required string ProjectId { get; init; }

    /// <summary>The MAC address.</summary>
    public required string Mac { get; init; }

    /// <summary>Fixed addresses, already taken.</summary>
    public required IReadOnlyList<AddressSpec> Addresses { get; init; }

    /// <summary>Its groups.</summary>
    public IReadOnlyList<Guid> SecurityGroups { get; init; } = [];

    /// <summary>Anti-spoofing and groups apply.</summary>
    public bool PortSecurity { get; init; } = true;

    /// <summary>Whose it is: a server's id, or empty.</summary>
    public string DeviceId { get; init; } = "";

    /// <summary>compute:ZONE, network:…, or empty.</summary>
    public string DeviceOwner { get; init; } = "";

    /// <summary>Where it is bound, or empty.</summary>
    public string Host { get; init; } = "";

    /// <summary>The host name of the guest.</summary>
    public string DnsName { get; init; } = "";

    /// <summary>Not unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Free text or null.</summary>
    public string? Description { get; init; }

    /// <summary>False carries no traffic.</summary>
    public bool AdminStateUp { get; init; } = true;

    /// <summary>normal unless said.</summary>
    public string? VnicType { get; init; }

    /// <summary>JSON of binding:profile, or null.</summary>
    public string? Profile { get; init; }

    /// <summary>Goes with its server.</summary>
    public bool Owned { get; init; }

    /// <summary>Its server has ports of the user too.</summary>
    public bool WithBorrowed { get; init; }
}

/// <summary>The rows of ports and their addresses. What is on the way of a boot is prepared.</summary>
internal static class PortStore
{
    private static readonly SharedInsert NewPorts = new(
        """
        ports (id, network_id, project_id, name, description, mac, admin_state_up, port_security, device_id, device_owner, host,
            vnic_type, profile, dns_name, fixed_ips, security_groups, owned, with_borrowed, revision, created_at, updated_at)
        """, 21, mayConflict: true);

    private static readonly SharedInsert NewAddresses = new("port_addresses (subnet_id, address, port_id)", 3, SharedPlaces.NewParts, mayConflict: true);

    /// <summary>False when the id, or the MAC on this network, is taken.</summary>
    public static bool TryInsert(Tx tx, NewPort port, long now) => tx.Join(
        NewPorts,
        [
            port.Id, port.NetworkId, port.ProjectId, port.Name, port.Description, port.Mac, port.AdminStateUp, port.PortSecurity, port.DeviceId,
            port.DeviceOwner, port.Host, port.VnicType, port.Profile, port.DnsName, PortJson.Write(port.Addresses),
            PortJson.Write(port.SecurityGroups), port.Owned, port.WithBorrowed, 1, now, now,
        ]);

    /// <summary>False when the address is taken.</summary>
    public static bool TryInsertAddress(Tx tx, Guid portId, AddressSpec address) =>
        tx.Join(NewAddresses, [address.SubnetId, address.Address, portId]);

    /// <summary>Whose port an address is, or null.</summary>
    public static string? DeviceAt(Tx tx, AddressSpec address) =>
        tx.One(
            """
            SELECT p.device_id FROM port_addresses a JOIN ports p ON p.id = a.port_id
            WHERE a.subnet_id = $1 AND a.address = $2
            """,
            row => row.Text(0),
            address.SubnetId, address.Address);

    /// <summary>The port, or null.</summary>
    public static BoundPort? Find(Tx tx, Guid portId) =>
        tx.One<BoundPort?>($"SELECT {Columns} FROM ports WHERE id = $1", Read, portId);

    /// <summary>Binds a port to a server and host unless it belongs to another; null when it was not changed.</summary>
    public static BoundPort? Bind(Tx tx, Guid portId, ServerPorts server, long now) =>
        tx.One<BoundPort?>(
            $"""
            UPDATE ports SET device_id = $2, device_owner = $3, host = $4, revision = revision + 1, updated_at = $5,
                dns_name = CASE WHEN dns_name = '' THEN $6 ELSE dns_name END
            WHERE id = $1 AND device_id IN ('', $2)
            RETURNING {Columns}
            """,
            Read,
            portId, server.ServerId.ToString(), "compute:" + server.Zone, server.Host, now, server.Hostname);

    /// <summary>What a bound port was given of its host.</summary>
    public static void SetBound(Tx tx, Guid portId, string bound) => tx.Run("UPDATE ports SET bound = $2 WHERE id = $1", portId, bound);

    /// <summary>The server's own ports shall say that it has borrowed ones too.</summary>
    public static void MarkBorrowing(Tx tx, string deviceId) =>
        tx.Run("UPDATE ports SET with_borrowed = TRUE WHERE device_id = $1 AND device_id <> '' AND owned AND NOT with_borrowed", deviceId);

    /// <summary>Deletes the ports that were made for a server; their addresses go with them.</summary>
    public static List<BoundPort> DeleteOwned(Tx tx, string deviceId) =>
        tx.Many($"DELETE FROM ports WHERE device_id = $1 AND device_id <> '' AND owned RETURNING {Columns}", Read, deviceId);

    /// <summary>A port that is made for a server which has borrowed ones already says so.</summary>
    public static void MarkIfBorrowing(Tx tx, Guid portId, string deviceId) => tx.Run(
        "UPDATE ports SET with_borrowed = TRUE WHERE id = $1 AND EXISTS (SELECT 1 FROM ports b WHERE b.device_id = $2 AND NOT b.owned)", portId, deviceId);

    /// <summary>Deletes one port that was made for a server; null when it was not.</summary>
    public static BoundPort? DeleteOwned(Tx tx, string deviceId, Guid portId) =>
        tx.One<BoundPort?>($"DELETE FROM ports WHERE id = $2 AND device_id = $1 AND owned RETURNING {Columns}", Read, deviceId, portId);

    /// <summary>Unbinds one port that the user made.</summary>
    public static void UnbindBorrowed(Tx tx, string deviceId, Guid portId, long now) =>
        tx.Run(
            """
            UPDATE ports SET device_id = '', device_owner = '', host = '', dns_name = '', bound = NULL, revision = revision + 1, updated_at = $3
            WHERE id = $2 AND device_id = $1 AND NOT owned
            """,
            deviceId, portId, now);

    /// <summary>The ports of a server on a network, in the order in which they were made.</summary>
    public static List<BoundPort> OnNetwork(Tx tx, string deviceId, Guid networkId) =>
        tx.Many($"SELECT {Columns} FROM ports WHERE device_id = $1 AND network_id = $2 ORDER BY id", Read, deviceId, networkId);

    /// <summary>The port of a server that has an address, or null.</summary>
    public static BoundPort? WithAddress(Tx tx, string deviceId, string address) => tx.One<BoundPort?>(
        $"SELECT {Columns} FROM ports WHERE device_id = $1 AND id IN (SELECT port_id FROM port_addresses WHERE address = $2) ORDER BY id LIMIT 1", Read, deviceId, address);

    /// <summary>The port has these addresses.</summary>
    public static void SetAddresses(Tx tx, Guid portId, IReadOnlyList<AddressSpec> addresses, long now) => tx.Run(
        "UPDATE ports SET fixed_ips = $2, revision = revision + 1, updated_at = $3 WHERE id = $1", portId, PortJson.Write(addresses), now);

    /// <summary>Unbinds the ports that the user made.</summary>
    public static void UnbindBorrowed(Tx tx, string deviceId, long now) =>
        tx.Run(
            """
            UPDATE ports SET device_id = '', device_owner = '', host = '', dns_name = '', bound = NULL, revision = revision + 1, updated_at = $2
            WHERE device_id = $1 AND device_id <> '' AND NOT owned
            """,
            deviceId, now);

    private const string Columns = "id, network_id, mac, fixed_ips, security_groups, owned, with_borrowed, device_id, port_security, project_id";

    private static BoundPort Read(SqlRow row) => new(
        row.Uuid(0), row.Uuid(1), row.Text(2), PortJson.Addresses(row.Text(3)), PortJson.Groups(row.Text(4)),
        row.Bool(5), row.Bool(6), row.Text(7), row.Bool(8), row.Text(9));
}

/// <summary>What binding and releasing need of a port.</summary>
internal sealed record BoundPort(
    Guid Id, Guid NetworkId, string Mac, IReadOnlyList<AddressSpec> Addresses, IReadOnlyList<Guid> SecurityGroups,
    bool Owned, bool WithBorrowed, string DeviceId, bool PortSecurity, string ProjectId);
