using System.Net;
using System.Text.RegularExpressions;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>Settings of the network on one host.</summary>
public sealed partial record LinuxBridgeOptions
{
    /// <summary>Where the driver keeps what must survive a restart: DHCP configuration, leases, the list of its taps.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Tells this installation's interfaces, namespaces and tables from those of others on the same machine: 1 to 4
    /// characters of a-z and 0-9, never changed while guests exist.
    /// </summary>
    public required string Installation { get; init; }

    /// <summary>
    /// Where installations on one machine agree on what only the machine has once: slots of the transfer network and the
    /// former values of kernel settings. Must be empty after a reboot, as everything below /run is.
    /// </summary>
    public string SharedDirectory { get; init; } = "/run/nova-host";

    /// <summary>The range from which each network's namespace gets a /30 towards the host; IPv4, at most /28.</summary>
    public string TransferNetwork { get; init; } = "169.254.64.0/18";

    /// <summary>The dnsmasq program, 2.81 or newer; found by PATH when without a slash.</summary>
    public string DnsmasqPath { get; init; } = "dnsmasq";

    /// <summary>The user that dnsmasq becomes after start; it must be able to read <see cref="Directory"/>.</summary>
    public string DnsmasqUser { get; init; } = "root";

    /// <summary>
    /// True lets guests reach the outside by IPv6. Off by default: Linux ignores router advertisements on a machine that
    /// forwards IPv6, so a host that got its own IPv6 address that way would lose it.
    /// </summary>
    public bool ForwardIpv6 { get; init; }

    /// <summary>
    /// The network namespace (a name below /run/netns) in which libvirtd runs, for machines that keep the hypervisor
    /// apart and for tests; null for the process's own.
    /// </summary>
    public string? HostNamespace { get; init; }

    /// <summary>How long one call of ip, nft or dnsmasq may take.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Throws a <see cref="Fault"/> that names the first setting that cannot work.</summary>
    public void Validate()
    {
        if (!InstallationPattern().IsMatch(Installation))
            throw Fault.BadRequest($"The installation id {Installation} must be 1 to 4 characters of a-z and 0-9.");
        if (!IPNetwork.TryParse(TransferNetwork, out var transfer) || transfer.BaseAddress.GetAddressBytes().Length != 4 || transfer.PrefixLength > 28)
            throw Fault.BadRequest($"The transfer network {TransferNetwork} must be an IPv4 range of at most /28.");
        if (Directory.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
            throw Fault.BadRequest($"The directory {Directory} must not have white space in its name, because dnsmasq reads it from a file.");
    }

    [GeneratedRegex("^[a-z0-9]{1,4}$")]
    private static partial Regex InstallationPattern();
}
