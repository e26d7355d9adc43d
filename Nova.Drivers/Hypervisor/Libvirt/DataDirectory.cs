using Nova.Drivers.Hypervisor.Libvirt.Disks;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>Where the driver keeps everything; QEMU must be able to pass through every folder above it.</summary>
internal static class DataDirectory
{
    /// <summary>It exists and QEMU can reach what is in it; a fault that names the folder that is in the way.</summary>
    public static void Prepare(string path)
    {
        try
        {
            Directory.CreateDirectory(path, GuestDirectory.Mode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Of(e);
        }

        // An ordinary user's own libvirt runs QEMU as that user.
        if (!Environment.IsPrivilegedProcess)
            return;

        for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
            if ((File.GetUnixFileMode(folder) & UnixFileMode.OtherExecute) == 0)
                throw new Fault(FaultKind.Internal, Message.Of($"QEMU runs as another user and cannot pass through the folder {folder}: run chmod o+x {folder}, or choose another data directory."));
    }
}
