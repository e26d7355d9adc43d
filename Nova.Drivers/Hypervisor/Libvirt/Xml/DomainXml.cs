using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Nova.Drivers.Hypervisor.Libvirt.Xml;

/// <summary>Writes a domain's XML. All text goes through the writer, so nothing needs escaping by hand.</summary>
internal static class DomainXml
{
    private const int SparePorts = 8;

    public static string Write(DomainModel domain)
    {
        var text = new StringBuilder(4096);
        using (var xml = XmlWriter.Create(text, new() { OmitXmlDeclaration = true, Indent = true }))
        {
            xml.Start("domain", ("type", domain.Type));
            xml.Text("name", domain.Name);
            xml.Text("uuid", domain.Id.ToString());
            xml.Start("metadata");
            domain.Mark.WriteTo(xml);
            xml.End();
            xml.Text("memory", Number(domain.MemoryMb), ("unit", "MiB"));
            xml.Text("vcpu", Number(domain.Vcpus));
            Firmware(xml, domain);
            Machine(xml, domain);
            Devices(xml, domain);
            xml.End();
        }

        return text.ToString();
    }

    /// <summary>One interface alone, to be plugged in or taken out.</summary>
    public static string Write(DomainNic nic, string model)
    {
        var text = new StringBuilder(256);
        using (var xml = XmlWriter.Create(text, new() { OmitXmlDeclaration = true }))
            Nic(xml, nic, model);
        return text.ToString();
    }

    /// <summary>The taps in a domain's XML with the addresses of their interfaces.</summary>
    public static IReadOnlyDictionary<string, string> ReadNics(string domain) => XElement.Parse(domain).Elements("devices").Elements("interface")
        .Select(nic => (Tap: nic.Element("target")?.Attribute("dev")?.Value, Mac: nic.Element("mac")?.Attribute("address")?.Value))
        .Where(nic => nic.Tap is not null && nic.Mac is not null)
        .ToDictionary(nic => nic.Tap!, nic => nic.Mac!);

    // cloud-init takes a machine for an OpenStack guest when its product is called so.
    private static void Firmware(XmlWriter xml, DomainModel domain)
    {
        xml.Start("sysinfo", ("type", "smbios"));
        xml.Start("system");
        xml.Text("entry", "nova-host", ("name", "manufacturer"));
        xml.Text("entry", "OpenStack Nova", ("name", "product"));
        xml.Text("entry", domain.Id.ToString(), ("name", "serial"));
        xml.Text("entry", domain.Id.ToString(), ("name", "uuid"));
        xml.Text("entry", "Virtual Machine", ("name", "family"));
        xml.End();
        xml.End();

        xml.Start("os", domain.Hardware.Uefi ? ("firmware", "efi") : default);
        xml.Text("type", "hvm", ("machine", domain.Hardware.Machine), ("arch", "x86_64"));
        if (domain.Hardware.Uefi)
        {
            xml.Start("firmware");
            // libvirt's own choice would be the firmware that refuses unsigned boot loaders.
            xml.Empty("feature", ("enabled", "no"), ("name", "secure-boot"));
            xml.End();
        }

        xml.Empty("smbios", ("mode", "sysinfo"));
        xml.End();
    }

    private static void Machine(XmlWriter xml, DomainModel domain)
    {
        xml.Start("features");
        xml.Empty("acpi");
        xml.Empty("apic");
        xml.End();
        // Emulation has no host processor to resemble; its default model is what every guest boots on.
        if (domain.Type == "kvm")
            xml.Empty("cpu", ("mode", "host-model"));
        xml.Empty("clock", ("offset", domain.Hardware.LocalTime ? "localtime" : "utc"));
        xml.Text("on_poweroff", "destroy");
        xml.Text("on_reboot", "restart");
        xml.Text("on_crash", "destroy");
    }

    private static void Devices(XmlWriter xml, DomainModel domain)
    {
        xml.Start("devices");
        foreach (var disk in domain.Disks)
            Disk(xml, disk);
        if (domain.Disks.Any(d => d.Bus == DiskBus.Scsi))
            xml.Empty("controller", ("type", "scsi"), ("model", "virtio-scsi"));
        foreach (var nic in domain.Nics)
            Nic(xml, nic, domain.Hardware.VifModel);
        // A q35 machine takes a further device only where a port waits for it; the ports are below its root.
        if (domain.Hardware.Q35)
            xml.Empty("controller", ("type", "pci"), ("index", "0"), ("model", "pcie-root"));
        for (var spare = 0; domain.Hardware.Q35 && spare < SparePorts; spare++)
            xml.Empty("controller", ("type", "pci"), ("model", "pcie-root-port"));
        Console(xml, domain);
        Agent(xml);
        Screen(xml, domain);
        xml.Start("rng", ("model", "virtio"));
        xml.Text("backend", "/dev/urandom", ("model", "random"));
        xml.End();
        xml.Start("memballoon", ("model", "virtio"));
        xml.Empty("stats", ("period", "10"));
        xml.End();
        xml.End();
    }

