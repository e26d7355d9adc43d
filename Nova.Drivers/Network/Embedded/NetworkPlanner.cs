using Nova.Drivers.Network.Embedded.Qos;
using Nova.Modules.Identity;
using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>What a create asks of networks, checked in the original's words, and turned into the interfaces that its servers get.</summary>
public sealed class NetworkPlanner(Db database, PictureCache pictures, DefaultGroups defaultGroups, AutoNetworks autoNetworks, IPolicy policy, Ids ids)
{
    private const string AttachExternal = "network:attach_external_network";

    /// <summary>As <see cref="INetworkProvider.Plan"/> says.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<PlannedNic>>> Plan(Caller caller, NetworkRequest request, int servers, CancellationToken ct)
    {
        if (request.IsNone)
            return [.. Enumerable.Repeat<IReadOnlyList<PlannedNic>>([], servers)];

        RefuseMany(request, servers);
        var picture = await pictures.Get(ct);
        var nics = request.IsAuto ? await Auto(caller, request, picture, ct) : await Listed(caller, request.Nics, picture, ct);
        if (nics.Count > 0 && nics.Exists(n => n.Create))
            nics = await WithGroups(caller, request.SecurityGroups, nics, ct);
        return [.. Enumerable.Range(0, servers).Select(_ => WithPorts(nics))];
    }

    private static void RefuseMany(NetworkRequest request, int servers)
    {
        if (servers <= 1)
            return;
        if (request.Nics.Any(n => n.FixedIp is not null && n.PortId is null))
            throw Fault.BadRequest($"Failed to launch instances: max_count cannot be greater than 1 if an fixed_ip is specified.");
        if (request.Nics.Any(n => n.PortId is not null))
            throw Fault.BadRequest($"Failed to launch instances: Unable to launch multiple instances with a single configured port ID. Please launch your instance one by one with different ports.");
    }

    private async Task<List<PlannedNic>> Auto(Caller caller, NetworkRequest request, NetworkPicture picture, CancellationToken ct)
    {
        var project = ProjectOf(caller);
        PictureNetwork[] available =
        [
            .. picture.NetworksOf(project).Where(n => n.Row.AdminStateUp && !n.Row.Shared),
            .. picture.SharedNetworks.Where(n => n.Row.AdminStateUp),
        ];
        if (available.Length > 1)
            throw Fault.Conflict($"Multiple possible networks found, use a Network ID to be more specific.");
        if (available.Length == 0 && request.IsOmitted)
            return [];

        var network = available.Length == 1 ? available[0] : await autoNetworks.Make(project, ct);
        return [Usable(caller, network, fixedIp: null, tag: null)];
    }

    private async Task<List<PlannedNic>> Listed(Caller caller, IReadOnlyList<NicRequest> requested, NetworkPicture picture, CancellationToken ct)
    {
        var nics = new List<PlannedNic>(requested.Count);
        foreach (var nic in requested)
            nics.Add(nic.PortId is { } port
                ? await Existing(caller, port, nic.Tag, nics, ct)
                : await Listed(caller, nic, picture, ct));
        return nics;
    }

    private async Task<PlannedNic> Listed(Caller caller, NicRequest nic, NetworkPicture picture, CancellationToken ct)
    {
        if (!Guid.TryParse(nic.NetworkId, out var id) || !picture.Networks.TryGetValue(id, out var network) || !MaySee(caller, network.Row))
            throw Fault.BadRequest($"Network {nic.NetworkId} could not be found.");

        var planned = Usable(caller, network, nic.FixedIp, nic.Tag);
        if (nic.FixedIp is { } wanted)
            await CheckAddress(network, wanted, ct);
        return planned;
    }

    private PlannedNic Usable(Caller caller, PictureNetwork network, string? fixedIp, string? tag)
    {
        var row = network.Row;
        if (row.External && !row.Shared && !policy.Allows(caller, AttachExternal, PolicyTarget.Of(caller)))
            throw Fault.Forbidden($"It is not allowed to create an interface on external network {row.Id}");
        if (network.Subnets.Count == 0)
            throw Fault.BadRequest($"Network {row.Id} requires a subnet in order to boot instances on.");

        return new() { PortId = default, Create = true, NetworkId = row.Id, FixedIp = fixedIp, Tag = tag };
    }

    private async Task CheckAddress(PictureNetwork network, string wanted, CancellationToken ct)
    {
        if (!IpNumber.TryParse(wanted, out var number) || network.Subnets.FirstOrDefault(s => s.Cidr.Contains(number)) is not { } subnet)
            throw Fault.BadRequest($"Fixed IP {wanted} is not a valid ip address for network {network.Row.Id}.");

        var device = await database.Read(
            rows => rows.Find<string>(
                """
                SELECT p.device_id FROM port_addresses a JOIN ports p ON p.id = a.port_id
                WHERE a.subnet_id = @Id AND a.address = @address
                """,
                new { subnet.Row.Id, address = number.ToString() }),
            ct);
        if (device is not null)
            throw Fault.BadRequest($"Fixed IP address {wanted} is already in use on instance {device}.");
    }

