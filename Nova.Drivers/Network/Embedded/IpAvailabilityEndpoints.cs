using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>https://docs.openstack.org/api-ref/network/v2/#network-ip-availability-and-usage-stats: how full networks are, for administrators.</summary>
public sealed class IpAvailabilityEndpoints(Db database, PictureCache pictures) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v2.0/network-ip-availabilities", List).AnyCaller();
        routes.Get("/v2.0/network-ip-availabilities/{id}", Show).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        if (!NetworkAccess.IsAdmin(caller.Caller))
            return NetworkList.Of(caller, "network_ip_availabilities", []);

        var used = await Used(ct);
        var version = caller.Query("ip_version");
        return NetworkList.Of(caller, "network_ip_availabilities", (await pictures.Get(ct)).Networks.Values.Select(n => View(n, used, version)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var id = NetworkAccess.Id(caller.Route("id"), NetworkFaults.NetworkNotFound);
        return NetworkAccess.IsAdmin(caller.Caller) && (await pictures.Get(ct)).Networks.TryGetValue(id, out var network)
            ? NetworkList.One(caller, "network_ip_availability", View(network, await Used(ct), version: null))
            : throw NetworkFaults.NetworkNotFound(caller.Route("id"));
    }

    private async Task<IReadOnlyDictionary<Guid, long>> Used(CancellationToken ct) =>
        (await database.Read(rows => rows.Query<UsedRow>("SELECT subnet_id, count(*) AS used FROM port_addresses GROUP BY subnet_id"), ct))
        .ToDictionary(r => r.SubnetId, r => r.Used);

    private static Dictionary<string, object?> View(PictureNetwork network, IReadOnlyDictionary<Guid, long> used, string? version)
    {
        var subnets = network.Subnets.Where(s => version is null || version == (s.Cidr.V6 ? "6" : "4")).ToList();
        return new()
        {
            ["id"] = network.Row.Id.ToString(),
            ["network_id"] = network.Row.Id.ToString(),
            ["network_name"] = network.Row.Name,
            ["tenant_id"] = network.Row.ProjectId,
            ["project_id"] = network.Row.ProjectId,
            ["total_ips"] = subnets.Aggregate(UInt128.Zero, (sum, s) => sum + Total(s)),
            ["used_ips"] = subnets.Sum(s => used.GetValueOrDefault(s.Row.Id)),
            ["subnet_ip_availability"] = subnets.Select(s => new Dictionary<string, object?>
            {
                ["subnet_id"] = s.Row.Id.ToString(),
                ["subnet_name"] = s.Row.Name,
                ["ip_version"] = s.Row.IpVersion,
                ["cidr"] = s.Row.Cidr,
                ["total_ips"] = Total(s),
                ["used_ips"] = used.GetValueOrDefault(s.Row.Id),
            }).ToList(),
        };
    }

    private static UInt128 Total(PictureSubnet subnet) => SubnetJson.Pools(subnet.Row.Pools).Aggregate(
        UInt128.Zero,
        (sum, pool) => IpNumber.TryParse(pool.Start, out var low) && IpNumber.TryParse(pool.End, out var high) ? sum + (high.Value - low.Value) + 1 : sum);

    private sealed class UsedRow
    {
        public Guid SubnetId { get; init; }

        public long Used { get; init; }
    }
}
