using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Subnets, as the network API changes them.</summary>
public sealed class SubnetService(Db database, PictureCache pictures, NetworkService networks, ServerPortRows servers, NetworkQuotas quotas, TimeProvider time, Ids ids)
{
    /// <summary>The subnets that the caller may see.</summary>
    public async Task<IEnumerable<SubnetRow>> List(Caller caller, CancellationToken ct) =>
        (await networks.List(caller, ct)).SelectMany(n => n.Subnets).Select(s => s.Row);

    /// <summary>A subnet that the caller may see.</summary>
    public async Task<SubnetRow> Get(Caller caller, string id, CancellationToken ct)
    {
        var picture = await pictures.Get(ct);
        return picture.Subnets.TryGetValue(NetworkAccess.Id(id, NetworkFaults.SubnetNotFound), out var subnet)
            && NetworkAccess.MaySee(caller, picture.Networks[subnet.Row.NetworkId].Row)
                ? subnet.Row
                : throw NetworkFaults.SubnetNotFound(id);
    }

    /// <summary>A new subnet with all of its pools free.</summary>
    public async Task<SubnetRow> Create(Caller caller, JsonBody body, CancellationToken ct)
    {
        var network = await networks.Get(caller, body.Required("network_id"), ct);
        NetworkAccess.RequireWriter(caller, network.Row.ProjectId, "create_subnet");
        var cidr = Prefix(body);
        var now = Now();
        var gateway = body.IsNull("gateway_ip") ? null : body.Text("gateway_ip") is { } given ? Address(given, "gateway_ip") : DefaultGateway(cidr);
        var row = new SubnetRow
        {
            Id = ids.Next(),
            NetworkId = network.Row.Id,
            ProjectId = network.Row.ProjectId,
            IpVersion = cidr.V6 ? 6 : 4,
            Cidr = cidr.ToString(),
            Gateway = gateway,
            Pools = SubnetJson.Write(body.Objects("allocation_pools") is { } pools ? SubnetPools.Read(pools, cidr, gateway) : SubnetPools.Default(cidr, gateway)),
            Ipv6AddressMode = Mode(body, "ipv6_address_mode", cidr),
            Ipv6RaMode = Mode(body, "ipv6_ra_mode", cidr),
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        row = Merge(row, body);
        await database.Write(
            tx =>
            {
                quotas.Check(tx, row.ProjectId, "subnet");
                RefuseOverlap(tx, network.Row.Id, cidr);
                NetworkStore.Insert(tx, row);
                pictures.Changed(tx);
                servers.NetworkChanged(tx, row.NetworkId);
            },
            ct);
        return row;
    }

    /// <summary>Changes what the body names; new pools take the addresses in use into account.</summary>
    public async Task<SubnetRow> Update(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        var old = await Get(caller, id, ct);
        NetworkAccess.RequireWriter(caller, old.ProjectId, "update_subnet");
        var cidr = Cidr.TryParse(old.Cidr, out var known) ? known : default;
        var gateway = body.IsNull("gateway_ip") ? null : body.Text("gateway_ip") is { } given ? Address(given, "gateway_ip") : old.Gateway;
        var pools = body.Objects("allocation_pools");
        var row = Merge(old, body) with
        {
            Gateway = gateway,
            Pools = pools is null ? old.Pools : SubnetJson.Write(SubnetPools.Read(pools, cidr, gateway)),
            Revision = old.Revision + 1,
            UpdatedAt = Now(),
        };
        SubnetPools.RefuseGatewayInside(SubnetJson.Pools(row.Pools), gateway);
        await database.Write(
            tx =>
            {
                if (old.Gateway != gateway && tx.Find<Guid?>(
                    "SELECT port_id FROM router_legs WHERE subnet_id = @Id AND address = @Gateway ORDER BY port_id LIMIT 1", new { old.Id, old.Gateway }) is { } leg)
                    throw NetworkFaults.GatewayInUse(old.Gateway!, leg);
                NetworkStore.Update(tx, row);
                if (pools is not null)
                    AddressRanges.Rebuild(tx, row.Id, SubnetJson.PoolRanges(row), Used(tx, row.Id, cidr));
                pictures.Changed(tx);
                servers.NetworkChanged(tx, row.NetworkId);
            },
            ct);
        return row;
    }

    /// <summary>The subnet is gone; refused while a port has an address of it.</summary>
    public async Task Delete(Caller caller, string id, CancellationToken ct)
    {
        var row = await Get(caller, id, ct);
        NetworkAccess.RequireWriter(caller, row.ProjectId, "delete_subnet");
        await database.Write(
            tx =>
            {
                if (tx.Find<long>("SELECT count(*) FROM port_addresses WHERE subnet_id = @Id", new { row.Id }) > 0)
                    throw NetworkFaults.SubnetInUse(row.Id);
                NetworkStore.DeleteSubnet(tx, row.Id);
                pictures.Changed(tx);
                servers.NetworkChanged(tx, row.NetworkId);
            },
            ct);
    }

    private static SubnetRow Merge(SubnetRow row, JsonBody body) => row with
    {
        Name = body.Text("name") ?? row.Name,
        Description = body.Text("description") ?? row.Description,
        Dhcp = body.Bool("enable_dhcp") ?? row.Dhcp,
        DnsServers = body.Texts("dns_nameservers") is { } servers ? SubnetJson.Write(servers.Select(s => Address(s, "dns_nameservers"))) : row.DnsServers,
        Routes = body.Objects("host_routes") is { } routes ? SubnetJson.Write(routes.Select(Route)) : row.Routes,
    };

    internal static HostRoute Route(JsonBody route) => Cidr.TryParse(route.Required("destination"), out var destination)
        ? new(destination.ToString(), Address(route.Required("nexthop"), "host_routes"))
        : throw NetworkFaults.Invalid($"'{route.Text("destination")}' is not a valid CIDR");

    private static Cidr Prefix(JsonBody body)
    {
        var text = body.Text("cidr") ?? throw NetworkFaults.Typed(Fault.BadRequest($"Bad subnets request: a subnetpool must be specified in the absence of a cidr."), "BadRequest");
        if (!text.Contains('/', StringComparison.Ordinal) || !Cidr.TryParse(text, out var cidr))
            throw NetworkFaults.Invalid($"'{text}' is not a valid IP subnet");
        var version = body.Long("ip_version") ?? (cidr.V6 ? 6 : 4);
        if (version is not (4 or 6) || (version == 6) != cidr.V6)
            throw NetworkFaults.Invalid($"cidr {text} is not of the requested ip_version {version}");
        return cidr.Prefix > 0 ? cidr : throw NetworkFaults.Invalid("0 is not allowed as CIDR prefix length");
    }

    private static string? Mode(JsonBody body, string name, Cidr cidr)
    {
        var mode = body.Text(name);
        if (mode is not (null or "slaac" or "dhcpv6-stateful" or "dhcpv6-stateless") || (mode is not null && !cidr.V6))
            throw NetworkFaults.Invalid($"{name} '{mode}' is not allowed here");
        return mode is "slaac" or "dhcpv6-stateless" && cidr.Prefix != 64
            ? throw NetworkFaults.Invalid($"Invalid CIDR {cidr} for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64")
            : mode;
    }

    private static string? DefaultGateway(Cidr cidr) => cidr.LastOffset >= 1 ? cidr.At(1).ToString() : null;

    private static string Address(string text, string member) =>
        IpNumber.TryParse(text, out var address) ? address.ToString() : throw NetworkFaults.Invalid($"{member}: '{text}' is not a valid IP address");

    private static void RefuseOverlap(Tx tx, Guid networkId, Cidr cidr)
    {
        foreach (var other in tx.Query<string>("SELECT cidr FROM subnets WHERE network_id = @networkId", new { networkId }))
            if (Cidr.TryParse(other, out var known) && known.Overlaps(cidr))
                throw NetworkFaults.Invalid($"Requested subnet with cidr: {cidr} for network: {networkId} overlaps with another subnet");
    }

    private static IEnumerable<long> Used(Tx tx, Guid id, Cidr cidr) =>
        tx.Query<string>("SELECT address FROM port_addresses WHERE subnet_id = @id", new { id })
            .Select(a => IpNumber.TryParse(a, out var number) ? cidr.OffsetOf(number) : null).OfType<long>();

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
