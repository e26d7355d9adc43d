namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>Whether guests use hardware virtualisation.</summary>
public enum VirtType
{
    /// <summary>KVM when the processor shows vmx or svm and /dev/kvm can be opened, else emulation.</summary>
    Auto,
    /// <summary>KVM; the driver does not start where it cannot work.</summary>
    Kvm,
    /// <summary>Emulation (TCG): slow, works everywhere.</summary>
    Qemu,
}

/// <summary>What the root disk of a guest is made of.</summary>
public enum RootDiskFormat
{
    /// <summary>A qcow2 overlay over the cached image: made at once, grows with what the guest writes.</summary>
    Qcow2,
    /// <summary>A raw copy of the image: slower to make, fastest to use.</summary>
    Raw,
}

/// <summary>Settings of the libvirt driver.</summary>
public sealed record LibvirtOptions
{
    /// <summary>Where images, disks and console logs are kept. Others need search permission (o+x) on every folder above: QEMU runs as libvirt-qemu.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Of which installation a guest is: written into each domain; domains with another one are left alone.</summary>
    public required string InstallationId { get; init; }

    /// <summary>The libvirt daemon. Default qemu:///system.</summary>
    public string Uri { get; init; } = "qemu:///system";

    /// <summary>auto, kvm or qemu. Default auto.</summary>
    public VirtType VirtType { get; init; } = VirtType.Auto;

    /// <summary>qcow2 or raw. Default qcow2.</summary>
    public RootDiskFormat RootDiskFormat { get; init; } = RootDiskFormat.Qcow2;

    /// <summary>Bytes of serial console output kept per guest, 4 KiB to 64 MiB. Default 1 MiB.</summary>
    public int ConsoleLogBytes { get; init; } = 1 << 20;

    /// <summary>How often console logs are cut to their bound, 1 s to 1 h. Default 5 s.</summary>
    public TimeSpan ConsoleLogSweep { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest that a guest may take to shut down by itself, whatever a command says, 0 to 1 h. Default 60 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a guest that is asked to shut down is asked again, since one that still boots does not hear it; 1 s to 60 s. Default 10 s.</summary>
    public TimeSpan ShutdownRetry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a guest may take to let an interface go, and how often it is asked meanwhile; 1 s to 1 h. Default 30 s and 5 s.</summary>
    public TimeSpan DetachTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="DetachTimeout" />
    public TimeSpan DetachRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes that cached images which no guest uses may take; 0 keeps none. Default 20 GiB.</summary>
    public long ImageCacheBytes { get; init; } = 20L << 30;

    /// <summary>Bytes that an image may have as a download and as a virtual disk. Default 1 TiB.</summary>
    public long ImageMaxBytes { get; init; } = 1L << 40;

    /// <summary>How often a download that breaks is continued without having brought a byte, 0 to 100. Default 5.</summary>
    public int ImageRetries { get; init; } = 5;

    /// <summary>The pause before a broken download is continued, and before it counts as broken when nothing comes; 0 to 1 h. Default 2 s and 60 s.</summary>
    public (TimeSpan BeforeRetry, TimeSpan Silence) ImagePauses { get; init; } = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));

    /// <summary>How long one run of qemu-img, mke2fs or mkswap may take, 1 s to 24 h. Default 10 min.</summary>
    public TimeSpan ToolTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the copy of a disk may take, 1 min to 7 d. Default 24 h.</summary>
    public TimeSpan CopyTimeout { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How often a copy that QEMU makes is looked at, 10 ms to 60 s. Default 250 ms.</summary>
    public TimeSpan CopyLook { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Address space of such a run in bytes, at least 256 MiB. Default 1 GiB.</summary>
    public long ToolMemoryBytes { get; init; } = 1L << 30;

    /// <summary>Processor time of such a run, 1 s to 24 h. Default 5 min.</summary>
    public TimeSpan ToolCpuTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The user id that such a run gets when nova-host is root. Default 65534 (nobody).</summary>
    public int ToolUserId { get; init; } = 65534;

    /// <summary>True gives each guest a VNC screen, reached through libvirt alone. Default false.</summary>
    public bool Vnc { get; init; }

    /// <summary>The address under which other hosts reach this one. Default 127.0.0.1.</summary>
    public string HostIp { get; init; } = "127.0.0.1";
}
