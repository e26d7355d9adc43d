using System.Net.Security;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Nova.Host.Configuration;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Tls;

/// <summary>
/// The certificate of the public port. New connections get the one that was read last; files that cannot be used leave the
/// one that was good in force.
/// </summary>
internal sealed class PublicCertificate : IReloadable
{
    private static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    private readonly TlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<PublicCertificate> _logger;
    private volatile Loaded _current;

    /// <summary>Reads the files.</summary>
    /// <exception cref="PemProblem">They cannot be used.</exception>
    public PublicCertificate(TlsSettings settings, TimeProvider time, ILogger<PublicCertificate> logger)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _current = Load();
    }

    /// <inheritdoc />
    public IReadOnlyList<string> Files => _settings.Key is { } key ? [_settings.Certificate!, key] : [_settings.Certificate!];

    /// <summary>How the next connection is to be greeted. The public port speaks HTTP/1.1, as the original does.</summary>
    public SslServerAuthenticationOptions Options => _current.Options;

    /// <summary>The file by which clients check the certificate; null when the operating system's authorities do.</summary>
    public string? AuthorityFile => _settings.Ca is { } ca ? Path.GetFullPath(ca) : _current.Certificate.IsSelfSigned ? Path.GetFullPath(_settings.Certificate!) : null;

    /// <inheritdoc />
    public void Reload()
    {
        try
        {
            _current = Load();
        }
        catch (PemProblem e)
        {
            throw new ReloadException(e.Message, e);
        }
    }

    /// <summary>The host of an address, in a form for which the certificate is good: as it stands, else the first name in the certificate.</summary>
    public string NameFor(string host)
    {
        var leaf = _current.Certificate.Leaf;
        return !IsAny(host) && leaf.MatchesHostname(host.Trim('[', ']')) ? host : NamesIn(leaf).FirstOrDefault(name => !name.Contains('*', StringComparison.Ordinal)) ?? host;
    }

    private static bool IsAny(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static IEnumerable<string> NamesIn(X509Certificate2 leaf) => leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())));

    private Loaded Load()
    {
        var certificate = PemCertificate.Read(_settings);
        var (leaf, now) = (certificate.Leaf, _time.GetUtcNow());
        if (leaf.NotBefore.ToUniversalTime() > now)
            _logger.NotYetValid(leaf.Subject, leaf.NotBefore.ToUniversalTime());
        else if (leaf.NotAfter.ToUniversalTime() - now.UtcDateTime < WarnBefore)
            _logger.Ends(leaf.Subject, leaf.NotAfter.ToUniversalTime());
        return new(certificate, new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(leaf, certificate.Chain, offline: true),
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        });
    }

    private sealed record Loaded(PemCertificate Certificate, SslServerAuthenticationOptions Options);
}

internal static partial class PublicCertificateLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate of the public port, {Subject}, is good until {End:u}: clients refuse it after that. A new one in the same files is taken without a restart")]
    public static partial void Ends(this ILogger logger, string subject, DateTime end);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate of the public port, {Subject}, is good from {Begin:u} on: clients refuse it before that")]
    public static partial void NotYetValid(this ILogger logger, string subject, DateTime begin);
}
