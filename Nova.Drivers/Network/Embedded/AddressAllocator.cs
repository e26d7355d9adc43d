using Nova.Modules.Compute;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>
/// Which addresses a new port gets: one IPv4 address and one IPv6 address of the subnets that hand them out, and one of
/// every subnet whose addresses follow from the MAC, as the original does.
/// </summary>
internal static class AddressAllocator
{
    /// <summary>One address per family from the free ranges; null when the network has subnets of a family and none has room.</summary>
    public static IReadOnlyList<AddressSpec>? Any(Tx tx, PictureNetwork network, string mac)
    {
        var addresses = new List<AddressSpec>(1);
        foreach (var v6 in (ReadOnlySpan<bool>)[false, true])
        {
            if (!network.Subnets.Any(s => s.Cidr.V6 == v6 && !s.Row.IsFromMac))
                continue;
            if (First(tx, network, v6) is not { } address)
            {
                GiveBack(tx, network, addresses);
                return null;
            }

            addresses.Add(address);
        }

        foreach (var subnet in network.Subnets)
            if (subnet.Row.IsFromMac)
                addresses.Add(FromMac(subnet, mac));
        return addresses;
    }

    /// <summary>The address that was asked for, taken out of the free ranges; null when no subnet holds it.</summary>
    public static AddressSpec? ByName(Tx tx, PictureNetwork network, string wanted)
    {
        if (!IpNumber.TryParse(wanted, out var number) || network.Subnets.FirstOrDefault(s => s.Cidr.Contains(number)) is not { } subnet)
            return null;

        Occupy(tx, subnet, number);
        return new(subnet.Row.Id, number.ToString());
    }

    /// <summary>An address is no longer free; whether another port has it shows when its row is inserted.</summary>
    public static void Occupy(Tx tx, PictureSubnet subnet, IpNumber number)
    {
        if (subnet.Cidr.OffsetOf(number) is { } offset && subnet.IsPooled(offset))
            AddressRanges.TakeExactly(tx, subnet.Row.Id, offset);
    }

    /// <summary>An address of one subnet, or null when it is full.</summary>
    public static AddressSpec? Of(Tx tx, PictureSubnet subnet, string mac) =>
        subnet.Row.IsFromMac ? FromMac(subnet, mac)
        : AddressRanges.Take(tx, subnet.Row.Id) is { } offset ? new(subnet.Row.Id, subnet.Cidr.At((UInt128)offset).ToString())
        : null;

    private static AddressSpec? First(Tx tx, PictureNetwork network, bool v6)
    {
        foreach (var subnet in network.Subnets)
            if (subnet.Cidr.V6 == v6 && !subnet.Row.IsFromMac && Of(tx, subnet, mac: "") is { } address)
                return address;

        return null;
    }

    private static AddressSpec FromMac(PictureSubnet subnet, string mac) =>
        new(subnet.Row.Id, subnet.Cidr.At(MacAddresses.InterfaceId(mac)).ToString());

    private static void GiveBack(Tx tx, PictureNetwork network, List<AddressSpec> addresses)
    {
        foreach (var address in addresses)
            if (network.Subnets.FirstOrDefault(s => s.Row.Id == address.SubnetId) is { } subnet
                && IpNumber.TryParse(address.Address, out var number) && subnet.Cidr.OffsetOf(number) is { } offset)
                AddressRanges.Give(tx, address.SubnetId, offset);
    }
}
