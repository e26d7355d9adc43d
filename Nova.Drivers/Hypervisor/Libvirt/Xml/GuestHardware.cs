using System.Text.RegularExpressions;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Xml;

/// <summary>How disks are attached.</summary>
internal enum DiskBus
{
    Virtio,
    Scsi,
    Ide,
    Sata,
}

/// <summary>
/// The devices that an image asks for by its properties (<c>hw_disk_bus</c> and so on), checked: what this driver does
/// not know is a BadRequest, since a guest on other devices than it was made for may not boot.
/// </summary>
internal sealed partial record GuestHardware
{
    public string Machine { get; init; } = "pc";

    public DiskBus DiskBus { get; init; } = DiskBus.Virtio;

    public string VifModel { get; init; } = "virtio";

    /// <summary>Null for no screen.</summary>
    public string? VideoModel { get; init; }

    public bool Uefi { get; init; }

    /// <summary>True for a hardware clock in local time, as Windows wants it.</summary>
    public bool LocalTime { get; init; }

    public bool Q35 => Machine.Contains("q35", StringComparison.Ordinal);

    public static GuestHardware Of(IReadOnlyDictionary<string, string> properties)
    {
        OneOf(properties, "hw_rng_model", "virtio", "virtio");
        OneOf(properties, "hw_qemu_guest_agent", "yes", "yes", "no", "true", "false", "True", "False");
        var hardware = new GuestHardware
        {
            Machine = MachineOf(properties),
            DiskBus = BusOf(OneOf(properties, "hw_disk_bus", "virtio", "virtio", "scsi", "ide", "sata")),
            VifModel = OneOf(properties, "hw_vif_model", "virtio", "virtio", "e1000", "e1000e", "rtl8139"),
            VideoModel = properties.ContainsKey("hw_video_model") ? OneOf(properties, "hw_video_model", "", "vga", "cirrus", "virtio", "bochs", "none") : null,
            Uefi = OneOf(properties, "hw_firmware_type", "bios", "bios", "uefi") == "uefi",
            LocalTime = OneOf(properties, "os_type", "linux", "linux", "windows") == "windows",
        };
        return hardware.DiskBus == DiskBus.Ide && hardware.Q35 ? throw Unsupported("hw_disk_bus=ide on q35") : hardware;
    }

    private static string MachineOf(IReadOnlyDictionary<string, string> properties)
    {
        var machine = properties.GetValueOrDefault("hw_machine_type", "pc");
        return MachineNames().IsMatch(machine) ? machine : throw Unsupported($"hw_machine_type={machine}");
    }

    private static DiskBus BusOf(string name) => name switch
    {
        "scsi" => DiskBus.Scsi,
        "ide" => DiskBus.Ide,
        "sata" => DiskBus.Sata,
        _ => DiskBus.Virtio,
    };

    private static string OneOf(IReadOnlyDictionary<string, string> properties, string name, string otherwise, params string[] known)
    {
        var value = properties.GetValueOrDefault(name, otherwise);
        return known.Contains(value) ? value : throw Unsupported($"{name}={value}");
    }

    private static Fault Unsupported(string model)
    {
        const string virt = "libvirt";
        return Fault.BadRequest($"Requested hardware '{model}' is not supported by the '{virt}' virt driver");
    }

    [GeneratedRegex(@"\A(pc|q35|pc-(i440fx|q35)-[0-9]+\.[0-9]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex MachineNames();
}
