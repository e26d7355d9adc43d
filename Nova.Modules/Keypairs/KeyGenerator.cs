using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Nova.Modules.Keypairs;

/// <summary>Generates key pairs, which the API offered until 2.91. The private half goes to the user and is kept nowhere.</summary>
public static class KeyGenerator
{
    private const int Bits = 2048;

    /// <summary>A new pair; takes about 100 ms of CPU.</summary>
    /// <param name="type"><see cref="KeyTypes"/>.</param>
    /// <param name="userId">The subject of a certificate.</param>
    /// <param name="now">When a certificate begins to be valid.</param>
    public static (string Public, string Private) Make(string type, string userId, DateTimeOffset now)
    {
        using var rsa = RSA.Create(Bits);
        return type == KeyTypes.X509 ? Certificate(rsa, userId, now) : (SshLine(rsa), rsa.ExportRSAPrivateKeyPem() + "\n");
    }

    private static string SshLine(RSA rsa)
    {
        var key = rsa.ExportParameters(includePrivateParameters: false);
        byte[] blob = [.. Field("ssh-rsa"u8), .. Number(key.Exponent!), .. Number(key.Modulus!)];
        return $"ssh-rsa {Convert.ToBase64String(blob)} Generated-by-Nova";
    }

    // Ten years, for client authentication, the user as principal name; the private half is PKCS#12 without a password in base64.
    private static (string Public, string Private) Certificate(RSA rsa, string userId, DateTimeOffset now)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(userId.Length <= 64 ? userId : userId[..64]);
        var request = new CertificateRequest(subject.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUserPrincipalName($"{userId}@localhost");
        request.CertificateExtensions.Add(names.Build());

        using var certificate = request.CreateSelfSigned(now, now.AddDays(3650));
        return (certificate.ExportCertificatePem() + "\n", Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12, "")));
    }

    private static byte[] Field(ReadOnlySpan<byte> bytes)
    {
        var field = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(field, (uint)bytes.Length);
        bytes.CopyTo(field.AsSpan(4));
        return field;
    }

    // A multiple precision integer is signed: a leading 1 bit needs a zero byte in front.
    private static byte[] Number(byte[] bigEndian) => Field(bigEndian[0] >= 0x80 ? [0, .. bigEndian] : bigEndian);
}
