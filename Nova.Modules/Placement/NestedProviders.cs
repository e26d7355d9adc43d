using System.Security.Cryptography;
using System.Text;

namespace Nova.Modules.Placement;

/// <summary>Identities of providers below a host's: the same each time, so that reporting twice finds the same.</summary>
public static class NestedProviders
{
    /// <summary>The provider of a part of a host by its name there (a device's address, a pool's name).</summary>
    public static Guid IdOf(Guid hostId, string name)
    {
        // A name-based UUID of version 8: 16 bytes of a hash with the version and variant set.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{hostId}/{name}"), hash);
        hash[6] = (byte)(hash[6] & 0x0F | 0x80);
        hash[8] = (byte)(hash[8] & 0x3F | 0x80);
        return new(hash[..16], bigEndian: true);
    }
}
