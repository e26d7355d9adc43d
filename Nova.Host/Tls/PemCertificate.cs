using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nova.Host.Configuration;

namespace Nova.Host.Tls;

/// <summary>A certificate with its private key, and the intermediate ones that are sent with it.</summary>
/// <param name="Leaf">Holds the private key.</param>
/// <param name="Chain">What stood behind it in the file.</param>
internal sealed record PemCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain)
{
    /// <summary>True when nobody else signed it: it is its own authority.</summary>
    public bool IsSelfSigned => Leaf.SubjectName.RawData.AsSpan().SequenceEqual(Leaf.IssuerName.RawData);

    /// <summary>Reads the files.</summary>
    /// <exception cref="PemProblem">They cannot be used; which setting is wrong, and why.</exception>
    public static PemCertificate Read(TlsSettings settings)
    {
        var file = settings.Certificate ?? throw new InvalidOperationException("There is no certificate to read.");
        var certificates = Certificates(Text(file, "tls.certificate"), file);
        return new(WithKey(certificates[0], settings), [.. certificates.Skip(1)]);
    }

    /// <summary>What is wrong with the files; null when they can be used, or when there are none.</summary>
    public static PemProblem? ProblemOf(TlsSettings settings)
    {
        try
        {
            if (settings.IsOn)
                Read(settings);
            if (settings.Ca is { } ca)
                Authorities(ca);
            return settings is { IsOn: false, Key: not null } ? new("tls.key", "a key is of use with tls.certificate alone.") : null;
        }
        catch (PemProblem e)
        {
            return e;
        }
    }

    /// <summary>The certificates of the authorities in a file.</summary>
    /// <exception cref="PemProblem">It cannot be used.</exception>
    public static X509Certificate2Collection Authorities(string file) => [.. Certificates(Text(file, "tls.ca"), file, "tls.ca")];

    private static List<X509Certificate2> Certificates(string text, string file, string setting = "tls.certificate")
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPem(text);
            return all.Count > 0 ? [.. all] : throw new PemProblem(setting, $"{file} holds no certificate: allowed is PEM, with a line -----BEGIN CERTIFICATE-----.");
        }
        catch (CryptographicException e)
        {
            throw new PemProblem(setting, $"{file} holds no certificate that can be read: {e.Message}");
        }
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, TlsSettings settings)
    {
        var (file, setting) = settings.Key is { } own ? (own, "tls.key") : (settings.Certificate!, "tls.certificate");
        var text = Text(file, setting);
        if (text.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal) || text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw new PemProblem(setting, $"the private key in {file} has a passphrase: store it without one, readable by the user of nova-host alone.");
        if (!text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new PemProblem(setting, $"{file} holds no private key: allowed is PEM, with a line -----BEGIN PRIVATE KEY-----.{(settings.Key is null ? " Name its file with tls.key." : "")}");

        try
        {
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), text);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new PemProblem(setting, $"the private key in {file} cannot be used with the certificate in {settings.Certificate}: {e.Message}");
        }
    }

    private static string Text(string file, string setting)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PemProblem(setting, $"{file} cannot be read: {e.Message}");
        }
    }
}

/// <summary>A PEM file that cannot be used.</summary>
/// <param name="setting">The key of the setting that names it.</param>
/// <param name="message">Why, and what is allowed.</param>
internal sealed class PemProblem(string setting, string message) : Exception(message)
{
    /// <summary>The key of the setting that names the file.</summary>
    public string Setting => setting;
}
