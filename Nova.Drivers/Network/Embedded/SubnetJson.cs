using System.Text.Json;

namespace Nova.Drivers.Network.Embedded;

/// <summary>A pool of addresses, both ends inclusive.</summary>
public sealed record AddressPool(string Start, string End);

/// <summary>A route that DHCP announces.</summary>
public sealed record HostRoute(string Destination, string Nexthop);

/// <summary>The JSON columns of a subnet.</summary>
internal static class SubnetJson
{
    // One less than the largest, so that the offset behind a range is still a number.
    private const long LastOffset = long.MaxValue - 1;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static IReadOnlyList<AddressPool> Pools(string json) => JsonSerializer.Deserialize<List<AddressPool>>(json, Options) ?? [];

    public static string Write(IEnumerable<AddressPool> pools) => JsonSerializer.Serialize(pools, Options);

    public static IReadOnlyList<HostRoute> Routes(string json) => JsonSerializer.Deserialize<List<HostRoute>>(json, Options) ?? [];

    public static string Write(IEnumerable<HostRoute> routes) => JsonSerializer.Serialize(routes, Options);

    public static IReadOnlyList<string> Strings(string? json) => json is null ? [] : JsonSerializer.Deserialize<List<string>>(json) ?? [];

    public static string Write(IEnumerable<string> values) => JsonSerializer.Serialize(values);

    /// <summary>The pools as offsets; what lies beyond 2^63 of a huge prefix is never handed out.</summary>
    public static IReadOnlyList<OffsetRange> PoolRanges(SubnetRow row)
    {
        if (!Cidr.TryParse(row.Cidr, out var cidr))
            return [];

        var ranges = new List<OffsetRange>();
        foreach (var pool in Pools(row.Pools))
            if (IpNumber.TryParse(pool.Start, out var start) && IpNumber.TryParse(pool.End, out var end) && cidr.OffsetOf(start) is { } low)
                ranges.Add(new(low, Math.Min(cidr.OffsetOf(end) ?? LastOffset, LastOffset)));
        return ranges;
    }
}
