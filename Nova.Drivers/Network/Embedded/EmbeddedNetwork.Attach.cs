using Nova.Drivers.Network.Embedded.FloatingIps;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Identity;
using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

// Single ports and addresses of servers that exist.
public sealed partial class EmbeddedNetwork
{
    /// <inheritdoc />
    public Task<PlannedNic> PlanAttach(Caller caller, AttachRequest request, CancellationToken ct) => attachments.Plan(caller, request, ct);

    /// <inheritdoc />
    public PortBinding Attach(Tx tx, ServerPorts server, PlannedNic nic)
    {
        var device = server.ServerId.ToString();
        if (!nic.Create)
            return Ensure(tx, server, [nic])[0];

        if (PortStore.Find(tx, nic.PortId) is null)
            CheckNew(tx, server, nic);
        var binding = WithRoom(() => Ensure(tx, server, [nic])[0], nic);
        PortStore.MarkIfBorrowing(tx, nic.PortId, device);
        return binding;
    }

    /// <inheritdoc />
    public void Release(Tx tx, Guid serverId, Guid portId)
    {
        var device = serverId.ToString();
        if (PortStore.DeleteOwned(tx, device, portId) is { } gone)
            GiveBack(tx, gone);
        else
            PortStore.UnbindBorrowed(tx, device, portId, Now());
    }

    /// <inheritdoc />
    public bool AddAddress(Tx tx, Guid serverId, Guid networkId)
    {
        var ports = PortStore.OnNetwork(tx, serverId.ToString(), networkId);
        if (ports.Count == 0 || !pictures.Get(tx).Networks.TryGetValue(networkId, out var network))
            return false;

        foreach (var port in ports)
            foreach (var subnet in network.Subnets)
                if (AddressAllocator.Of(tx, subnet, port.Mac) is { } address && PortStore.TryInsertAddress(tx, port.Id, address))
                {
                    Readdress(tx, port, [.. port.Addresses, address]);
                    return true;
                }

        throw Fault.BadRequest($"No fixed IP addresses available for network: {networkId}");
    }

    /// <inheritdoc />
    public bool RemoveAddress(Tx tx, Guid serverId, string address)
    {
        var text = IpNumber.TryParse(address, out var number) ? number.ToString() : address;
        if (PortStore.WithAddress(tx, serverId.ToString(), text) is not { } port)
            return false;

        tx.Run("DELETE FROM port_addresses WHERE port_id = $1 AND address = $2", port.Id, text);
        GiveBack(tx, pictures.Get(tx), [.. port.Addresses.Where(a => a.Address == text)]);
        Readdress(tx, port, [.. port.Addresses.Where(a => a.Address != text)]);
        return true;
    }

    private void Readdress(Tx tx, BoundPort port, IReadOnlyList<AddressSpec> addresses)
    {
        PortStore.SetAddresses(tx, port.Id, addresses, Now());
        FloatingIpStore.Keep(tx, port.Id, Texts(addresses));
        changes.Port(tx, new()
        {
            PortId = port.Id,
            NetworkId = port.NetworkId,
            GroupsBefore = port.SecurityGroups,
            AddressesBefore = Texts(port.Addresses),
            Groups = port.SecurityGroups,
            Addresses = Texts(addresses),
        });
        servers.Changed(tx, port.DeviceId, port.Id, nic => nic with { Addresses = addresses, Floating = FloatingIpStore.Of(tx, port.Id) });
    }

    private void CheckNew(Tx tx, ServerPorts server, PlannedNic nic)
    {
        if (!quotas.HasRoom(tx, server.ProjectId, "port"))
            throw Fault.Forbidden($"Maximum number of ports exceeded");
        if (nic.FixedIp is { } wanted && IpNumber.TryParse(wanted, out var number)
            && pictures.Get(tx).Networks.TryGetValue(nic.NetworkId, out var network)
            && network.Subnets.FirstOrDefault(s => s.Cidr.Contains(number)) is { } subnet
            && PortStore.DeviceAt(tx, new(subnet.Row.Id, number.ToString())) is not null)
            throw Fault.Conflict($"Fixed IP {wanted} is already in use.");
    }

    // A create that finds no address conflicts with what others have; an attach is a bad request.
    private static PortBinding WithRoom(Func<PortBinding> make, PlannedNic nic)
    {
        try
        {
            return make();
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Conflict && nic.FixedIp is null)
        {
            throw new Fault(FaultKind.BadRequest, fault.Text, fault.Details);
        }
    }
}
