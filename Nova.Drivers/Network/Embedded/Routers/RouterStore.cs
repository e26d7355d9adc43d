using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded.Routers;

/// <summary>The rows of routers and their legs.</summary>
internal static class RouterStore
{
    public static void Insert(Tx tx, RouterRow router) =>
        tx.Execute(
            """
            INSERT INTO routers (id, project_id, name, description, admin_state_up, external_network_id, gateway_port_id, gateway_ips, enable_snat,
                routes, tags, revision, created_at, updated_at)
            VALUES (@Id, @ProjectId, @Name, @Description, @AdminStateUp, @ExternalNetworkId, @GatewayPortId, @GatewayIps, @EnableSnat,
                @Routes, @Tags, @Revision, @CreatedAt, @UpdatedAt)
            """,
            router);

    /// <summary>The router, locked until the transaction ends; null when it is gone.</summary>
    public static RouterRow? FindLocked(Tx tx, Guid id) => tx.Find<RouterRow>($"SELECT {RouterRow.Columns} FROM routers WHERE id = @id {tx.Dialect.ForUpdate}", new { id });

    public static void Update(Tx tx, RouterRow router) =>
        tx.Execute(
            """
            UPDATE routers SET name = @Name, description = @Description, admin_state_up = @AdminStateUp, external_network_id = @ExternalNetworkId,
                gateway_port_id = @GatewayPortId, gateway_ips = @GatewayIps, enable_snat = @EnableSnat, routes = @Routes,
                revision = @Revision, updated_at = @UpdatedAt
            WHERE id = @Id
            """,
            router);

    public static void Delete(Tx tx, Guid id) => tx.Execute("DELETE FROM routers WHERE id = @id", new { id });

    public static IReadOnlyList<RouterLegRow> Legs(Tx tx, Guid router) =>
        tx.Query<RouterLegRow>($"SELECT {RouterLegRow.Columns} FROM router_legs WHERE router_id = @router ORDER BY port_id, subnet_id", new { router });

    public static void Insert(Tx tx, RouterLegRow leg) =>
        tx.Execute(
            "INSERT INTO router_legs (router_id, subnet_id, network_id, port_id, address) VALUES (@RouterId, @SubnetId, @NetworkId, @PortId, @Address)", leg);

    /// <summary>A router that leads from a subnet to an external network, or null.</summary>
    public static Guid? Leading(Tx tx, Guid subnet, Guid network) =>
        tx.Find<Guid?>(
            """
            SELECT r.id FROM router_legs l JOIN routers r ON r.id = l.router_id
            WHERE l.subnet_id = @subnet AND r.external_network_id = @network
            ORDER BY r.id LIMIT 1
            """,
            new { subnet, network });
}
