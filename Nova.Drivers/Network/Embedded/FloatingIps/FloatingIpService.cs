using Nova.Drivers.Embedded;
using Nova.Drivers.Network.Embedded.Routers;
using Nova.Modules.Compute;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded.FloatingIps;

/// <summary>Floating addresses, as the network API changes them. What servers show and hosts do follows in the same transaction.</summary>
public sealed class FloatingIpService(
    Db database, NetworkService networks, PortService portService, ServicePorts ports, ServerPortRows servers, NetworkQuotas quotas,
    TimeProvider time, Ids ids)
{
    private static readonly string[] AdminMembers = ["floating_ip_address"];

    /// <summary>The floating addresses that the caller may see.</summary>
    public async Task<IReadOnlyList<FloatingIp>> List(Caller caller, CancellationToken ct)
    {
        var project = caller.ProjectId ?? "";
        return await database.Read(
            async rows =>
            {
                var mine = NetworkAccess.IsAdmin(caller) ? "" : "WHERE f.project_id = @project";
                var found = await rows.Query<FloatingIpRow>($"SELECT {FloatingIpRow.Columns} FROM floating_ips f {mine} ORDER BY f.id", new { project });
                var bound = await rows.Query<PortRow>(
                    $"SELECT {PortRow.Columns} FROM ports WHERE id IN (SELECT f.fixed_port_id FROM floating_ips f {mine})", new { project });
                var byId = bound.ToDictionary(p => p.Id);
                return (IReadOnlyList<FloatingIp>)[.. found.Select(f => new FloatingIp(f, f.FixedPortId is { } id ? byId.GetValueOrDefault(id) : null))];
            },
            ct);
    }

    /// <summary>A floating address that the caller may see.</summary>
    public async Task<FloatingIp> Get(Caller caller, string id, CancellationToken ct)
    {
        var key = NetworkAccess.Id(id, RouterFaults.FloatingNotFound);
        var found = await database.Read(
            async rows => await rows.Find<FloatingIpRow>($"SELECT {FloatingIpRow.Columns} FROM floating_ips f WHERE f.id = @key", new { key }) is { } row
                ? new FloatingIp(row, row.FixedPortId is { } port ? await rows.Find<PortRow>($"SELECT {PortRow.Columns} FROM ports WHERE id = @port", new { port }) : null)
                : null,
            ct);
        return found is not null && NetworkAccess.Owns(caller, found.Row.ProjectId) ? found : throw RouterFaults.FloatingNotFound(id);
    }

    /// <summary>A new floating address, bound to a port or to none.</summary>
    public async Task<FloatingIp> Create(Caller caller, JsonBody body, CancellationToken ct)
    {
        var project = NetworkAccess.ProjectOf(caller, body);
        NetworkAccess.RequireWriter(caller, project, "create_floatingip");
        NetworkAccess.RefuseUnlessAdmin(caller, body, "create_floatingip", AdminMembers);
        var network = await networks.Get(caller, body.Required("floating_network_id"), ct);
        if (!network.Row.External)
            throw RouterFaults.BadFloating($"Network {network.Row.Id} is not a valid external network");

        var subnets = Subnets(network, body.Text("subnet_id"));
        var wish = await Wish(caller, body, ct);
        var now = Now();
        var row = new FloatingIpRow
        {
            Id = ids.Next(),
            ProjectId = project,
            NetworkId = network.Row.Id,
            Description = body.Text("description") ?? "",
            DnsName = body.Text("dns_name") ?? "",
            DnsDomain = body.Text("dns_domain") ?? "",
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await database.Write(
            tx =>
            {
                quotas.Check(tx, project, "floatingip");
                var port = Hold(tx, network, row.Id, subnets, body.Text("floating_ip_address"));
                var made = row with { PortId = port.Id, Address = port.Addresses[0].Address };
                FloatingIpStore.Insert(tx, made);
                if (wish?.Port is { } fixedPort)
                    Bind(tx, made, fixedPort, wish.Address);
            },
            ct);
        return await Get(caller, row.Id.ToString(), ct);
    }

    /// <summary>Binds it to the port that the body names, or to none for null; without that member only words change.</summary>
    public async Task<FloatingIp> Update(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        var old = (await Get(caller, id, ct)).Row;
        NetworkAccess.RequireWriter(caller, old.ProjectId, "update_floatingip");
        var wish = await Wish(caller, body, ct);
        await Change(id, old.Id, row => row with { Description = body.Text("description") ?? row.Description }, wish, ct);
        return await Get(caller, id, ct);
    }

    /// <summary>Leads to this address of a port from now on, wherever it led before; null to none.</summary>
    public async Task<FloatingIp> Lead(Caller caller, Guid id, Guid? port, string? address, CancellationToken ct)
    {
        var old = (await Get(caller, id.ToString(), ct)).Row;
        NetworkAccess.RequireWriter(caller, old.ProjectId, "update_floatingip");
        await Change(id.ToString(), id, row => row, new(port, address), ct);
        return await Get(caller, id.ToString(), ct);
    }

    /// <summary>The floating address is gone.</summary>
    public async Task Delete(Caller caller, string id, CancellationToken ct)
    {
        var old = (await Get(caller, id, ct)).Row;
        NetworkAccess.RequireWriter(caller, old.ProjectId, "delete_floatingip");
        await database.Write(
            tx =>
            {
                var row = FloatingIpStore.FindLocked(tx, old.Id) ?? throw RouterFaults.FloatingNotFound(id);
                FloatingIpStore.Delete(tx, row.Id);
                ports.Remove(tx, row.PortId);
                Tell(tx, row.FixedPortId);
            },
            ct);
    }

    private async Task<PortWish?> Wish(Caller caller, JsonBody body, CancellationToken ct)
    {
        var address = body.Text("fixed_ip_address");
        if (address is not null && !IpNumber.TryParse(address, out _))
            throw NetworkFaults.Invalid($"'{address}' is not a valid IP address");
        if (body.Text("port_id") is { } port)
            return new((await portService.Get(caller, port, ct)).Id, address);
        if (address is not null)
            throw RouterFaults.BadFloating("fixed_ip_address cannot be specified without a port_id");
        return body.Has("port_id") ? new(null, null) : null;
    }

    private static IReadOnlyList<PictureSubnet> Subnets(PictureNetwork network, string? wanted)
    {
        var v4 = network.Subnets.Where(s => !s.Cidr.V6).ToList();
        if (v4.Count == 0)
            throw RouterFaults.BadFloating($"Network {network.Row.Id} does not contain any IPv4 subnet");
        if (wanted is null)
            return v4;
        return v4.Find(s => s.Row.Id.ToString() == wanted) is { } one
            ? [one]
            : throw NetworkFaults.Invalid($"Failed to create port on network {network.Row.Id}, because fixed_ips included invalid subnet {wanted}");
    }

    // The address on the external network belongs to a port, so that nobody else gets it.
    private NewPort Hold(Tx tx, PictureNetwork network, Guid id, IReadOnlyList<PictureSubnet> subnets, string? wanted)
    {
        if (wanted is null)
            return ports.MakeIn(tx, network, ServicePorts.Floating, id, "", subnets) ?? throw NetworkFaults.NoAddresses(network.Row.Id);
        return IpNumber.TryParse(wanted, out var number) && subnets.FirstOrDefault(s => s.Cidr.Contains(number)) is { } subnet
            ? ports.Make(tx, network, ServicePorts.Floating, id, "", subnet, number)
            : throw NetworkFaults.InvalidAddress(wanted, network.Row.Id);
    }

    private Task Change(string name, Guid id, Func<FloatingIpRow, FloatingIpRow> change, PortWish? wish, CancellationToken ct) => database.Write(
        tx =>
        {
            var present = FloatingIpStore.FindLocked(tx, id) ?? throw RouterFaults.FloatingNotFound(name);
            var row = change(present) with { Revision = present.Revision + 1, UpdatedAt = Now() };
            if (wish?.Port is { } port)
            {
                Bind(tx, row, port, wish.Address);
            }
            else
            {
                FloatingIpStore.Update(tx, wish is null ? row : row with { FixedPortId = null, FixedAddress = null, RouterId = null });
            }

            if (wish is not null && wish.Port != present.FixedPortId)
                Tell(tx, present.FixedPortId);
        },
        ct);

    private void Bind(Tx tx, FloatingIpRow row, Guid portId, string? address)
    {
        var port = FloatingIpStore.PortLocked(tx, portId) ?? throw NetworkFaults.PortNotFound(portId.ToString());
        var subnet = Fixed(port, address);
        if (port.ProjectId != row.ProjectId)
            throw RouterFaults.BadFloating($"Port {port.Id} is associated with a different tenant than Floating IP {row.Id} and therefore cannot be bound");
        var router = RouterStore.Leading(tx, subnet.SubnetId, row.NetworkId) ?? throw RouterFaults.NotReachable(row.NetworkId, subnet.SubnetId, port.Id);
        row = row with { FixedPortId = port.Id, FixedAddress = subnet.Address, RouterId = router };
        if (FloatingIpStore.IsTaken(tx, row))
            throw RouterFaults.AlreadyAssociated(row.Address, row.Id, port.Id, subnet.Address, row.NetworkId);

        FloatingIpStore.Update(tx, row);
        Tell(tx, port);
    }

    private static AddressSpec Fixed(PortRow port, string? wanted)
    {
        var v4 = PortJson.Addresses(port.FixedIps).Where(a => !a.Address.Contains(':', StringComparison.Ordinal)).ToList();
        if (wanted is not null)
            return v4.Find(a => a.Address == wanted) ?? throw RouterFaults.BadFloating($"Port {port.Id} does not have fixed ip {wanted}");
        return v4 switch
        {
            [var one] => one,
            [] => throw RouterFaults.BadFloating($"Cannot add floating IP to port {port.Id} that has no fixed IPv4 addresses"),
            _ => throw RouterFaults.BadFloating($"Port {port.Id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP"),
        };
    }

    private void Tell(Tx tx, Guid? port)
    {
        if (port is { } id && FloatingIpStore.PortLocked(tx, id) is { } row)
            Tell(tx, row);
    }

    private void Tell(Tx tx, PortRow port) => servers.Changed(tx, port.DeviceId, port.Id, nic => nic with { Floating = FloatingIpStore.Of(tx, port.Id) });

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    // A null port unbinds.
    private sealed record PortWish(Guid? Port, string? Address);
}
