using Nova.Drivers.Embedded;
using Nova.Drivers.Network.Embedded.FloatingIps;
using Nova.Drivers.Network.Embedded.Routers;
using Nova.Drivers.Network.Embedded.Qos;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Ports, as the network API changes them.</summary>
public sealed class PortService(
    Db database, PictureCache pictures, NetworkService networks, EmbeddedNetwork binder, DefaultGroups defaultGroups, LiveChanges changes,
    ServerPortRows servers, NetworkQuotas quotas, QosService policies, TimeProvider time, Ids ids)
{
    private const int MacAttempts = 8;

    private static readonly string[] AdminMembers = ["binding:host_id", "binding:profile"];

    /// <summary>The ports that the caller may see, narrowed by what is indexed.</summary>
    public Task<IReadOnlyList<PortRow>> List(Caller caller, string? deviceId, string? networkId, CancellationToken ct)
    {
        var network = Guid.TryParse(networkId, out var id) ? id : Guid.Empty;
        var project = caller.ProjectId ?? "";
        return database.Read(
            rows => rows.Query<PortRow>(
                $"""
                SELECT {PortRow.Columns} FROM ports
                WHERE 1 = 1
                    {(NetworkAccess.IsAdmin(caller) ? "" : "AND project_id = @project")}
                    {(deviceId is { Length: > 0 } ? "AND device_id = @deviceId AND device_id <> ''" : "")}
                    {(networkId is null ? "" : "AND network_id = @network")}
                ORDER BY id
                """,
                new { project, deviceId = deviceId ?? "", network }),
            ct);
    }

    /// <summary>A port that the caller may see.</summary>
    public async Task<PortRow> Get(Caller caller, string id, CancellationToken ct)
    {
        var key = NetworkAccess.Id(id, NetworkFaults.PortNotFound);
        var port = await database.Read(rows => rows.Find<PortRow>($"SELECT {PortRow.Columns} FROM ports WHERE id = @key", new { key }), ct);
        return port is not null && NetworkAccess.Owns(caller, port.ProjectId) ? port : throw NetworkFaults.PortNotFound(id);
    }

    /// <summary>Ports as the caller is shown them: administrators see what each takes of its host.</summary>
    public async Task<IReadOnlyList<PortView>> Views(Caller caller, IReadOnlyList<PortRow> ports, CancellationToken ct)
    {
        if (!NetworkAccess.IsAdmin(caller) || ports.All(p => p.QosPolicyId is null))
            return [.. ports.Select(p => new PortView(p, null))];

        var (picture, rules) = (await pictures.Get(ct), (await policies.List(caller, ct)).ToDictionary(p => p.Policy.Id, p => p.Rules));
        return
        [
            .. ports.Select(p => new PortView(
                p,
                p.QosPolicyId is { } policy && rules.TryGetValue(policy, out var its)
                    ? PortResources.Groups(p.Id, p.VnicType, picture.Networks.GetValueOrDefault(p.NetworkId)?.Row.PhysicalNetwork, its)
                    : null)),
        ];
    }

    /// <summary>A new port with addresses.</summary>
    public async Task<PortRow> Create(Caller caller, JsonBody body, CancellationToken ct)
    {
        var network = await networks.Get(caller, body.Required("network_id"), ct);
        var project = NetworkAccess.ProjectOf(caller, body);
        NetworkAccess.RequireWriter(caller, project, "create_port");
        NetworkAccess.RefuseUnlessAdmin(caller, body, "create_port", AdminMembers);
        RefuseServiceOwner(body);
        var secured = body.Bool("port_security_enabled") ?? network.Row.PortSecurity;
        var template = new NewPort
        {
            Id = ids.Next(),
            NetworkId = network.Row.Id,
            ProjectId = project,
            Mac = "",
            Addresses = [],
            SecurityGroups = secured ? await Groups(caller, project, body, ct) : RefuseGroups(body),
            PortSecurity = secured,
            Name = body.Text("name") ?? "",
            Description = body.Text("description"),
            AdminStateUp = body.Bool("admin_state_up") ?? true,
            DeviceId = body.Text("device_id") ?? "",
            DeviceOwner = body.Text("device_owner") ?? "",
            Host = body.Text("binding:host_id") ?? "",
            VnicType = body.Text("binding:vnic_type"),
            Profile = body.Find("binding:profile")?.Element.GetRawText(),
            DnsName = body.Text("dns_name") ?? "",
        };
        var mac = GivenMac(caller, body);
        var policy = body.Text("qos_policy_id") is { } asked ? (await policies.Get(caller, asked, ct)).Policy.Id : (Guid?)null;
        await database.Write(
            tx =>
            {
                Insert(tx, network, template, mac, body.Objects("fixed_ips"));
                if (policy is not null)
                    tx.Execute("UPDATE ports SET qos_policy_id = @policy WHERE id = @Id", new { template.Id, policy });
            },
            ct);
        return await Get(caller, template.Id.ToString(), ct);
    }

    /// <summary>Changes what the body names.</summary>
    public async Task<PortRow> Update(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        var old = await Get(caller, id, ct);
        NetworkAccess.RequireWriter(caller, old.ProjectId, "update_port");
        NetworkAccess.RefuseUnlessAdmin(caller, body, "update_port", AdminMembers);
        RefuseServiceOwner(body);
        if (ServicePorts.IsOne(old.DeviceOwner) && (body.Has("fixed_ips") || body.Has("device_id") || body.Has("device_owner")))
            throw NetworkFaults.ServicePortStays(old);

        var network = await networks.Get(caller, old.NetworkId.ToString(), ct);
        var secured = body.Bool("port_security_enabled") ?? old.PortSecurity;
        var groups = !secured ? RefuseGroups(body) : body.Has("security_groups") ? await Groups(caller, old.ProjectId, body, ct) : PortJson.Groups(old.SecurityGroups);
        var row = old with
        {
            Name = body.Text("name") ?? old.Name,
            Description = body.Text("description") ?? old.Description,
            AdminStateUp = body.Bool("admin_state_up") ?? old.AdminStateUp,
            PortSecurity = secured,
            DeviceId = body.Has("device_id") ? body.Text("device_id") ?? "" : old.DeviceId,
            DeviceOwner = body.Has("device_owner") ? body.Text("device_owner") ?? "" : old.DeviceOwner,
            Host = body.Has("binding:host_id") ? body.Text("binding:host_id") ?? "" : old.Host,
            VnicType = body.Text("binding:vnic_type") ?? old.VnicType,
            Profile = body.Find("binding:profile")?.Element.GetRawText() ?? old.Profile,
            DnsName = body.Text("dns_name") ?? old.DnsName,
            Mac = GivenMac(caller, body) ?? old.Mac,
            SecurityGroups = PortJson.Write(groups),
            QosPolicyId = await Policy(caller, old, body, ct),
            Revision = old.Revision + 1,
            UpdatedAt = Now(),
        };
        await database.Write(tx => Change(tx, network, old, row, body.Objects("fixed_ips")), ct);
        return await Get(caller, id, ct);
    }

    /// <summary>The port is gone, its addresses are free.</summary>
    public async Task Delete(Caller caller, string id, CancellationToken ct)
    {
        var port = await Get(caller, id, ct);
        NetworkAccess.RequireWriter(caller, port.ProjectId, "delete_port");
        if (ServicePorts.IsOne(port.DeviceOwner))
            throw NetworkFaults.ServicePort(port);
        await database.Write(
            tx =>
            {
                var bound = PortStore.Find(tx, port.Id) ?? throw NetworkFaults.PortNotFound(id);
                tx.Execute("DELETE FROM ports WHERE id = @Id", new { port.Id });
                binder.GiveBack(tx, bound);
                servers.Changed(tx, bound.DeviceId, bound.Id, _ => null);
            },
            ct);
    }

    private void Insert(Tx tx, PictureNetwork network, NewPort template, string? givenMac, IReadOnlyList<JsonBody>? wanted)
    {
        quotas.Check(tx, template.ProjectId, "port");
        var mac = givenMac ?? FreeMac(tx, template);
        var port = template with { Mac = mac, Addresses = Allocate(tx, network, mac, wanted) };
        if (!PortStore.TryInsert(tx, port, Now()))
            throw NetworkFaults.MacTaken(port.NetworkId, mac);

        AddAddresses(tx, port.Id, port.Addresses);
        if (port.DeviceId.Length > 0)
            PortStore.MarkBorrowing(tx, port.DeviceId);
        changes.Port(tx, new() { PortId = port.Id, NetworkId = port.NetworkId, Groups = port.SecurityGroups, Addresses = EmbeddedNetwork.Texts(port.Addresses) });
    }

    private void Change(Tx tx, PictureNetwork network, PortRow old, PortRow row, IReadOnlyList<JsonBody>? wanted)
    {
        var (had, groups) = (PortJson.Addresses(old.FixedIps), PortJson.Groups(row.SecurityGroups));
        var has = had;
        if (row.Mac != old.Mac && MacIsTaken(tx, row.NetworkId, row.Mac))
            throw NetworkFaults.MacTaken(row.NetworkId, row.Mac);
        if (wanted is not null)
        {
            tx.Execute("DELETE FROM port_addresses WHERE port_id = @Id", new { row.Id });
            EmbeddedNetwork.GiveBack(tx, pictures.Get(tx), had);
            has = Allocate(tx, network, row.Mac, wanted);
            AddAddresses(tx, row.Id, has);
            row = row with { FixedIps = PortJson.Write(has) };
            FloatingIpStore.Keep(tx, row.Id, EmbeddedNetwork.Texts(has));
        }

        tx.Execute(
            """
            UPDATE ports SET name = @Name, description = @Description, mac = @Mac, admin_state_up = @AdminStateUp, port_security = @PortSecurity,
                device_id = @DeviceId, device_owner = @DeviceOwner, host = @Host, vnic_type = @VnicType, profile = @Profile, dns_name = @DnsName,
                fixed_ips = @FixedIps, security_groups = @SecurityGroups, tags = @Tags, qos_policy_id = @QosPolicyId, revision = @Revision, updated_at = @UpdatedAt
            WHERE id = @Id
            """,
            row);
        if (row.DeviceId.Length > 0 && !row.Owned)
            PortStore.MarkBorrowing(tx, row.DeviceId);
        changes.Port(tx, new()
        {
            PortId = row.Id,
            NetworkId = row.NetworkId,
            GroupsBefore = PortJson.Groups(old.SecurityGroups),
            AddressesBefore = EmbeddedNetwork.Texts(had),
            Groups = groups,
            Addresses = EmbeddedNetwork.Texts(has),
        });
        servers.Changed(tx, row.DeviceId, row.Id, nic => nic with { Mac = row.Mac, Addresses = has, SecurityGroups = groups, IsOpen = !row.PortSecurity, Floating = FloatingIpStore.Of(tx, row.Id) });
    }

    internal static IReadOnlyList<AddressSpec> Allocate(Tx tx, PictureNetwork network, string mac, IReadOnlyList<JsonBody>? wanted) =>
        wanted is null
            ? AddressAllocator.Any(tx, network, mac) ?? throw NetworkFaults.NoAddresses(network.Row.Id)
            : [.. wanted.Select(w => Allocate(tx, network, mac, w))];

    private static AddressSpec Allocate(Tx tx, PictureNetwork network, string mac, JsonBody wanted)
    {
        var subnet = wanted.Text("subnet_id") is { } id
            ? network.Subnets.FirstOrDefault(s => s.Row.Id.ToString() == id) ?? throw NetworkFaults.Invalid($"Failed to create port on network {network.Row.Id}, because fixed_ips included invalid subnet {id}")
            : null;
        if (wanted.Text("ip_address") is not { } address)
            return AddressAllocator.Of(tx, subnet ?? throw NetworkFaults.Invalid("IP allocation requires subnet_id or ip_address"), mac) ?? throw NetworkFaults.NoAddresses(network.Row.Id);

        if (!IpNumber.TryParse(address, out var number))
            throw NetworkFaults.Invalid($"'{address}' is not a valid IP address");
        subnet ??= network.Subnets.FirstOrDefault(s => s.Cidr.Contains(number));
        if (subnet is null || !subnet.Cidr.Contains(number))
            throw NetworkFaults.InvalidAddress(address, network.Row.Id);
        AddressAllocator.Occupy(tx, subnet, number);
        return new(subnet.Row.Id, number.ToString());
    }

    internal static void AddAddresses(Tx tx, Guid portId, IReadOnlyList<AddressSpec> addresses)
    {
        foreach (var address in addresses)
            if (!PortStore.TryInsertAddress(tx, portId, address))
                throw NetworkFaults.AddressTaken(address.Address, address.SubnetId);
    }

    internal static string FreeMac(Tx tx, NewPort port)
    {
        for (var attempt = 0; attempt < MacAttempts; attempt++)
            if (MacAddresses.Of(port.Id, attempt) is var mac && !MacIsTaken(tx, port.NetworkId, mac))
                return mac;

        throw NetworkFaults.Typed(Fault.Unavailable($"Unable to generate unique mac on network {port.NetworkId}."), "MacAddressGenerationFailure");
    }

    private static bool MacIsTaken(Tx tx, Guid networkId, string mac) =>
        tx.Find<long>("SELECT count(*) FROM ports WHERE network_id = @networkId AND mac = @mac", new { networkId, mac }) > 0;

    // What a bound port was given does not change under its server.
    private async Task<Guid?> Policy(Caller caller, PortRow old, JsonBody body, CancellationToken ct)
    {
        if (!body.Has("qos_policy_id"))
            return old.QosPolicyId;

        var policy = body.Text("qos_policy_id") is { } asked ? (await policies.Get(caller, asked, ct)).Policy.Id : (Guid?)null;
        return policy == old.QosPolicyId || old.Bound is null && old.DeviceId.Length == 0
            ? policy
            : throw NetworkFaults.Typed(Fault.Conflict($"Port {old.Id} is in use by a server: its QoS policy cannot change."), "QosPlacementAllocationUpdateConflict");
    }

    private static string? GivenMac(Caller caller, JsonBody body)
    {
        if (body.Text("mac_address") is not { } text)
            return null;
        if (!NetworkAccess.IsAdmin(caller))
            throw NetworkFaults.NotAllowed("create_port:mac_address");
        return MacAddresses.Normalize(text) ?? throw NetworkFaults.Invalid($"'{text}' is not a valid MAC address");
    }

    private async Task<IReadOnlyList<Guid>> Groups(Caller caller, string project, JsonBody body, CancellationToken ct)
    {
        if (body.Texts("security_groups") is not { } asked)
            return [await defaultGroups.Ensure(project, ct)];

        var picture = await pictures.Get(ct);
        return [.. asked.Select(id => NetworkAccess.Id(id, NetworkFaults.GroupNotFound)).Distinct().Select(id =>
            picture.Groups.TryGetValue(id, out var group) && NetworkAccess.Owns(caller, group.Row.ProjectId) ? id : throw NetworkFaults.GroupNotFound(id.ToString()))];
    }

    // Whose owner says so is taken for a part of a router.
    private static void RefuseServiceOwner(JsonBody body)
    {
        if (body.Text("device_owner") is { } owner && ServicePorts.IsOne(owner))
            throw NetworkFaults.NotAllowed("device_owner:" + owner);
    }

    private static IReadOnlyList<Guid> RefuseGroups(JsonBody body) => body.Texts("security_groups") is { Count: > 0 }
        ? throw NetworkFaults.Typed(
            Fault.BadRequest($"Port Security must be enabled in order to have allowed address pairs or security groups on a port."), "PortSecurityAndIPRequiredForSecurityGroups")
        : [];

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
