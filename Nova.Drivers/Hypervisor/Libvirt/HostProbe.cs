using System.Text.Json;
using System.Xml.Linq;
using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>Finds out what the machine has, from libvirt and from the kernel.</summary>
internal sealed class HostProbe(LibvirtLink link, LibvirtOptions options, string virtType)
{
    /// <summary>
    /// kvm or qemu for this machine. libvirt's own word is not enough: it offers KVM where the device exists, also on
    /// machines without hardware virtualisation, whose guests then never boot.
    /// </summary>
    public static string Decide(VirtType wanted, string cpuInfo = "/proc/cpuinfo", string device = "/dev/kvm")
    {
        if (wanted == VirtType.Qemu)
            return "qemu";

        var flags = File.ReadLines(cpuInfo).FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
        var works = (flags.Contains("vmx") || flags.Contains("svm")) && CanOpen(device);
        if (works)
            return "kvm";

        return wanted == VirtType.Auto
            ? "qemu"
            : throw new Fault(FaultKind.Internal, Message.Of($"virt_type is kvm, but this machine has no usable hardware virtualisation: enable it in the firmware and load kvm_intel or kvm_amd, or set virt_type to auto or qemu."),
                $"{cpuInfo} must show vmx or svm, and {device} must open for reading and writing.");
    }

    public async Task<HostInventory> Inspect(CancellationToken ct)
    {
        var facts = await link.Call(Read, ct);
        var host = XElement.Parse(facts.Capabilities);
        return new()
        {
            HypervisorHostname = facts.Hostname,
            HypervisorType = "QEMU",
            HypervisorVersion = (int)facts.Version,
            HostIp = options.HostIp,
            Vcpus = (int)facts.Node.Cpus,
            MemoryMb = (int)(facts.Node.MemoryKb >> 10),
            DiskGb = (int)(new DriveInfo(options.DataDirectory).TotalSize >> 30),
            CpuInfo = CpuInfo(host, facts.Node),
            Traits = HostTraits.Of(facts.GuestCpu),
            SupportedInstances = SupportedInstances(host),
        };
    }

    private static bool CanOpen(string device)
    {
        try
        {
            using var handle = File.OpenHandle(device, FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private Facts Read(ConnectHandle connection)
    {
        if (LibvirtApi.virConnectGetVersion(connection, out var version) < 0 || LibvirtApi.virNodeGetInfo(connection, out var node) < 0)
            throw LibvirtErrors.Last("ask for the host's size");

        var capabilities = LibvirtApi.OwnText(LibvirtApi.virConnectGetCapabilities(connection)) ?? throw LibvirtErrors.Last("ask for the host's capabilities");
        var hostname = LibvirtApi.OwnText(LibvirtApi.virConnectGetHostname(connection)) ?? throw LibvirtErrors.Last("ask for the host's name");
        return new(version, node, capabilities, hostname, GuestCpu(connection));
    }

    // The features of the processor that a guest of our kind sees here, with those that its model implies.
    private string? GuestCpu(ConnectHandle connection)
    {
        var text = LibvirtApi.OwnText(LibvirtApi.virConnectGetDomainCapabilities(connection, null, "x86_64", null, virtType, 0));
        var model = text is null ? null : XElement.Parse(text).Element("cpu")?.Elements("mode").FirstOrDefault(m => (string?)m.Attribute("name") == "host-model");
        if (model?.Element("model") is null)
            return null;

        var cpu = new XElement("cpu", new XElement("arch", "x86_64"), new XElement("model", model.Element("model")!.Value),
            model.Elements("feature").Select(f => new XElement("feature", f.Attribute("name"), f.Attribute("policy"))));
        return LibvirtApi.OwnText(LibvirtApi.virConnectBaselineHypervisorCPU(connection, null, "x86_64", null, virtType,
            [cpu.ToString()], 1, Flags.BaselineExpandFeatures));
    }

    private static string CpuInfo(XElement capabilities, LibvirtApi.NodeInfo node)
    {
        var cpu = capabilities.Element("host")?.Element("cpu");
        return JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["arch"] = cpu?.Element("arch")?.Value,
            ["model"] = cpu?.Element("model")?.Value,
            ["vendor"] = cpu?.Element("vendor")?.Value,
            ["topology"] = new Dictionary<string, uint>
            {
                ["cells"] = node.NumaNodes,
                ["sockets"] = node.Sockets,
                ["cores"] = node.Cores,
                ["threads"] = node.Threads,
            },
            ["features"] = cpu?.Elements("feature").Select(f => (string?)f.Attribute("name")).Order(StringComparer.Ordinal).ToArray() ?? [],
        });
    }

    private List<string> SupportedInstances(XElement capabilities) =>
    [
        .. from guest in capabilities.Elements("guest")
           let arch = guest.Element("arch")
           let name = (string?)arch?.Attribute("name")
           where name is "x86_64" or "i686"
           from type in arch.Elements("domain").Select(d => (string?)d.Attribute("type")).Distinct()
           where type == "qemu" || type == virtType
           select $"{name}/{type}/{guest.Element("os_type")?.Value}",
    ];

    private sealed record Facts(ulong Version, LibvirtApi.NodeInfo Node, string Capabilities, string Hostname, string? GuestCpu);
}
