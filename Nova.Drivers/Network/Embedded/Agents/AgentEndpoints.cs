using System.Globalization;
using Nova.Modules.Hosts;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded.Agents;

/// <summary>
/// https://docs.openstack.org/api-ref/network/v2/#agents: what carries networks on a host is part of its compute process, so there
/// is one agent per host, alive as long as the host is. Only administrators see them.
/// </summary>
public sealed class AgentEndpoints(Db database, IHostLiveness liveness) : IEndpoints
{
    private const string Select = "SELECT id, name, created_at FROM hosts";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v2.0/agents", List).AnyCaller();
        routes.Get("/v2.0/agents/{id}", Show).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        IEnumerable<HostRow> hosts = NetworkAccess.IsAdmin(caller.Caller) ? await database.Read(rows => rows.Query<HostRow>(Select + " ORDER BY id"), ct) : [];
        return NetworkList.Of(caller, "agents", hosts.Select(View));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var id = NetworkAccess.Id(caller.Route("id"), NetworkFaults.AgentNotFound);
        var host = NetworkAccess.IsAdmin(caller.Caller) ? await database.Read(rows => rows.Find<HostRow>(Select + " WHERE id = @id", new { id }), ct) : null;
        return NetworkList.One(caller, "agent", View(host ?? throw NetworkFaults.AgentNotFound(caller.Route("id"))));
    }

    private Dictionary<string, object?> View(HostRow host) => new()
    {
        ["id"] = host.Id.ToString(),
        ["agent_type"] = "Linux bridge agent",
        ["binary"] = "neutron-linuxbridge-agent",
        ["topic"] = "N/A",
        ["host"] = host.Name,
        ["availability_zone"] = null,
        ["admin_state_up"] = true,
        ["alive"] = liveness.IsUp(host.Id),
        ["created_at"] = Time(host.CreatedAt),
        ["started_at"] = Time(host.CreatedAt),
        ["heartbeat_timestamp"] = Time(liveness.SeenAt(host.Id) ?? host.CreatedAt),
        ["description"] = null,
        ["configurations"] = new { },
        ["resources_synced"] = null,
        ["resource_versions"] = new { },
    };

    private static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private sealed class HostRow
    {
        public Guid Id { get; init; }

        public string Name { get; init; } = "";

        public long CreatedAt { get; init; }
    }
}
