using System.Buffers.Binary;

namespace Nova.Modules.Images.Formats;

/// <summary>
/// The tables of vhdx (MS-VHDX): the region table at 192 KiB says where the metadata is, the metadata table says where
/// the virtual size and the flag "has a parent" are.
/// </summary>
internal static class VhdxFormat
{
    private const long RegionTable = 192 << 10;
    private const int TableSize = 64 << 10;
    // The metadata table and the items behind it; QEMU and Hyper-V put them directly after it.
    private const int MetadataSize = 128 << 10;
    private const uint HasParent = 2;

    private static readonly Guid MetadataRegion = new("8b7ca206-4790-4b9a-b8fe-575f050f886e");
    private static readonly Guid FileParameters = new("caa16737-fa36-4d43-b3b6-33f0aa44e76b");
    private static readonly Guid DiskSize = new("2fa54224-cd1b-4876-b211-5dbed83bf4b8");

    /// <summary>Asks for the windows that the bytes so far tell of. Called after each chunk.</summary>
    public static void AskForTables(ImageBytes bytes)
    {
        if (!bytes.Head.StartsWith("vhdxfile"u8))
            return;

        bytes.Ask(RegionTable, TableSize);
        if (MetadataOffset(bytes) is { } offset)
            bytes.Ask(offset, MetadataSize);
    }

    public static long VirtualSize(ImageBytes bytes)
    {
        var metadata = MetadataOffset(bytes) is { } offset ? bytes.WindowAt(offset) : [];
        if (!metadata.StartsWith("metadata"u8))
            throw new MalformedImage("its vhdx metadata could not be found");
        if ((BinaryPrimitives.ReadUInt32LittleEndian(Item(metadata, FileParameters, 8)[4..]) & HasParent) != 0)
            throw new MalformedImage("it is a difference to another vhdx image");

        return Qcow2Format.PositiveSize(BinaryPrimitives.ReadUInt64LittleEndian(Item(metadata, DiskSize, 8)));
    }

    private static long? MetadataOffset(ImageBytes bytes)
    {
        var table = bytes.WindowAt(RegionTable);
        if (!table.StartsWith("regi"u8))
            return null;

        var entries = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(table[8..]), 2047);
        for (var at = 16; at < 16 + 32 * entries; at += 32)
            if (new Guid(table.Slice(at, 16)) == MetadataRegion)
                return (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(table[(at + 16)..]), long.MaxValue / 2);

        return null;
    }

    private static ReadOnlySpan<byte> Item(ReadOnlySpan<byte> metadata, Guid item, int length)
    {
        var entries = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(metadata[10..]), (ushort)2047);
        for (var at = 32; at < 32 + 32 * entries; at += 32)
            if (new Guid(metadata.Slice(at, 16)) == item && BinaryPrimitives.ReadUInt32LittleEndian(metadata[(at + 16)..]) is var offset
                && offset <= metadata.Length - length)
                return metadata.Slice((int)offset, length);

        throw new MalformedImage("its vhdx metadata is incomplete");
    }
}
