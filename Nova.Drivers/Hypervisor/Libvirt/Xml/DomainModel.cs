namespace Nova.Drivers.Hypervisor.Libvirt.Xml;

/// <summary>A domain as libvirt is told of it; <see cref="DomainXml"/> writes it.</summary>
internal sealed record DomainModel
{
    /// <summary>kvm or qemu.</summary>
    public required string Type { get; init; }

    public required string Name { get; init; }

    public required Guid Id { get; init; }

    public required GuestMark Mark { get; init; }

    public required int MemoryMb { get; init; }

    public required int Vcpus { get; init; }

    public required GuestHardware Hardware { get; init; }

    public required IReadOnlyList<DomainDisk> Disks { get; init; }

    public required IReadOnlyList<DomainNic> Nics { get; init; }

    /// <summary>Where the serial console's output is kept.</summary>
    public required string ConsoleLog { get; init; }

    /// <summary>The socket of the serial console; null for a terminal that nobody outside of libvirt opens.</summary>
    public string? SerialSocket { get; init; }

    /// <summary>True for a VNC screen; no port is opened for it.</summary>
    public bool Vnc { get; init; }
}

/// <summary>A disk or CD-ROM backed by a file of an explicitly named format.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">raw or qcow2; never probed.</param>
/// <param name="Target">The name that orders disks on their bus: vda, sda, hda.</param>
internal sealed record DomainDisk(string Path, string Format, string Target)
{
    public required DiskBus Bus { get; init; }

    public bool Cdrom { get; init; }

    public bool ReadOnly { get; init; }

    /// <summary>The file that a qcow2 overlay reads through to; null for none.</summary>
    public DiskFile? Backing { get; init; }

    /// <summary>Place in the boot order from 1; null is not booted.</summary>
    public int? Boot { get; init; }
}

/// <summary>A file and its format.</summary>
internal sealed record DiskFile(string Path, string Format);

/// <summary>An interface on a tap device that exists.</summary>
/// <param name="Tap">The tap's name.</param>
/// <param name="Mac">Its address.</param>
/// <param name="Mtu">Largest frame payload in bytes.</param>
internal sealed record DomainNic(string Tap, string Mac, int Mtu);