    private async Task<PlannedNic> Existing(Caller caller, string portId, string? tag, List<PlannedNic> earlier, CancellationToken ct)
    {
        var port = Guid.TryParse(portId, out var id) ? await FindPort(id, ct) : null;
        if (port is null || !(caller.HasRole("admin") || port.ProjectId == caller.ProjectId))
            throw Fault.BadRequest($"Port id {portId} could not be found.");
        if (port.DeviceId.Length > 0 || earlier.Exists(n => n.PortId == id))
            throw Fault.Conflict($"Port {portId} is still in use.");
        if (port.FixedIps == "[]" && await HasSubnets(port.NetworkId, ct))
            throw Fault.BadRequest($"Port {portId} requires a FixedIP in order to be used.");

        return await WithResources(new() { PortId = id, Create = false, NetworkId = port.NetworkId, Tag = tag }, port, ct);
    }

    private async Task<PlannedNic> WithResources(PlannedNic nic, PortState port, CancellationToken ct)
    {
        if (port.QosPolicyId is null && port.VnicType is null)
            return nic;

        var physical = (await pictures.Get(ct)).Networks[port.NetworkId].Row.PhysicalNetwork;
        var rules = port.QosPolicyId is { } policy ? await database.Read(rows => QosStore.RulesOf(rows, policy), ct) : [];
        return nic with
        {
            VnicType = port.VnicType, Groups = PortResources.Groups(nic.PortId, port.VnicType, physical, rules), Device = PortResources.Device(nic.PortId, port.VnicType, physical),
        };
    }

    private Task<PortState?> FindPort(Guid id, CancellationToken ct) =>
        database.Read(
            rows => rows.Find<PortState>("SELECT project_id, network_id, device_id, fixed_ips, qos_policy_id, vnic_type FROM ports WHERE id = @id", new { id }),
            ct);

    private async Task<bool> HasSubnets(Guid networkId, CancellationToken ct) => (await pictures.Get(ct)).Networks[networkId].Subnets.Count > 0;

    private async Task<List<PlannedNic>> WithGroups(Caller caller, IReadOnlyList<string> asked, List<PlannedNic> nics, CancellationToken ct)
    {
        var project = ProjectOf(caller);
        var fallback = await defaultGroups.Ensure(project, ct);
        var picture = await pictures.Get(ct);
        IReadOnlyList<Guid> groups = asked.Count == 0 ? [fallback] : [.. asked.Select(name => FindGroup(picture, project, name)).Distinct()];
        for (var i = 0; i < nics.Count; i++)
        {
            if (!nics[i].Create)
                continue;

            var secured = picture.Networks[nics[i].NetworkId].Row.PortSecurity;
            if (!secured && asked.Count > 0 && asked is not ["default"])
                throw Fault.BadRequest($"Network requires port_security_enabled and subnet associated in order to apply security groups.");
            nics[i] = nics[i] with { SecurityGroups = secured ? groups : [] };
        }

        return nics;
    }

    private static Guid FindGroup(NetworkPicture picture, string project, string name)
    {
        if (Guid.TryParse(name, out var id) && picture.Groups.TryGetValue(id, out var group) && group.Row.ProjectId == project)
            return id;

        return picture.GroupsNamed(project, name) switch
        {
            [var one] => one,
            [] => throw Fault.BadRequest($"Security group {name} not found."),
            _ => throw Fault.Conflict($"Multiple security groups found matching '{name}'. Use an ID to be more specific."),
        };
    }

    private IReadOnlyList<PlannedNic> WithPorts(List<PlannedNic> nics) => [.. nics.Select(n => n.Create ? n with { PortId = ids.Next() } : n)];

    private static bool MaySee(Caller caller, NetworkRow network) =>
        network.Shared || network.External || network.ProjectId == caller.ProjectId || caller.HasRole("admin");

    private static string ProjectOf(Caller caller) =>
        caller.ProjectId ?? throw Fault.Forbidden($"This operation needs a token that is scoped to a project.");

    private sealed class PortState
    {
        public string ProjectId { get; init; } = "";

        public Guid NetworkId { get; init; }

        public string DeviceId { get; init; } = "";

        public string FixedIps { get; init; } = "";

        public Guid? QosPolicyId { get; init; }

        public string? VnicType { get; init; }
    }
}
