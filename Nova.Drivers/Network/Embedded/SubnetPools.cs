using Nova.Drivers.Embedded;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Allocation pools: what a subnet hands out.</summary>
internal static class SubnetPools
{
    /// <summary>Everything but the network's own address, the gateway and, for IPv4, the broadcast address.</summary>
    public static IReadOnlyList<AddressPool> Default(Cidr cidr, string? gateway)
    {
        // A /31 and a /32 have neither a network nor a broadcast address (RFC 3021).
        var isTiny = cidr.Width - cidr.Prefix < 2;
        UInt128 low = isTiny ? 0u : 1u, high = cidr.LastOffset - (cidr.V6 || isTiny ? 0u : 1u);
        if (!IpNumber.TryParse(gateway, out var number) || !cidr.Contains(number))
            return [Pool(cidr, low, high)];

        var at = number.Value - cidr.Base.Value;
        var pools = new List<AddressPool>(2);
        if (at > low)
            pools.Add(Pool(cidr, low, UInt128.Min(at - 1, high)));
        if (at < high)
            pools.Add(Pool(cidr, UInt128.Max(at + 1, low), high));
        return pools;
    }

    /// <summary>The pools of a request, checked.</summary>
    public static IReadOnlyList<AddressPool> Read(IReadOnlyList<JsonBody> bodies, Cidr cidr, string? gateway)
    {
        var ranges = new List<(IpNumber Start, IpNumber End)>();
        foreach (var body in bodies)
        {
            var (start, end) = (body.Required("start"), body.Required("end"));
            if (!IpNumber.TryParse(start, out var low) || !IpNumber.TryParse(end, out var high) || low.V6 != high.V6 || low.Value > high.Value)
                throw NetworkFaults.Invalid($"The allocation pool {start}-{end} is not valid");
            if (!cidr.Contains(low) || !cidr.Contains(high))
                throw NetworkFaults.Invalid($"The allocation pool {start}-{end} spans beyond the subnet cidr {cidr}");
            if (ranges.Exists(r => r.Start.Value <= high.Value && low.Value <= r.End.Value))
                throw NetworkFaults.Invalid($"Found overlapping allocation pools: {start}-{end}");
            ranges.Add((low, high));
        }

        IReadOnlyList<AddressPool> pools = [.. ranges.OrderBy(r => r.Start.Value).Select(r => new AddressPool(r.Start.ToString(), r.End.ToString()))];
        RefuseGatewayInside(pools, gateway);
        return pools;
    }

    /// <summary>A gateway's address must not be handed out.</summary>
    public static void RefuseGatewayInside(IReadOnlyList<AddressPool> pools, string? gateway)
    {
        if (!IpNumber.TryParse(gateway, out var at))
            return;
        foreach (var pool in pools)
            if (IpNumber.TryParse(pool.Start, out var low) && IpNumber.TryParse(pool.End, out var high) && low.V6 == at.V6 && low.Value <= at.Value && at.Value <= high.Value)
                throw NetworkFaults.Typed(
                    Nova.Modules.Shared.Fault.Conflict($"Gateway ip {gateway} conflicts with allocation pool {pool.Start}-{pool.End}."), "GatewayConflictWithAllocationPools");
    }

    private static AddressPool Pool(Cidr cidr, UInt128 low, UInt128 high) => new(cidr.At(low).ToString(), cidr.At(high).ToString());
}
