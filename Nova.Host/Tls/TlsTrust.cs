using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Nova.Host.Configuration;

namespace Nova.Host.Tls;

/// <summary>Which certificates the program itself trusts when it is a client of a public port, its own or that of another process.</summary>
internal static class TlsTrust
{
    /// <summary>
    /// A client that trusts the operating system's authorities, those of <c>tls.ca</c>, and exactly the certificate of
    /// <c>tls.certificate</c> whatever address it is asked at: that is the one that this installation shows.
    /// </summary>
    /// <param name="settings">Of this process.</param>
    /// <param name="further">A further file of authorities, or null.</param>
    public static HttpClient Client(TlsSettings settings, string? further = null) => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, errors) => errors == SslPolicyErrors.None || (shown is X509Certificate2 leaf && Trusts(settings, further, leaf, errors)) },
    });

    // The files are read at each new connection, because they may have changed since.
    private static bool Trusts(TlsSettings settings, string? further, X509Certificate2 shown, SslPolicyErrors errors)
    {
        try
        {
            if (settings.IsOn && PemCertificate.Read(settings).Leaf.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span))
                return true;

            return errors == SslPolicyErrors.RemoteCertificateChainErrors && new[] { settings.Ca, further }.OfType<string>().Any(file => IsSignedBy(PemCertificate.Authorities(file), shown));
        }
        catch (PemProblem)
        {
            return false;
        }
    }

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate2 shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(shown);
    }
}
