using System.Xml.Linq;
using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Drivers.Hypervisor.Libvirt.Xml;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Tests.Drivers.Libvirt;

public class DomainXmlTests
{
    private const string Nasty = "a]]>b \"c\" 'd' <e> &amp; \0\u0008\u001b\ud800\r\ufffe \U0001f600";
    private const string Cleaned = "a]]>b \"c\" 'd' <e> &amp; \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd \U0001f600";

    private static readonly XNamespace Ours = GuestMark.Namespace;

    [Fact]
    public void Text_of_any_characters_stays_text()
    {
        var domain = XElement.Parse(DomainXml.Write(Model(new(), name: Nasty)));

        Assert.Equal(Cleaned, domain.Element("name")!.Value);
        Assert.Equal(Cleaned, domain.Element("metadata")!.Element(Ours + "guest")!.Element(Ours + "name")!.Value);
        Assert.Equal(Cleaned, domain.Descendants("source").First().Attribute("file")!.Value);
    }

    [Fact]
    public void The_mark_survives_writing_and_reading()
    {
        var mark = Mark(Nasty);

        Assert.Equal(mark, GuestMark.Parse(mark.ToString()));
    }

    [Fact]
    public void The_chain_of_a_disk_is_said_to_its_end()
    {
        var disk = XElement.Parse(DomainXml.Write(Model(new()))).Descendants("disk").First();

        Assert.Equal("qcow2", disk.Element("driver")!.Attribute("type")!.Value);
        var backing = disk.Element("backingStore")!;
        Assert.Equal("raw", backing.Element("format")!.Attribute("type")!.Value);
        Assert.Equal("no", backing.Element("source")!.Element("seclabel")!.Attribute("relabel")!.Value);
        Assert.False(backing.Element("backingStore")!.HasElements);
    }

    [Fact]
    public void A_screen_is_given_only_when_asked_for_and_has_no_port()
    {
        Assert.Empty(XElement.Parse(DomainXml.Write(Model(new()))).Descendants("graphics"));

        var graphics = Assert.Single(XElement.Parse(DomainXml.Write(Model(new()) with { Vnc = true })).Descendants("graphics"));
        Assert.Equal("none", graphics.Element("listen")!.Attribute("type")!.Value);
        Assert.Null(graphics.Attribute("port"));
    }

    [Fact]
    public void A_serial_console_is_a_socket_where_there_is_room_for_one_and_is_logged_always()
    {
        var terminal = XElement.Parse(DomainXml.Write(Model(new()))).Descendants("serial").Single();
        Assert.Equal(("pty", "/log"), (terminal.Attribute("type")!.Value, terminal.Element("log")!.Attribute("file")!.Value));

        var devices = XElement.Parse(DomainXml.Write(Model(new()) with { SerialSocket = "/sock" })).Element("devices")!;
        Assert.All((XElement[])[devices.Element("serial")!, devices.Element("console")!], port =>
            Assert.Equal(("unix", "bind", "/sock"), (port.Attribute("type")!.Value, port.Element("source")!.Attribute("mode")!.Value, port.Element("source")!.Attribute("path")!.Value)));
        Assert.Equal("/log", devices.Element("serial")!.Element("log")!.Attribute("file")!.Value);
    }

    [Theory]
    [InlineData("hw_disk_bus", "uml")]
    [InlineData("hw_vif_model", "ne2k_pci")]
    [InlineData("hw_machine_type", "pc' type='x")]
    [InlineData("hw_machine_type", "virt")]
    [InlineData("hw_video_model", "qxl")]
    [InlineData("hw_rng_model", "egd")]
    [InlineData("hw_firmware_type", "coreboot")]
    [InlineData("os_type", "beos")]
    public void Unknown_hardware_is_refused_by_name(string property, string value)
    {
        var fault = Assert.Throws<Fault>(() => GuestHardware.Of(new Dictionary<string, string> { [property] = value }));

        Assert.Equal(FaultKind.BadRequest, fault.Kind);
        Assert.Contains($"{property}={value}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ide_disk_on_q35_is_refused() =>
        Assert.Throws<Fault>(() => GuestHardware.Of(new Dictionary<string, string> { ["hw_machine_type"] = "q35", ["hw_disk_bus"] = "ide" }));

    private static DomainModel Model(GuestHardware hardware, string name = "instance-00000001") => new()
    {
        Type = "qemu",
        Name = name,
        Id = new("0197fb9e-0000-7000-8000-000000000001"),
        Mark = Mark(name),
        MemoryMb = 64,
        Vcpus = 1,
        Hardware = hardware,
        Disks = [new(name, "qcow2", "vda") { Bus = DiskBus.Virtio, Backing = new("/base", "raw") }],
        Nics = [],
        ConsoleLog = "/log",
    };

    private static GuestMark Mark(string name) => GuestMark.Of(new GuestSpec
    {
        ServerId = new("0197fb9e-0000-7000-8000-000000000001"),
        Epoch = 3,
        InstanceName = name,
        DisplayName = name,
        Hostname = "vm",
        ProjectId = "p",
        UserId = "u",
        Flavor = new() { Name = "f", Vcpus = 1, MemoryMb = 1, RootGb = 1 },
        Metadata = new(),
    }, "tests");
}
