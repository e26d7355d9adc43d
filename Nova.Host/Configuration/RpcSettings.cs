using System.ComponentModel;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Configuration;

/// <summary>How processes of different roles trust each other.</summary>
[SettingsSection("rpc")]
public sealed record RpcSettings
{
    [Description("PEM file of this process's certificate for the other roles; null speaks in clear text. All processes have one of the same CA, and each checks the other's.")]
    public string? Certificate { get; init; }

    [Description("PEM file of the certificate's private key.")]
    public string? Key { get; init; }

    [Description("PEM file of the authorities whose certificates are trusted; those of the operating system do not count.")]
    public string? Ca { get; init; }
}
