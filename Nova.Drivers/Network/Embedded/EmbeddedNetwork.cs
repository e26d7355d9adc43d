using Nova.Drivers.Network.Embedded.FloatingIps;
using Nova.Drivers.Network.Embedded.Qos;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Identity;
using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>
/// Networks whose rows are in our own database. A boot with one address costs three statements inside the transaction of
/// the claim; what a boot asks of networks and groups is answered from memory.
/// </summary>
public sealed partial class EmbeddedNetwork(
    PictureCache pictures, LiveChanges changes, NetworkPlanner planner, AttachPlanner attachments, NetworkQuotas quotas, ServerPortRows servers, TimeProvider time)
    : ITransactionalNetwork
{
    private const int MacAttempts = 8;

    /// <inheritdoc />
    public Task<IReadOnlyList<IReadOnlyList<PlannedNic>>> Plan(Caller caller, NetworkRequest request, int servers, CancellationToken ct) =>
        planner.Plan(caller, request, servers, ct);

    /// <inheritdoc />
    public IReadOnlyList<PortBinding> Ensure(Tx tx, ServerPorts server, IReadOnlyList<PlannedNic> nics)
    {
        if (nics.Count == 0)
            return [];

        var picture = PictureOf(tx, nics);
        var withBorrowed = nics.Any(n => !n.Create);
        var bindings = new PortBinding[nics.Count];
        for (var i = 0; i < nics.Count; i++)
            bindings[i] = nics[i].Create ? Make(tx, picture, server, nics[i], withBorrowed) : Borrow(tx, picture, server, nics[i]);
        if (withBorrowed)
            PortStore.MarkBorrowing(tx, server.ServerId.ToString());
        return bindings;
    }

    /// <inheritdoc />
    public void Release(Tx tx, Guid serverId)
    {
        var device = serverId.ToString();
        var gone = PortStore.DeleteOwned(tx, device);
        if (gone.Count == 0 || gone.Exists(p => p.WithBorrowed))
            PortStore.UnbindBorrowed(tx, device, Now());
        foreach (var port in gone)
            GiveBack(tx, port);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<NicSpec>> Describe(IReadOnlyList<PortBinding> ports, CancellationToken ct)
    {
        var picture = await pictures.Get(ct);
        return [.. ports.Select(port => Describe(picture, port))];
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyDictionary<Guid, string>> GroupNames(IReadOnlyCollection<Guid> groups, CancellationToken ct)
    {
        var names = new Dictionary<Guid, string>(groups.Count);
        if (groups.Count == 0)
            return names;

        var picture = await pictures.Get(ct);
        foreach (var id in groups)
            if (picture.Groups.TryGetValue(id, out var group))
                names[id] = group.Row.Name;
        return names;
    }

    /// <summary>The addresses of a deleted port are free again.</summary>
    internal void GiveBack(Tx tx, BoundPort port)
    {
        GiveBack(tx, pictures.Get(tx), port.Addresses);
        changes.Port(tx, new() { PortId = port.Id, NetworkId = port.NetworkId, GroupsBefore = port.SecurityGroups, AddressesBefore = Texts(port.Addresses) });
    }

    internal static IReadOnlyList<string> Texts(IReadOnlyList<AddressSpec> addresses) => [.. addresses.Select(a => a.Address)];

    internal static void GiveBack(Tx tx, NetworkPicture picture, IReadOnlyList<AddressSpec> addresses)
    {
        foreach (var address in addresses)
            if (picture.Subnets.TryGetValue(address.SubnetId, out var subnet)
                && IpNumber.TryParse(address.Address, out var number)
                && subnet.Cidr.OffsetOf(number) is { } offset
                && subnet.IsPooled(offset))
                AddressRanges.Give(tx, address.SubnetId, offset);
    }

    private static NicSpec Describe(NetworkPicture picture, PortBinding port) => new()
    {
        PortId = port.PortId,
        Mac = port.Mac,
        Network = picture.Networks.TryGetValue(port.NetworkId, out var network) ? network.Spec : throw Fault.NotFound($"Network {port.NetworkId} could not be found."),
        Addresses = port.Addresses,
        PortSecurity = !port.IsOpen,
        SecurityGroups = port.IsOpen ? [] : port.SecurityGroups,
        Tag = port.Tag,
        Floating = port.Floating,
    };

    // The picture in memory may be older than a network that another process made a moment ago.
    private NetworkPicture PictureOf(Tx tx, IReadOnlyList<PlannedNic> nics)
    {
        var picture = pictures.Get(tx);
        return nics.All(n => picture.Networks.ContainsKey(n.NetworkId)) ? picture : PictureCache.Load(tx);
    }

    private PortBinding Make(Tx tx, NetworkPicture picture, ServerPorts server, PlannedNic nic, bool withBorrowed)
    {
        if (!picture.Networks.TryGetValue(nic.NetworkId, out var network))
            throw Fault.NotFound($"Network {nic.NetworkId} could not be found.");

        for (var attempt = 0; attempt < MacAttempts; attempt++)
        {
            var port = NewPort(server, nic, network, withBorrowed, MacAddresses.Of(nic.PortId, attempt), addresses: []);
            if (Allocate(tx, network, nic, port.Mac) is not { } addresses)
                return Again(tx, server, nic, network) ?? throw Fault.Conflict($"No fixed IP addresses available for network: {nic.NetworkId}");

            if (PortStore.TryInsert(tx, port with { Addresses = addresses }, Now()))
                return Made(tx, network, nic, port with { Addresses = addresses });

            // A repeated step finds its own port; else the MAC is taken on this network.
            GiveBack(tx, picture, addresses);
            if (Again(tx, server, nic, network) is { } binding)
                return binding;
        }

        throw Fault.Conflict($"Unable to generate unique mac on network {nic.NetworkId}.");
    }

    private static NewPort NewPort(
        ServerPorts server, PlannedNic nic, PictureNetwork network, bool withBorrowed, string mac, IReadOnlyList<AddressSpec> addresses) => new()
        {
            Id = nic.PortId,
            NetworkId = nic.NetworkId,
            ProjectId = server.ProjectId,
            Mac = mac,
            Addresses = addresses,
            SecurityGroups = nic.SecurityGroups,
            PortSecurity = network.Row.PortSecurity,
            DeviceId = server.ServerId.ToString(),
            DeviceOwner = "compute:" + server.Zone,
            Host = server.Host,
            DnsName = server.Hostname,
            Owned = true,
            WithBorrowed = withBorrowed,
        };

    private PortBinding Made(Tx tx, PictureNetwork network, PlannedNic nic, NewPort port)
    {
        foreach (var address in port.Addresses)
            if (!PortStore.TryInsertAddress(tx, port.Id, address))
                throw Taken(tx, address);

        changes.Port(tx, new() { PortId = port.Id, NetworkId = port.NetworkId, Groups = port.SecurityGroups, Addresses = Texts(port.Addresses) });
        return new()
        {
            PortId = port.Id,
            NetworkId = port.NetworkId,
            NetworkName = network.Row.Name,
            Mac = port.Mac,
            Addresses = port.Addresses,
            SecurityGroups = port.SecurityGroups,
            IsOpen = !port.PortSecurity,
            Tag = nic.Tag,
        };
    }

    // The port of an earlier run of this step, now bound to this host; null when there is none.
    private PortBinding? Again(Tx tx, ServerPorts server, PlannedNic nic, PictureNetwork network) =>
        PortStore.Bind(tx, nic.PortId, server, Now()) is { } port ? Binding(tx, port, network.Row.Name, nic.Tag) : null;

    private PortBinding Borrow(Tx tx, NetworkPicture picture, ServerPorts server, PlannedNic nic)
    {
        if (PortStore.Bind(tx, nic.PortId, server, Now()) is { } port)
        {
            if (PortResources.Bound(nic) is { } bound)
                PortStore.SetBound(tx, port.Id, bound);
            return Binding(tx, port, picture.Networks[port.NetworkId].Row.Name, nic.Tag) with { Held = nic.Held, PciSlot = nic.PciSlot };
        }

        throw PortStore.Find(tx, nic.PortId) is null
            ? Fault.NotFound($"Port id {nic.PortId} could not be found.")
            : Fault.Conflict($"Port {nic.PortId} is still in use.");
    }

    private static PortBinding Binding(Tx tx, BoundPort port, string networkName, string? tag) => new()
    {
        PortId = port.Id,
        NetworkId = port.NetworkId,
        NetworkName = networkName,
        Mac = port.Mac,
        Addresses = port.Addresses,
        SecurityGroups = port.SecurityGroups,
        Owned = port.Owned,
        IsOpen = !port.PortSecurity,
        Tag = tag,
        Floating = FloatingIpStore.Of(tx, port.Id),
    };

    private static IReadOnlyList<AddressSpec>? Allocate(Tx tx, PictureNetwork network, PlannedNic nic, string mac)
    {
        if (nic.FixedIp is { } wanted)
        {
            var address = AddressAllocator.ByName(tx, network, wanted)
                ?? throw Fault.Conflict($"Fixed IP {wanted} is not a valid ip address for network {nic.NetworkId}.");
            return [address];
        }

        return AddressAllocator.Any(tx, network, mac);
    }

    private static Fault Taken(Tx tx, AddressSpec address) =>
        Fault.Conflict($"Fixed IP address {address.Address} is already in use on instance {PortStore.DeviceAt(tx, address) ?? ""}.");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