    private static void Disk(XmlWriter xml, DomainDisk disk)
    {
        xml.Start("disk", ("type", "file"), ("device", disk.Cdrom ? "cdrom" : "disk"));
        xml.Empty("driver", ("name", "qemu"), ("type", disk.Format), disk.ReadOnly ? default : ("discard", "unmap"));
        Source(xml, disk.Path, shared: disk.Cdrom && disk.Boot is not null);
        Backing(xml, disk.Backing);
        xml.Empty("target", ("dev", disk.Target), ("bus", NameOf(disk.Bus)));
        if (disk.ReadOnly)
            xml.Empty("readonly");
        if (disk.Boot is { } boot)
            xml.Empty("boot", ("order", Number(boot)));
        xml.End();
    }

    // Said explicitly and ended explicitly: libvirt must not read the chain from files that a guest has written.
    private static void Backing(XmlWriter xml, DiskFile? backing)
    {
        if (backing is not null)
        {
            xml.Start("backingStore", ("type", "file"));
            xml.Empty("format", ("type", backing.Format));
            Source(xml, backing.Path, shared: true);
        }

        xml.Empty("backingStore");
        if (backing is not null)
            xml.End();
    }

    // A file that several guests read is readable by all and must not become the property of one.
    private static void Source(XmlWriter xml, string path, bool shared)
    {
        xml.Start("source", ("file", path));
        if (shared)
            xml.Empty("seclabel", ("model", "dac"), ("relabel", "no"));
        xml.End();
    }

    // The tap belongs to the host's network, which made it and removes it: libvirt only opens it.
    private static void Nic(XmlWriter xml, DomainNic nic, string model)
    {
        xml.Start("interface", ("type", "ethernet"));
        xml.Empty("mac", ("address", nic.Mac));
        xml.Empty("target", ("dev", nic.Tap), ("managed", "no"));
        xml.Empty("model", ("type", model));
        xml.Empty("mtu", ("size", Number(nic.Mtu)));
        xml.End();
    }

    // Appending, so that the log can be cut while it is written.
    private static void Console(XmlWriter xml, DomainModel domain)
    {
        var type = domain.SerialSocket is null ? "pty" : "unix";
        xml.Start("serial", ("type", type));
        if (domain.SerialSocket is { } socket)
            xml.Empty("source", ("mode", "bind"), ("path", socket));
        xml.Empty("log", ("file", domain.ConsoleLog), ("append", "on"));
        xml.Empty("target", ("port", "0"));
        xml.End();
        xml.Start("console", ("type", type));
        if (domain.SerialSocket is { } same)
            xml.Empty("source", ("mode", "bind"), ("path", same));
        xml.Empty("target", ("type", "serial"), ("port", "0"));
        xml.End();
    }

    private static void Agent(XmlWriter xml)
    {
        xml.Start("channel", ("type", "unix"));
        xml.Empty("target", ("type", "virtio"), ("name", "org.qemu.guest_agent.0"));
        xml.End();
    }

    private static void Screen(XmlWriter xml, DomainModel domain)
    {
        if (domain.Vnc)
        {
            xml.Start("graphics", ("type", "vnc"));
            xml.Empty("listen", ("type", "none"));
            xml.End();
        }

        if (domain.Hardware.VideoModel is null && !domain.Vnc)
            return;

        xml.Start("video");
        xml.Empty("model", ("type", domain.Hardware.VideoModel ?? "vga"));
        xml.End();
    }

    private static string NameOf(DiskBus bus) => bus switch
    {
        DiskBus.Scsi => "scsi",
        DiskBus.Ide => "ide",
        DiskBus.Sata => "sata",
        _ => "virtio",
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static void Start(this XmlWriter xml, string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        xml.WriteStartElement(name);
        foreach (var (attribute, value) in attributes)
            if (attribute is not null)
                xml.WriteAttributeString(attribute, CleanText.Of(value));
    }

    private static void Empty(this XmlWriter xml, string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        xml.Start(name, attributes);
        xml.End();
    }

    private static void Text(this XmlWriter xml, string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        xml.Start(name, attributes);
        xml.WriteString(CleanText.Of(text));
        xml.End();
    }

    private static void End(this XmlWriter xml) => xml.WriteEndElement();
}
