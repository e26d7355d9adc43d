using System.Text.Json;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Audit;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Ports against the servers that they were made for, addresses against ports, and free ranges against addresses.</summary>
public sealed class NetworkAudit : IAuditPart
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<AuditFinding>> Look(Rows rows)
    {
        var ports = await rows.Query<PortRow>("SELECT id, device_id, fixed_ips, host FROM ports WHERE device_owner LIKE 'compute:%'");
        var servers = await rows.Query<ServerRow>("SELECT id, host, networks FROM servers WHERE deleted_at IS NULL AND networks <> '[]'");
        return [.. Ports(ports, servers), .. await Floating(rows, servers), .. await Addresses(rows), .. await Ranges(rows)];
    }

    private static IEnumerable<AuditFinding> Ports(IReadOnlyList<PortRow> ports, IReadOnlyList<ServerRow> servers)
    {
        var bound = new Dictionary<Guid, (string Server, string? Host, string Ips)>();
        foreach (var server in servers)
            foreach (var nic in JsonSerializer.Deserialize<List<PortBinding>>(server.Networks, StateJson.Options)!)
                bound[nic.PortId] = (server.Id.ToString(), server.Host, Text(nic.Addresses.Select(a => a.Address)));

        foreach (var port in ports)
            if (!bound.Remove(port.Id, out var of))
                yield return new("ports", port.Id.ToString(), $"The port is bound to {port.DeviceId}, which does not have it or is gone.");
            else if (of.Server != port.DeviceId || of.Host != port.Host)
                yield return new("ports", port.Id.ToString(), $"The port is bound to {port.DeviceId} on {port.Host}; server {of.Server} on {of.Host} has it.");
            else if (of.Ips != Text(PortJson.Addresses(port.FixedIps).Select(a => a.Address)))
                yield return new("ports", port.Id.ToString(), "The port has other addresses than its server shows.");

        foreach (var (id, of) in bound)
            yield return new("ports", id.ToString(), $"Server {of.Server} shows a port that is not there.");
    }

    // What servers show of floating addresses, hosts are told.
    private static async Task<IEnumerable<AuditFinding>> Floating(Rows rows, IReadOnlyList<ServerRow> servers)
    {
        var leads = (await rows.Query<FloatingRow>("SELECT fixed_port_id, fixed_address, address FROM floating_ips WHERE fixed_port_id IS NOT NULL"))
            .ToLookup(f => f.FixedPortId, f => $"{f.FixedAddress}={f.Address}");
        return
        [
            .. servers.SelectMany(s => JsonSerializer.Deserialize<List<PortBinding>>(s.Networks, StateJson.Options)!)
                .Where(nic => Text(leads[nic.PortId]) != Text((nic.Floating ?? []).Select(f => $"{f.Fixed}={f.Address}")))
                .Select(nic => new AuditFinding("floating_ips", nic.PortId.ToString(), "The port has other floating addresses than its server shows.")),
        ];
    }

    private static async Task<IEnumerable<AuditFinding>> Addresses(Rows rows) =>
        (await rows.Query<Guid>(
            "SELECT a.port_id FROM port_addresses a WHERE NOT EXISTS (SELECT 1 FROM ports p WHERE p.id = a.port_id)"))
        .Select(id => new AuditFinding("addresses", id.ToString(), "An address is held by a port that is gone."));

    // Free and used addresses of a subnet together are its pools, none twice. Free ranges may touch: concurrent returns leave that.
    private static async Task<IEnumerable<AuditFinding>> Ranges(Rows rows)
    {
        var picture = await PictureCache.Load(rows);
        var free = (await rows.Query<RangeRow>("SELECT subnet_id, low, high FROM address_ranges")).ToLookup(r => r.SubnetId);
        var used = (await rows.Query<AddressRow>("SELECT subnet_id, address FROM port_addresses")).ToLookup(a => a.SubnetId);
        return picture.Subnets.Values.Where(subnet => !AddsUp(subnet, free[subnet.Row.Id], used[subnet.Row.Id]))
            .Select(subnet => new AuditFinding("addresses", subnet.Row.Id.ToString(), "The subnet's free and used addresses do not add up to its pools."));
    }

    private static bool AddsUp(PictureSubnet subnet, IEnumerable<RangeRow> free, IEnumerable<AddressRow> used)
    {
        var offsets = used.Select(a => IpNumber.TryParse(a.Address, out var n) ? subnet.Cidr.OffsetOf(n) : null).OfType<long>().Where(subnet.IsPooled);
        return Joined(AddressRanges.Free(subnet.Pools, offsets)).SequenceEqual(Joined(free.Select(r => new OffsetRange(r.Low, r.High))));
    }

    private static List<OffsetRange> Joined(IEnumerable<OffsetRange> ranges)
    {
        var joined = new List<OffsetRange>();
        foreach (var range in ranges.OrderBy(r => r.Low))
            if (joined.Count > 0 && joined[^1].High + 1 == range.Low)
                joined[^1] = new(joined[^1].Low, range.High);
            else
                joined.Add(range);
        return joined;
    }

    private static string Text(IEnumerable<string> addresses) => string.Join(' ', addresses.Order(StringComparer.Ordinal));

    private sealed class PortRow
    {
        public Guid Id { get; init; }
        public string DeviceId { get; init; } = "";
        public string FixedIps { get; init; } = "[]";
        public string Host { get; init; } = "";
    }

    private sealed class ServerRow
    {
        public Guid Id { get; init; }
        public string? Host { get; init; }
        public string Networks { get; init; } = "[]";
    }

    private sealed class FloatingRow
    {
        public Guid FixedPortId { get; init; }
        public string FixedAddress { get; init; } = "";
        public string Address { get; init; } = "";
    }

    private sealed class RangeRow
    {
        public Guid SubnetId { get; init; }
        public long Low { get; init; }
        public long High { get; init; }
    }

    private sealed class AddressRow
    {
        public Guid SubnetId { get; init; }
        public string Address { get; init; } = "";
    }
}
