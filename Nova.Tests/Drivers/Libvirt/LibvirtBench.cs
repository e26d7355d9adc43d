using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>Starts the driver on the tests' own libvirtd and describes guests for it.</summary>
public sealed class LibvirtBench
{
    private static readonly Ids Ids = new(TimeProvider.System);
    private static int _number;

    private readonly IsolatedLibvirt _libvirt;
    private readonly string _empty;

    public LibvirtBench(IsolatedLibvirt libvirt)
    {
        _libvirt = libvirt;
        _empty = Path.Combine(libvirt.Folder, "empty.raw");
        if (Directory.Exists(libvirt.Folder))
            File.WriteAllBytes(_empty, new byte[1 << 20]);
    }

    /// <summary>Settings of the driver.</summary>
    public LibvirtOptions Options => new() { DataDirectory = _libvirt.Data, InstallationId = "tests", Uri = _libvirt.Uri };

    /// <summary>The driver with these settings.</summary>
    public static Task<LibvirtHypervisor> Start(LibvirtOptions options) =>
        LibvirtHypervisor.Start(options, new Documents(), new HttpClient(), TimeProvider.System, NullLoggerFactory.Instance, default);

    /// <summary>A guest with an empty disk: the firmware finds nothing to boot and waits.</summary>
    public GuestSpec EmptyGuest() => Guest(_empty, "raw", memoryMb: 32);

    /// <summary>The small guest of tools/make-guest-image.sh, with a config drive.</summary>
    public static GuestSpec SmallGuestOf(string image) => Guest(image, "qcow2", memoryMb: 192) with { ConfigDrive = true };

    /// <summary>A guest with this image.</summary>
    public static GuestSpec Guest(string image, string format, int memoryMb) => new()
    {
        ServerId = Ids.Next(),
        Epoch = 1,
        InstanceName = $"instance-{Interlocked.Increment(ref _number):x8}",
        DisplayName = "vm",
        Hostname = "vm1",
        ProjectId = "project",
        UserId = "user",
        Flavor = new() { Name = "small", Vcpus = 1, MemoryMb = memoryMb, RootGb = 1 },
        Image = new() { Id = Path.GetFileName(image), DiskFormat = format, Size = new FileInfo(image).Length, Source = image },
        Metadata = new(),
    };

    /// <summary>A running domain that the driver did not make.</summary>
    public async Task<Guid> MakeForeignGuest()
    {
        var id = Ids.Next();
        await _libvirt.Do($"foreign foreign-{Interlocked.Increment(ref _number)} {id}");
        return id;
    }

    private sealed class Documents : IMetadataDocuments
    {
        public IReadOnlyDictionary<string, byte[]> Files(GuestSpec guest) => new Dictionary<string, byte[]>
        {
            ["openstack/latest/meta_data.json"] = Encoding.UTF8.GetBytes($$"""{"uuid": "{{guest.ServerId}}", "hostname": "{{guest.Hostname}}"}"""),
            ["openstack/latest/user_data"] = "#!/bin/sh\necho GUEST-USERDATA\n"u8.ToArray(),
            ["ec2/latest/meta-data.json"] = "{}"u8.ToArray(),
        };
    }
}
