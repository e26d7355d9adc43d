using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Nova.Drivers.Network.Embedded;

/// <summary>An IPv4 or IPv6 address as a number, so that both are counted in the same way.</summary>
/// <param name="Value">The address in network order as an unsigned number.</param>
/// <param name="V6">True for IPv6.</param>
public readonly record struct IpNumber(UInt128 Value, bool V6)
{
    /// <summary>Reads an address; false for anything that is not exactly one (scopes and IPv4 short forms are refused).</summary>
    public static bool TryParse(string? text, out IpNumber number)
    {
        number = default;
        if (text is null || !IPAddress.TryParse(text, out var address) || text.Contains('%', StringComparison.Ordinal))
            return false;
        if (address.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') != 3)
            return false;

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        number = length == 4 ? new(BinaryPrimitives.ReadUInt32BigEndian(bytes), false) : new(BinaryPrimitives.ReadUInt128BigEndian(bytes), true);
        return true;
    }

    /// <summary>The canonical text.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        if (V6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
            return new IPAddress(bytes).ToString();
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Value);
        return new IPAddress(bytes[..4]).ToString();
    }
}

/// <summary>A network prefix such as 10.0.0.0/24; the bits behind the prefix are zero.</summary>
public readonly record struct Cidr(IpNumber Base, int Prefix)
{
    /// <summary>True for IPv6.</summary>
    public bool V6 => Base.V6;

    /// <summary>32 or 128.</summary>
    public int Width => V6 ? 128 : 32;

    /// <summary>The last address of the prefix, as an offset from the first.</summary>
    public UInt128 LastOffset => Width == Prefix ? 0 : (Width - Prefix == 128 ? UInt128.MaxValue : (UInt128.One << (Width - Prefix)) - 1);

    /// <summary>Reads ADDRESS/PREFIX, clearing the bits behind the prefix; a bare address is a prefix of full width.</summary>
    public static bool TryParse(string? text, out Cidr cidr)
    {
        cidr = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (!IpNumber.TryParse(slash < 0 ? text : text![..slash], out var address))
            return false;

        var width = address.V6 ? 128 : 32;
        var prefix = width;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > width))
            return false;

        var hostMask = new Cidr(address, prefix).LastOffset;
        cidr = new(new(address.Value & ~hostMask, address.V6), prefix);
        return true;
    }

    /// <summary>True when the address is of this family and within the prefix.</summary>
    public bool Contains(IpNumber address) => address.V6 == V6 && address.Value >= Base.Value && address.Value - Base.Value <= LastOffset;

    /// <summary>True when the two prefixes share an address.</summary>
    public bool Overlaps(Cidr other) => Contains(other.Base) || other.Contains(Base);

    /// <summary>The address at an offset from the first.</summary>
    public IpNumber At(UInt128 offset) => new(Base.Value + offset, V6);

    /// <summary>
    /// The offset that the free ranges know, or null for an address of a huge IPv6 prefix beyond them (such an address is
    /// only ever asked for by name, or derived from a MAC).
    /// </summary>
    public long? OffsetOf(IpNumber address) =>
        Contains(address) && address.Value - Base.Value <= long.MaxValue ? (long)(address.Value - Base.Value) : null;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Base}/{Prefix}");
}

/// <summary>Both ends inclusive, counted from the base of a subnet.</summary>
public readonly record struct OffsetRange(long Low, long High);
