using System.Buffers.Binary;
using System.Text;

namespace Nova.Modules.Images.Formats;

/// <summary>
/// The sparse header and the embedded descriptor of vmdk. A vmdk can be a text that names other files ("extents"); only
/// the two kinds that hold everything in themselves are accepted: monolithicSparse and streamOptimized.
/// </summary>
internal static class VmdkFormat
{
    private const int Sector = 512;
    private const int HeaderSize = 512;
    private const ulong DirectoryAtEnd = ulong.MaxValue;

    public static long VirtualSize(ImageBytes bytes)
    {
        if (!bytes.Head.StartsWith("KDMV"u8))
            throw new MalformedImage("it is not a vmdk that holds everything itself: it has external extents");

        var sectors = bytes.Little64(12);
        if (sectors == 0)
            throw new MalformedImage("its vmdk header gives no capacity, so that its description would be followed to other files");

        var descriptor = Descriptor(bytes);
        CheckKind(descriptor);
        CheckExtents(descriptor);
        if (bytes.Little64(56) == DirectoryAtEnd)
            CheckFooter(bytes);
        return Qcow2Format.PositiveSize(checked(sectors <= long.MaxValue / Sector ? sectors * Sector : ulong.MaxValue));
    }

    private static string Descriptor(ImageBytes bytes)
    {
        var (offset, length) = (bytes.Little64(28), bytes.Little64(36));
        if (offset == 0 || length == 0 || offset > ImageBytes.HeadSize || length > ImageBytes.HeadSize || (offset + length) * Sector > (ulong)bytes.Head.Length)
            throw new MalformedImage("its vmdk description is not within its first 64 KiB");

        var text = bytes.Head.Slice((int)offset * Sector, (int)length * Sector);
        var end = text.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? text : text[..end]);
    }

    private static void CheckKind(string descriptor)
    {
        var kinds = Lines(descriptor).Where(l => l.StartsWith("createType", StringComparison.OrdinalIgnoreCase)).ToList();
        if (kinds.Count != 1 || kinds[0].Split('=', 2)[^1].Trim().Trim('"') is not ("monolithicSparse" or "streamOptimized"))
            throw new MalformedImage("its vmdk kind is not monolithicSparse or streamOptimized, so that it may have external extents");
        if (Lines(descriptor).Any(l => l.StartsWith("parentFileNameHint", StringComparison.OrdinalIgnoreCase)))
            throw new MalformedImage("it names a parent image");
    }

    // Extent lines: ACCESS SECTORS KIND "NAME"; the one that is allowed is the image itself.
    private static void CheckExtents(string descriptor)
    {
        var extents = Lines(descriptor).Where(l => l.Split(' ')[0] is "RW" or "RDONLY" or "NOACCESS").ToList();
        var own = extents is [var only] && only.Split(' ', 4) is ["RW" or "RDONLY", _, "SPARSE", var name] && !name.Contains('/', StringComparison.Ordinal);
        if (!own)
            throw new MalformedImage("it has external extents");
    }

    // The reader prefers the footer to the header when the header says so: both must say the same.
    private static void CheckFooter(ImageBytes bytes)
    {
        const int fromEnd = 2 * Sector;
        if (bytes.Tail.Length < fromEnd)
            throw new MalformedImage("it is truncated");

        var footer = bytes.Tail[^fromEnd..][..HeaderSize];
        var header = bytes.Head[..HeaderSize];
        // All but the place of the grain directory (bytes 56 to 63), which only the footer knows, and the flag bytes behind.
        if (!footer[..56].SequenceEqual(header[..56]))
            throw new MalformedImage("its vmdk header and footer differ");
        if (BinaryPrimitives.ReadUInt64LittleEndian(footer[56..]) == DirectoryAtEnd)
            throw new MalformedImage("its vmdk footer is damaged");
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(l => l.Trim());
}
