using System.Security.Cryptography;
using System.Text;

namespace Nova.Modules.Shared;

/// <summary>
/// Seals small values with the installation's master key (DIR/master.key, 32 bytes): AES-256-GCM, the nonce in front.
/// The key of each purpose is derived, so a value sealed for one purpose does not open for another.
/// </summary>
public sealed class SecretBox(byte[] masterKey)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _key = Derive(masterKey, "secret-box");

    /// <summary>A key for another purpose (tickets, token signatures), derived with HKDF-SHA256; 32 bytes.</summary>
    public byte[] KeyFor(string purpose) => Derive(masterKey, purpose);

    /// <summary>The value, sealed, in base64.</summary>
    public string Seal(string value)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(NonceBytes + plain.Length));
        return Convert.ToBase64String(box);
    }

    /// <summary>The value again.</summary>
    /// <exception cref="CryptographicException">Sealed with another key, or changed since.</exception>
    public string Open(string sealedValue)
    {
        var box = Convert.FromBase64String(sealedValue);
        if (box.Length < NonceBytes + TagBytes)
            throw new CryptographicException("A sealed secret is too short.");

        var plain = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_key, TagBytes);
        aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, plain.Length), box.AsSpan(box.Length - TagBytes), plain);
        return Encoding.UTF8.GetString(plain);
    }

    private static byte[] Derive(byte[] key, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.UTF8.GetBytes("nova-host/" + purpose));
}
