using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Nova.Modules.Shared;

namespace Nova.Modules.Keypairs;

/// <summary>Checks public keys and names them by their fingerprint.</summary>
public static class PublicKeys
{
    /// <summary>The fingerprint of a key.</summary>
    /// <exception cref="Fault">400: it is not a key of its type.</exception>
    public static string FingerprintOf(string publicKey, string type) => type == KeyTypes.X509 ? OfCertificate(publicKey) : OfSsh(publicKey);

    private static string OfSsh(string publicKey)
    {
        var words = publicKey.Split(' ', StringSplitOptions.TrimEntries);
        var bytes = new byte[publicKey.Length];
        if (words.Length < 2 || !Convert.TryFromBase64String(words[1], bytes, out var length) || !IsKey(words[0], bytes.AsSpan(0, length)))
            throw Fault.BadRequest($"Keypair data is invalid: failed to generate fingerprint");

#pragma warning disable CA5351 // The fingerprint that users compare is defined with MD5; nothing is protected by it.
        return Colons(MD5.HashData(bytes.AsSpan(0, length)));
#pragma warning restore CA5351
    }

    private static string OfCertificate(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
#pragma warning disable CA5350 // As with MD5 above.
            return Colons(certificate.GetCertHash(HashAlgorithmName.SHA1));
#pragma warning restore CA5350
        }
        catch (CryptographicException e)
        {
            throw Fault.BadRequest($"Keypair data is invalid: failed to generate X509 fingerprint. Error message: {e.Message}");
        }
    }

    private static string Colons(byte[] hash) => string.Join(':', hash.Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));

    // RFC 4253: fields with a length of four bytes in front; the first repeats the name of the type.
    private static bool IsKey(string type, ReadOnlySpan<byte> blob) => TryField(ref blob, out var name) && Encoding.ASCII.GetString(name) == type && type switch
    {
        "ssh-rsa" => TryField(ref blob, out var exponent) && exponent.Length > 0 && TryField(ref blob, out var modulus) && modulus.Length >= 64 && blob.IsEmpty,
        "ssh-ed25519" => TryField(ref blob, out var point) && point.Length == 32 && blob.IsEmpty,
        "ecdsa-sha2-nistp256" => IsCurve(blob, "nistp256", 65),
        "ecdsa-sha2-nistp384" => IsCurve(blob, "nistp384", 97),
        "ecdsa-sha2-nistp521" => IsCurve(blob, "nistp521", 133),
        _ => false,
    };

    private static bool IsCurve(ReadOnlySpan<byte> blob, string curve, int pointBytes) =>
        TryField(ref blob, out var name) && Encoding.ASCII.GetString(name) == curve
        && TryField(ref blob, out var point) && point.Length == pointBytes && point[0] == 4 && blob.IsEmpty;

    private static bool TryField(ref ReadOnlySpan<byte> blob, out ReadOnlySpan<byte> field)
    {
        field = default;
        if (blob.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(blob) is var length && length > blob.Length - 4)
            return false;

        field = blob.Slice(4, (int)length);
        blob = blob[(4 + (int)length)..];
        return true;
    }
}
