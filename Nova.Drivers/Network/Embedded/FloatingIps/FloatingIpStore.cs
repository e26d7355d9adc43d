using Nova.Modules.Compute;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded.FloatingIps;

/// <summary>The rows of floating addresses.</summary>
internal static class FloatingIpStore
{
    public static void Insert(Tx tx, FloatingIpRow row) =>
        tx.Execute(
            """
            INSERT INTO floating_ips (id, project_id, network_id, port_id, address, fixed_port_id, fixed_address, router_id, description, dns_name,
                dns_domain, tags, revision, created_at, updated_at)
            VALUES (@Id, @ProjectId, @NetworkId, @PortId, @Address, @FixedPortId, @FixedAddress, @RouterId, @Description, @DnsName,
                @DnsDomain, @Tags, @Revision, @CreatedAt, @UpdatedAt)
            """,
            row);

    /// <summary>The floating address, locked until the transaction ends; null when it is gone.</summary>
    public static FloatingIpRow? FindLocked(Tx tx, Guid id) =>
        tx.Find<FloatingIpRow>($"SELECT {FloatingIpRow.Columns} FROM floating_ips f WHERE f.id = @id {tx.Dialect.ForUpdate}", new { id });

    public static void Update(Tx tx, FloatingIpRow row) =>
        tx.Execute(
            """
            UPDATE floating_ips SET fixed_port_id = @FixedPortId, fixed_address = @FixedAddress, router_id = @RouterId, description = @Description,
                revision = @Revision, updated_at = @UpdatedAt
            WHERE id = @Id
            """,
            row);

    public static void Delete(Tx tx, Guid id) => tx.Execute("DELETE FROM floating_ips WHERE id = @id", new { id });

    /// <summary>The port, locked until the transaction ends; null when it is gone.</summary>
    public static PortRow? PortLocked(Tx tx, Guid id) => tx.Find<PortRow>($"SELECT {PortRow.Columns} FROM ports WHERE id = @id {tx.Dialect.ForUpdate}", new { id });

    /// <summary>The floating addresses of a port, as servers and hosts are told of them; null for none.</summary>
    public static IReadOnlyList<FloatingSpec>? Of(Tx tx, Guid port) =>
        tx.Many(
            "SELECT fixed_address, address FROM floating_ips WHERE fixed_port_id = $1 ORDER BY id",
            row => new FloatingSpec(row.Text(0), row.Text(1)),
            port) is { Count: > 0 } found ? found : null;

    /// <summary>Floating addresses of fixed addresses that the port has no more are unbound.</summary>
    public static void Keep(Tx tx, Guid port, IReadOnlyList<string> addresses)
    {
        foreach (var gone in (Of(tx, port) ?? []).Where(f => !addresses.Contains(f.Fixed)))
            tx.Execute("UPDATE floating_ips SET fixed_port_id = NULL WHERE fixed_port_id = @port AND fixed_address = @Fixed", new { port, gone.Fixed });
    }

    /// <summary>True when another floating address of the network leads to this one of the port.</summary>
    public static bool IsTaken(Tx tx, FloatingIpRow row) =>
        tx.Find<long>(
            """
            SELECT count(*) FROM floating_ips
            WHERE fixed_port_id = @FixedPortId AND fixed_address = @FixedAddress AND network_id = @NetworkId AND id <> @Id
            """,
            row) > 0;
}
