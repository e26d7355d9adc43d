using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Configuration;

/// <summary>The libvirt driver.</summary>
[SettingsSection("libvirt")]
public sealed record LibvirtSettings
{
    [Description("The libvirt daemon.")]
    [Required]
    public string Uri { get; init; } = "qemu:///system";

    [Description("auto uses KVM when the processor shows vmx or svm and /dev/kvm can be opened, else emulation; kvm insists on it; qemu always emulates.")]
    public VirtType VirtType { get; init; } = VirtType.Auto;

    [Description("qcow2: root disks are overlays over the cached image; raw: they are copies of it.")]
    public RootDiskFormat RootDiskFormat { get; init; } = RootDiskFormat.Qcow2;

    [Description("Bytes of serial console output kept per guest.")]
    [Range(4096, 64 << 20)]
    public int ConsoleLogBytes { get; init; } = 1 << 20;

    [Description("GiB that cached images which no guest uses may take; 0 keeps none.")]
    [Range(0, 1 << 20)]
    public int ImageCacheGib { get; init; } = 20;

    [Description("true gives each guest that is started from then on a screen, which its user opens by VNC through console; no port is opened for it.")]
    public bool Vnc { get; init; }

    [Description("The address under which other hosts reach this one.")]
    [Required]
    public string HostIp { get; init; } = "127.0.0.1";

    [Description("The name of this host; null is the machine's. Never changed while servers are on it.")]
    public string? Host { get; init; }
}

/// <summary>The network on a host with real guests.</summary>
[SettingsSection("host_network")]
public sealed record HostNetworkSettings
{
    [Description("The IPv4 range from which the namespace of each network gets a /30 towards the host; at most /28.")]
    [Required]
    public string TransferNetwork { get; init; } = "169.254.64.0/18";

    [Description("The dnsmasq program, 2.81 or newer.")]
    [Required]
    public string Dnsmasq { get; init; } = "dnsmasq";

    [Description("true lets guests reach the outside by IPv6; the host then ignores router advertisements for itself.")]
    public bool ForwardIpv6 { get; init; }

    [Description("Appended to the host names that guests are told; empty for nothing.")]
    public string DhcpDomain { get; init; } = "novalocal";

    [Description("One JSON object that all guests get as vendor data.")]
    [Required]
    public string VendorData { get; init; } = "{}";
}
