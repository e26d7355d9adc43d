using System.ComponentModel;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Configuration;

/// <summary>TLS on the public port. The files are read again when they change; connections that are open go on.</summary>
[SettingsSection("tls")]
public sealed record TlsSettings
{
    [Description("PEM file of the certificate that the API shows, the intermediate ones behind it: with it the public port speaks TLS alone. null speaks in clear text.")]
    public string? Certificate { get; init; }

    [Description("PEM file of the certificate's private key, without a passphrase; null when it stands in the certificate's file.")]
    public string? Key { get; init; }

    [Description("PEM file of the authority by which clients check the certificate: openrc names it as OS_CACERT, and computes that fetch images and commands trust it. null is the certificate itself where it is self-signed, else the operating system's authorities.")]
    public string? Ca { get; init; }

    /// <summary>True when the public port speaks TLS.</summary>
    public bool IsOn => Certificate is not null;
}
