using System.Globalization;
using Nova.Drivers.Hypervisor.Libvirt.Xml;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>Makes, finds and removes the disks of a guest. What is there is kept: a disk that a guest has written is never made anew or looked into.</summary>
internal sealed class GuestDisks(LibvirtOptions options, ImageCache images, DiskTools tools, IMetadataDocuments documents)
{
    private const string ConfigDriveLabel = "config-2";

    /// <summary>The guest's disks, those that are missing made.</summary>
    public async Task<IReadOnlyList<DomainDisk>> Make(GuestSpec guest, GuestHardware hardware, CancellationToken ct)
    {
        var directory = Directory(guest.ServerId);
        try
        {
            directory.Create();
            if (!HasRoot(directory) && guest.Image is not null)
                await MakeRoot(directory, guest, ct);
            await MakeEphemeral(directory, guest.Flavor, ct);
            await MakeSwap(directory, guest.Flavor, ct);
            if (guest.ConfigDrive)
                WriteConfigDrive(directory, guest);
            await MakeRescue(directory.Rescue, guest.Rescue?.Image, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Of(e);
        }

        return Arrange(directory, guest, hardware);
    }

    /// <summary>The disks of a guest that was made earlier; a fault when the root disk is gone, since a new one would be empty of the user's work.</summary>
    public Task<IReadOnlyList<DomainDisk>> Reopen(GuestSpec guest, GuestHardware hardware, CancellationToken ct)
    {
        var directory = Directory(guest.ServerId);
        if (guest.Image is null || HasRoot(directory))
            return Make(guest, hardware, ct);

        throw new Fault(FaultKind.NotFound, Message.Of($"The disk of the server is missing on this host; restore it, or rebuild the server."), directory.Path);
    }

    /// <summary>The file of the guest's root disk; a fault when it is gone.</summary>
    public string RootOf(Guid server) => Directory(server) is var directory && File.Exists(directory.Root("qcow2")) ? directory.Root("qcow2")
        : File.Exists(directory.Root("raw")) ? directory.Root("raw")
        : throw new Fault(FaultKind.NotFound, Message.Of($"The disk of the server is missing on this host; restore it, or rebuild the server."), directory.Path);

    /// <summary>Nothing of the guest's disks is left.</summary>
    public void Remove(Guid server) => Directory(server).Remove();

    private GuestDirectory Directory(Guid server) => new(options.DataDirectory, server);

    private static bool HasRoot(GuestDirectory directory) =>
        File.Exists(directory.Root("qcow2")) || File.Exists(directory.Root("raw"));

    private async Task MakeRoot(GuestDirectory directory, GuestSpec guest, CancellationToken ct)
    {
        var image = await images.LinkInto(directory.Path, guest.Image!, ct);
        var wanted = (long)guest.Flavor.RootGb << 30;
        if (image.Format == "iso")
        {
            await Blank(directory.Root("qcow2"), Math.Max(wanted, 1 << 20), ct);
            return;
        }

        CheckFits(guest, image.VirtualSize, wanted);
        var size = Math.Max(wanted, image.VirtualSize);
        if (options.RootDiskFormat == RootDiskFormat.Raw)
            await Copy(directory, image, size, ct);
        else
            await Overlay(directory, image, size, ct);
    }

    // -u: the size and the format are known from our own inspection, so qemu-img need not read the image at all.
    private Task Overlay(GuestDirectory directory, BaseImage image, long size, CancellationToken ct) =>
        tools.Make(directory.Root("qcow2"), "qemu-img",
            to => ["create", "-q", "-f", "qcow2", "-u", "-b", image.Path, "-F", image.Format, to, Number(size)], ct);

    private async Task Copy(GuestDirectory directory, BaseImage image, long size, CancellationToken ct)
    {
        await tools.Make(directory.Root("raw"), "qemu-img",
            to => ["convert", "-q", "-f", image.Format, "-O", "raw", image.Path, to], ct, grownTo: size);
        File.Delete(image.Path);
    }

    private Task Blank(string path, long size, CancellationToken ct) =>
        tools.Make(path, "qemu-img", to => ["create", "-q", "-f", "qcow2", to, Number(size)], ct);

    // Where nobody is rescued nothing of a rescue is kept.
    private async Task MakeRescue(GuestDirectory directory, GuestImage? image, CancellationToken ct)
    {
        if (image is null)
        {
            directory.Remove();
            return;
        }

        directory.Create();
        if (HasRoot(directory) || File.Exists(directory.Base("iso")))
            return;

        var rescue = await images.LinkInto(directory.Path, image, ct);
        if (rescue.Format != "iso")
            await Overlay(directory, rescue, rescue.VirtualSize, ct);
    }

    private async Task MakeEphemeral(GuestDirectory directory, GuestFlavor flavor, CancellationToken ct)
    {
        if (flavor.EphemeralGb > 0 && !File.Exists(directory.Ephemeral))
            await tools.Make(directory.Ephemeral, "mke2fs", to => ["-q", "-F", "-t", "ext4", "-L", "ephemeral0", to], ct, emptySize: (long)flavor.EphemeralGb << 30);
    }

    private async Task MakeSwap(GuestDirectory directory, GuestFlavor flavor, CancellationToken ct)
    {
        if (flavor.SwapMb > 0 && !File.Exists(directory.Swap))
            await tools.Make(directory.Swap, "mkswap", to => ["-L", "swap", to], ct, emptySize: (long)flavor.SwapMb << 20);
    }

    // Written at every start: it is small, and what it tells may have changed. It holds secrets: nobody else may read it.
    private void WriteConfigDrive(GuestDirectory directory, GuestSpec guest)
    {
        var part = directory.ConfigDrive + ".new";
        File.Delete(part);
        using (var file = new FileStream(part, new FileStreamOptions
               {
                   Mode = FileMode.CreateNew,
                   Access = FileAccess.Write,
                   UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
               }))
            file.Write(IsoImage.Of(ConfigDriveLabel, documents.Files(guest.Rescue is { } rescue ? guest with { Metadata = guest.Metadata with { AdminPass = rescue.AdminPass } } : guest)));
        File.Move(part, directory.ConfigDrive, overwrite: true);
    }

    private static void CheckFits(GuestSpec guest, long virtualSize, long wanted)
    {
        if (wanted == 0)
            return;

        var minimum = (long)guest.Image!.MinDiskGb << 30;
        if (wanted < minimum)
            throw Fault.BadRequest($"Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is {wanted} bytes, minimum size is {minimum} bytes.");
        if (wanted < virtualSize)
            throw Fault.BadRequest($"Flavor's disk is too small for requested image. Flavor disk is {wanted} bytes, image is {virtualSize} bytes.");
    }

    private static List<DomainDisk> Arrange(GuestDirectory directory, GuestSpec guest, GuestHardware hardware)
    {
        var disks = new List<DomainDisk>();
        var names = new TargetNames(hardware.DiskBus);
        if (guest.Rescue is { } rescue)
            disks.Add(rescue.Image.DiskFormat == "iso" ? Installer(directory.Rescue, hardware) with { Boot = 1 } : Root(directory.Rescue, rescue.Image, names));
        if (guest.Image is not null)
            disks.Add(Root(directory, guest.Image, names) with { Boot = guest.Rescue is null ? 1 : null });
        if (guest.Flavor.EphemeralGb > 0)
            disks.Add(names.Disk(directory.Ephemeral, "raw"));
        if (guest.Flavor.SwapMb > 0)
            disks.Add(names.Disk(directory.Swap, "raw"));
        if (guest.ConfigDrive)
            disks.Add(names.Disk(directory.ConfigDrive, "raw") with
            {
                ReadOnly = true,
                Cdrom = hardware.DiskBus is DiskBus.Ide or DiskBus.Sata,
            });
        if (guest is { Rescue: null, Image.DiskFormat: "iso" })
            disks.Add(Installer(directory, hardware));
        return disks;
    }

    private static DomainDisk Root(GuestDirectory directory, GuestImage image, TargetNames names)
    {
        if (File.Exists(directory.Root("raw")))
            return names.Disk(directory.Root("raw"), "raw") with { Boot = 1 };

        var disk = names.Disk(directory.Root("qcow2"), "qcow2") with { Boot = 1 };
        if (image.DiskFormat == "iso")
            return disk;

        var format = File.Exists(directory.Base("raw")) ? "raw" : "qcow2";
        return disk with { Backing = new(directory.Base(format), format) };
    }

    // An installation medium: the blank disk is tried first and boots once something is installed on it.
    private static DomainDisk Installer(GuestDirectory directory, GuestHardware hardware)
    {
        var bus = hardware.Q35 ? DiskBus.Sata : DiskBus.Ide;
        return new(directory.Base("iso"), "raw", bus == DiskBus.Ide ? "hdd" : "sdz") { Bus = bus, Cdrom = true, ReadOnly = true, Boot = 2 };
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Numbers the disks on a bus: vda, vdb …</summary>
    private sealed class TargetNames(DiskBus bus)
    {
        private char _next = 'a';

        public DomainDisk Disk(string path, string format) => new(path, format, Prefix + _next++) { Bus = bus };

        private string Prefix => bus switch
        {
            DiskBus.Virtio => "vd",
            DiskBus.Ide => "hd",
            _ => "sd",
        };
    }
}
