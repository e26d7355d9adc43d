using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Nova.Tests.Support;

/// <summary>An authority of the test's own, and certificates of it in PEM files of a folder.</summary>
internal sealed class PemFiles : IDisposable
{
    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddHours(-1);

    private readonly string _folder;
    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;

    public PemFiles(string folder)
    {
        _folder = folder;
        var request = new CertificateRequest("CN=authority of a test", _rootKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(From, From.AddDays(1));
        File.WriteAllText(Authority, _root.ExportCertificatePem());
    }

    public string Authority => Path.Combine(_folder, "ca.pem");

    public string Certificate => Path.Combine(_folder, "cert.pem");

    public string Key => Path.Combine(_folder, "key.pem");

    /// <summary>Writes <see cref="Certificate"/> and <see cref="Key"/> anew, for 127.0.0.1.</summary>
    /// <returns>What is shown to clients.</returns>
    public X509Certificate2 Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = RequestFor(name, key);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        var signed = request.Create(_root, From, From.AddHours(12), RandomNumberGenerator.GetBytes(8));
        Write(signed, key);
        return signed;
    }

    /// <summary>The same with a certificate that signed itself.</summary>
    public X509Certificate2 IssueAlone(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = RequestFor(name, key);
        var signed = request.CreateSelfSigned(From, From.AddHours(12));
        Write(signed, key);
        return signed;
    }

    public void Dispose()
    {
        _root.Dispose();
        _rootKey.Dispose();
    }

    private static CertificateRequest RequestFor(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private void Write(X509Certificate2 certificate, ECDsa key)
    {
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
    }
}
