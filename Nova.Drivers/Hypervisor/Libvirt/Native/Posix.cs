using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nova.Drivers.Hypervisor.Libvirt.Native;

/// <summary>The few file operations of Linux that the framework does not offer.</summary>
internal static unsafe partial class Posix
{
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private const int CurrentDirectory = -100;
    private const uint BasicStats = 0x7ff;
    private const int LinksOffset = 16;
    private const int BlocksOffset = 48;
    private const int NoSuchFile = 2;

    /// <summary>Gives the file to a user and his group of the same number.</summary>
    public static void Own(string path, int user) => Check(chown(path, (uint)user, (uint)user), path);

    /// <summary>A second name for the file; false when the first does not exist (any more).</summary>
    public static bool TryLink(string path, string second)
    {
        if (link(path, second) == 0)
            return true;

        return Marshal.GetLastPInvokeError() == NoSuchFile ? false : throw Failure(second);
    }

    /// <summary>How many names the file has.</summary>
    public static uint Links(string path)
    {
        var buffer = new byte[256];
        fixed (byte* stat = buffer)
            Check(statx(CurrentDirectory, path, 0, BasicStats, stat), path);
        return BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(LinksOffset));
    }

    /// <summary>How many bytes of the disk the file takes: fewer than its length where it has holes.</summary>
    public static long Allocated(string path)
    {
        var buffer = new byte[256];
        fixed (byte* stat = buffer)
            Check(statx(CurrentDirectory, path, 0, BasicStats, stat), path);
        return BinaryPrimitives.ReadInt64LittleEndian(buffer.AsSpan(BlocksOffset)) * 512;
    }

    /// <summary>Gives the first bytes of the file back to the disk; they read as zeros, the file keeps its length.</summary>
    public static void Forget(SafeFileHandle file, string path, long bytes) =>
        Check(fallocate(file, PunchHole | KeepSize, 0, bytes), path);

    private static void Check(int result, string path)
    {
        if (result < 0)
            throw Failure(path);
    }

    private static IOException Failure(string path)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new($"{error.Message} : '{path}'", error);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint user, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string path, string second);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);
}
