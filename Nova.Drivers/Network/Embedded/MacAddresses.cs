using System.Globalization;
using System.Security.Cryptography;

namespace Nova.Drivers.Network.Embedded;

/// <summary>MAC addresses below fa:16:3e, the prefix that the original uses.</summary>
public static class MacAddresses
{
    /// <summary>
    /// The address of a port: derived from its id, so that a repeated step finds its own. 24 bits are few, so where it is
    /// taken on the network the next attempt gives another.
    /// </summary>
    public static string Of(Guid portId, int attempt)
    {
        Span<byte> input = stackalloc byte[20];
        portId.TryWriteBytes(input, bigEndian: true, out _);
        if (attempt == 0)
            return Write(input[13], input[14], input[15]);

        BitConverter.TryWriteBytes(input[16..], attempt);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, hash);
        return Write(hash[0], hash[1], hash[2]);
    }

    /// <summary>Six bytes in lower-case hex with colons, or null when the text is no unicast MAC address.</summary>
    public static string? Normalize(string? text)
    {
        var parts = text?.Split(text.Contains('-', StringComparison.Ordinal) ? '-' : ':') ?? [];
        var bytes = new byte[6];
        if (parts.Length != 6)
            return null;
        for (var i = 0; i < 6; i++)
            if (parts[i].Length != 2 || !byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]))
                return null;

        return (bytes[0] & 1) == 1 || bytes.All(b => b == 0) ? null : string.Join(':', bytes.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
    }

    /// <summary>The modified EUI-64 interface identifier of a MAC address (RFC 4291, appendix A).</summary>
    public static ulong InterfaceId(string mac)
    {
        var value = ulong.Parse(mac.Replace(":", "", StringComparison.Ordinal), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var (vendor, device) = (value >> 24, value & 0xff_ffff);
        return ((vendor ^ 0x02_0000) << 40) | 0xff_fe00_0000UL | device;
    }

    private static string Write(byte a, byte b, byte c) => string.Create(CultureInfo.InvariantCulture, $"fa:16:3e:{a:x2}:{b:x2}:{c:x2}");
}
