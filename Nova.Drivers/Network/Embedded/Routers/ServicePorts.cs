using Nova.Drivers.Embedded;
using Nova.Modules.Compute;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded.Routers;

/// <summary>The ports that routers and floating addresses have on networks. Clients see them and do not delete them.</summary>
public sealed class ServicePorts(EmbeddedNetwork binder, TimeProvider time, Ids ids)
{
    /// <summary>The leg of a router in a subnet.</summary>
    internal const string Interface = "network:router_interface";

    /// <summary>The router's side on an external network.</summary>
    internal const string Gateway = "network:router_gateway";

    /// <summary>The holder of a floating address.</summary>
    internal const string Floating = "network:floatingip";

    /// <summary>True for a port that goes only with what it belongs to.</summary>
    internal static bool IsOne(string deviceOwner) => deviceOwner is Interface or Gateway or Floating;

    /// <summary>A new port with one address of each family, or with those that are wanted.</summary>
    internal NewPort Make(Tx tx, PictureNetwork network, string owner, Guid device, string project, IReadOnlyList<JsonBody>? wanted)
    {
        var port = Draft(tx, network, owner, device, project);
        return Insert(tx, port with { Addresses = PortService.Allocate(tx, network, port.Mac, wanted) });
    }

    /// <summary>A new port with this address.</summary>
    internal NewPort Make(Tx tx, PictureNetwork network, string owner, Guid device, string project, PictureSubnet subnet, IpNumber address)
    {
        AddressAllocator.Occupy(tx, subnet, address);
        return Insert(tx, Draft(tx, network, owner, device, project) with { Addresses = [new AddressSpec(subnet.Row.Id, address.ToString())] });
    }

    /// <summary>A new port with any address of the first of the subnets that has one; null when none has.</summary>
    internal NewPort? MakeIn(Tx tx, PictureNetwork network, string owner, Guid device, string project, IEnumerable<PictureSubnet> subnets)
    {
        var port = Draft(tx, network, owner, device, project);
        foreach (var subnet in subnets)
            if (AddressAllocator.Of(tx, subnet, port.Mac) is { } address)
                return Insert(tx, port with { Addresses = [address] });

        return null;
    }

    /// <summary>The port is gone, its addresses are free.</summary>
    internal void Remove(Tx tx, Guid id)
    {
        if (PortStore.Find(tx, id) is not { } port)
            return;

        tx.Execute("DELETE FROM ports WHERE id = @id", new { id });
        binder.GiveBack(tx, port);
    }

    private NewPort Draft(Tx tx, PictureNetwork network, string owner, Guid device, string project)
    {
        var port = new NewPort
        {
            Id = ids.Next(),
            NetworkId = network.Row.Id,
            ProjectId = project,
            Mac = "",
            Addresses = [],
            PortSecurity = false,
            DeviceId = device.ToString(),
            DeviceOwner = owner,
        };
        return port with { Mac = PortService.FreeMac(tx, port) };
    }

    private NewPort Insert(Tx tx, NewPort port)
    {
        if (!PortStore.TryInsert(tx, port, time.GetUtcNow().ToUnixTimeMilliseconds()))
            throw NetworkFaults.MacTaken(port.NetworkId, port.Mac);

        PortService.AddAddresses(tx, port.Id, port.Addresses);
        return port;
    }
}
