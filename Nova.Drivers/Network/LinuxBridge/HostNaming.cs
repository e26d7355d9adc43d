using System.Net;
using System.Security.Cryptography;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// The names of everything that one installation makes on a host. Each carries the installation's id, so that leftovers
/// are found by prefix and two installations never touch each other's; interface names have at most 15 characters.
/// </summary>
internal sealed class HostNaming(string installation, string transferNetwork)
{
    private readonly IPNetwork transfer = IPNetwork.Parse(transferNetwork);

    /// <summary>The address at which every guest asks for its metadata.</summary>
    public const string MetadataV4 = "169.254.169.254";

    /// <summary>The same for guests that have IPv6 only.</summary>
    public const string MetadataV6 = "fe80::a9fe:a9fe";

    /// <summary>The name of the guests' side inside a namespace.</summary>
    public const string Inside = "net";

    /// <summary>The name of the side towards the host inside a namespace.</summary>
    public const string Up = "uplink";

    /// <summary>The nft table, one of this name per family.</summary>
    public string Table => $"nova_{installation}";

    /// <summary>What bridges' names begin with.</summary>
    public string BridgePrefix => $"nb{installation}-";

    /// <summary>What the bridge ports of namespaces begin with.</summary>
    public string GatewayPrefix => $"ng{installation}-";

    /// <summary>What the links between host and namespaces begin with.</summary>
    public string UplinkPrefix => $"nu{installation}-";

    /// <summary>What namespaces' names begin with.</summary>
    public string NamespacePrefix => $"nova-{installation}-";

    /// <summary>32 bits of the network's id, as hex: the part of all names that tells networks apart.</summary>
    public static string Tag(Guid network) => Convert.ToHexStringLower(Hash(network).AsSpan(0, 4));

    /// <summary>A stable address of the gateway, so that guests' neighbour tables hold when a namespace is rebuilt.</summary>
    public static string GatewayMac(Guid network) => Mac("02", Hash(network).AsSpan(8, 5));

    /// <summary>A stable address of the bridge, which otherwise changes with its ports.</summary>
    public static string BridgeMac(Guid network) => Mac("06", Hash(network).AsSpan(8, 5));

    /// <summary>How many namespaces the transfer network has room for; also the bound of conntrack zones.</summary>
    public int Slots => Math.Min(1 << (30 - transfer.PrefixLength), 16_384);

    /// <summary>The host's whole transfer range.</summary>
    public string TransferRange => transfer.ToString();

    /// <summary>The IPv6 transfer range of all installations.</summary>
    public const string TransferRangeV6 = "fd6e:6f76:6121::/48";

    /// <summary>The host's address in a slot.</summary>
    public string HostSide(int slot) => TransferAddress(slot, 1);

    /// <summary>The namespace's address in a slot.</summary>
    public string NamespaceSide(int slot) => TransferAddress(slot, 2);

    /// <summary>The host's IPv6 address in a slot.</summary>
    public static string HostSideV6(int slot) => $"fd6e:6f76:6121:{slot:x}::1";

    /// <summary>The namespace's IPv6 address in a slot.</summary>
    public static string NamespaceSideV6(int slot) => $"fd6e:6f76:6121:{slot:x}::2";

    private string TransferAddress(int slot, int offset)
    {
        var bytes = transfer.BaseAddress.GetAddressBytes();
        var number = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes) + (uint)(slot * 4 + offset);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return new IPAddress(bytes).ToString();
    }

    private static byte[] Hash(Guid network) => SHA256.HashData(network.ToByteArray());

    private static string Mac(string first, ReadOnlySpan<byte> rest) => $"{first}:{rest[0]:x2}:{rest[1]:x2}:{rest[2]:x2}:{rest[3]:x2}:{rest[4]:x2}";
}
