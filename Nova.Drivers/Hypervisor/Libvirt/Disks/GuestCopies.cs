using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>
/// The copy of a guest's root disk, in the guest's own directory: a qcow2 that needs no other file. It gets its name when it is
/// complete, so one that has its name is whole. A guest has at most one.
/// </summary>
internal sealed class GuestCopies(LibvirtOptions options, DiskTools tools)
{
    private const string Format = "qcow2";

    /// <summary>What a copy is called.</summary>
    public string PathOf(Guid server, Guid copy) => Path.Combine(new GuestDirectory(options.DataDirectory, server).Path, $"copy-{copy:N}.{Format}");

    /// <summary>What is called so until it is complete.</summary>
    public string PartOf(Guid server, Guid copy) => PathOf(server, copy) + ".new";

    /// <summary>The copy, or null when there is none.</summary>
    public SnapshotFacts? Find(Guid server, Guid copy) => new FileInfo(PathOf(server, copy)) is { Exists: true } file ? new(Format, file.Length) : null;

    /// <summary>Nothing is left of earlier copies, whole or not, and there is room for another.</summary>
    public void MakeRoom(Guid server, string disk)
    {
        var directory = Path.GetDirectoryName(disk)!;
        foreach (var old in Directory.EnumerateFiles(directory, "copy-*"))
            File.Delete(old);

        // What the disk has taken so far; what it is based on comes on top, which only the copying can tell.
        var (needed, free) = (Posix.Allocated(disk), new DriveInfo(directory).AvailableFreeSpace);
        if (needed > free)
            throw DiskFaults.NoSpace($"The disk of {server} has {needed} bytes, {free} are free at {directory}.");
    }

    /// <summary>
    /// The copy of a disk that nobody writes. The tool reads as the user that it runs as, so the disk is his meanwhile; a start of the
    /// guest gives it to QEMU whoever had it. Its format was chosen here and is said.
    /// </summary>
    public async Task Convert(Guid server, Guid copy, string disk, CancellationToken ct)
    {
        var format = Path.GetExtension(disk)[1..];
        if (Environment.IsPrivilegedProcess)
            Posix.Own(disk, options.ToolUserId);
        try
        {
            await tools.Make(PathOf(server, copy), "qemu-img", to => ["convert", "-q", "-f", format, "-O", Format, disk, to], ct, patience: options.CopyTimeout);
        }
        finally
        {
            if (Environment.IsPrivilegedProcess)
                Posix.Own(disk, 0);
        }
    }

    /// <summary>The part is complete: it is ours, on the disk, and has its name.</summary>
    public void Publish(Guid server, Guid copy)
    {
        var part = PartOf(server, copy);
        if (Environment.IsPrivilegedProcess)
            Posix.Own(part, 0);
        using (var file = new FileStream(part, FileMode.Open, FileAccess.ReadWrite))
            file.Flush(flushToDisk: true);
        File.Move(part, PathOf(server, copy), overwrite: true);
    }

    /// <summary>The bytes.</summary>
    public Stream Open(Guid server, Guid copy)
    {
        try
        {
            return new FileStream(PathOf(server, copy), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new Fault(FaultKind.NotFound, Message.Of($"The copy of the disk of instance {server} is missing on its host."), e.Message);
        }
    }

    /// <summary>Nothing is left of the copy.</summary>
    public void Drop(Guid server, Guid copy)
    {
        if (!Directory.Exists(new GuestDirectory(options.DataDirectory, server).Path))
            return;

        File.Delete(PathOf(server, copy));
        File.Delete(PartOf(server, copy));
    }
}
