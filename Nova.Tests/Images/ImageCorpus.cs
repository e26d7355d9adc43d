using System.Buffers.Binary;
using System.Text;

namespace Nova.Tests.Images;

/// <summary>Good and malicious images, as far as their headers go: built by hand, so that they are the same everywhere.</summary>
public static class ImageCorpus
{
    private const int Megabyte = 1 << 20;
    private const ulong TenMegabytes = 10 * Megabyte;

    public static byte[] Named(string name) => (byte[])typeof(ImageCorpus).GetProperty(name)!.GetValue(null)!;

    public static byte[] Padded(byte[] image, int length) => [.. image, .. new byte[Math.Max(0, length - image.Length)]];

    public static byte[] Empty => [];

    public static byte[] Tiny => [1, 2, 3];

    public static byte[] Raw => new byte[Megabyte];

    public static byte[] RawWithPartitions => With(Raw, (510, [0x55, 0xaa]), (512, "EFI PART"u8.ToArray()));

    public static byte[] Qcow2 => With(new byte[512],
        (0, [.. "QFI"u8, 0xfb]), (4, Big(3u)), (20, Big(16u)), (24, Big(TenMegabytes)), (36, Big(1u)), (40, Big(0x30000ul)), (96, Big(4u)), (100, Big(104u)));

    public static byte[] Qcow2Version2 => With(Qcow2, (4, Big(2u)), (72, new byte[32]));

    public static byte[] Qcow1 => With(Qcow2, (4, Big(1u)));

    public static byte[] Qcow2WithBackingFile => With(Qcow2, (8, Big(0x110ul)), (16, Big(11u)), (0x110, "/etc/passwd"u8.ToArray()));

    public static byte[] Qcow2WithDataFile => With(Qcow2, (72, Big(4ul)));

    public static byte[] Qcow2NamingDataFile => With(Qcow2, (104, Big(0x6803f857u)), (108, Big(8u)), (120, Big(0x44415441u)), (124, Big(11u)), (128, "/etc/shadow"u8.ToArray()));

    public static byte[] Qcow2Encrypted => With(Qcow2, (32, Big(2u)));

    public static byte[] Qcow2FromTheFuture => With(Qcow2, (72, Big(1ul << 40)));

    public static byte[] Qcow2WithEndlessHeader => With(Qcow2, (100, Big(uint.MaxValue)));

    public static byte[] Qcow2WithEndlessExtension => With(Qcow2, (104, Big(1u)), (108, Big(uint.MaxValue)));

    public static byte[] Qcow2Truncated => Qcow2[..60];

    public static byte[] Qcow2Huge => With(Qcow2, (24, Big(1ul << 50)));

    public static byte[] Qcow2ClaimingNegativeSize => With(Qcow2, (24, Big(ulong.MaxValue)));

    public static byte[] Qed => With(new byte[4096], (0, "QED\0"u8.ToArray()), (16, Little(1ul)));

    public static byte[] Luks => With(new byte[4096], (0, [.. "LUKS"u8, 0xba, 0xbe]));

    public static byte[] Iso => With(new byte[40 << 10], (32768, [1, .. "CD001"u8]));

    public static byte[] HybridIso => With(Iso, (510, [0x55, 0xaa]));

    public static byte[] IsoAndQcow2 => With(Iso, (0, Qcow2));

    public static byte[] VdiAndQcow2 => With(Vdi, (0, Qcow2[..64]));

    public static byte[] Vdi => With(new byte[4096],
        (64, [0x7f, 0x10, 0xda, 0xbe]), (68, Little(0x00010001u)), (76, Little(1u)), (368, Little(TenMegabytes)));

    public static byte[] VdiDifference => With(Vdi, (76, Little(4u)));

    public static byte[] VdiWithParent => With(Vdi, (440, Little(5ul)));

    public static byte[] VmdkSparse => Vmdk("monolithicSparse", "RW 20480 SPARSE \"small.vmdk\"");

    public static byte[] VmdkStream => [.. VmdkStreamHeader, .. With(VmdkStreamHeader[..512], (56, Little(100ul))), .. new byte[512]];

    public static byte[] VmdkWithOtherFooter => [.. VmdkStreamHeader, .. With(VmdkStreamHeader[..512], (56, Little(100ul)), (28, Little(9ul))), .. new byte[512]];

    public static byte[] VmdkText => Encoding.ASCII.GetBytes("# Disk DescriptorFile\nversion=1\ncreateType=\"monolithicFlat\"\nRW 20480 FLAT \"/etc/passwd\" 0\n");

    public static byte[] VmdkFlat => Vmdk("monolithicFlat", "RW 20480 FLAT \"/etc/passwd\" 0");

    public static byte[] VmdkNamingAPath => Vmdk("monolithicSparse", "RW 20480 SPARSE \"/var/lib/secret.vmdk\"");

    public static byte[] VmdkWithoutCapacity => With(VmdkSparse, (12, Little(0ul)));

    public static byte[] VmdkWithParent => Vmdk("monolithicSparse", "RW 20480 SPARSE \"small.vmdk\"\nparentFileNameHint=\"/etc/passwd\"");

    public static byte[] VhdDynamic => [.. VhdFooter(3), .. new byte[4096], .. VhdFooter(3)];

    public static byte[] VhdFixed => [.. new byte[100_000], .. VhdFooter(2)];

    public static byte[] VhdDifference => [.. VhdFooter(4), .. new byte[4096], .. VhdFooter(4)];

    public static byte[] Vhdx => VhdxWith(flags: 0);

    public static byte[] VhdxWithParent => VhdxWith(flags: 2);

    public static byte[] VhdxTruncated => Vhdx[..(2 * Megabyte)];

    private static byte[] VmdkStreamHeader => With(Vmdk("streamOptimized", "RW 20480 SPARSE \"small.vmdk\""), (56, Little(ulong.MaxValue)));

    private static byte[] Vmdk(string kind, string extents) => With(new byte[64 << 10],
        (0, "KDMV"u8.ToArray()), (4, Little(1u)), (12, Little(TenMegabytes / 512)), (28, Little(1ul)), (36, Little(20ul)), (56, Little(30ul)),
        (512, Encoding.ASCII.GetBytes($"# Disk DescriptorFile\nversion=1\ncreateType=\"{kind}\"\n\n# Extent description\n{extents}\n")));

    private static byte[] VhdFooter(uint kind) => With(new byte[512], (0, "conectix"u8.ToArray()), (48, Big(TenMegabytes)), (60, Big(kind)));

    private static byte[] VhdxWith(uint flags)
    {
        const int regions = 192 << 10, metadata = 3 * Megabyte, items = metadata + (64 << 10);
        return With(new byte[5 * Megabyte],
            (0, "vhdxfile"u8.ToArray()),
            (regions, "regi"u8.ToArray()), (regions + 8, Little(2u)),
            (regions + 16, new Guid("2dc27766-f623-4200-9d64-115e9bfd4a08").ToByteArray()), (regions + 32, Little(4ul * Megabyte)),
            (regions + 48, new Guid("8b7ca206-4790-4b9a-b8fe-575f050f886e").ToByteArray()), (regions + 64, Little((ulong)metadata)),
            (metadata, "metadata"u8.ToArray()), (metadata + 10, [2, 0]),
            (metadata + 32, new Guid("caa16737-fa36-4d43-b3b6-33f0aa44e76b").ToByteArray()), (metadata + 48, Little(64u << 10)),
            (metadata + 64, new Guid("2fa54224-cd1b-4876-b211-5dbed83bf4b8").ToByteArray()), (metadata + 80, Little((64u << 10) + 8)),
            (items, Little(Megabyte)), (items + 4, Little(flags)), (items + 8, Little(TenMegabytes)));
    }

    private static byte[] With(byte[] image, params (int Offset, byte[] Bytes)[] parts)
    {
        var copy = (byte[])image.Clone();
        foreach (var (offset, bytes) in parts)
            bytes.CopyTo(copy, offset);
        return copy;
    }

    private static byte[] Big(uint value) => Bytes(4, b => BinaryPrimitives.WriteUInt32BigEndian(b, value));

    private static byte[] Big(ulong value) => Bytes(8, b => BinaryPrimitives.WriteUInt64BigEndian(b, value));

    private static byte[] Little(uint value) => Bytes(4, b => BinaryPrimitives.WriteUInt32LittleEndian(b, value));

    private static byte[] Little(ulong value) => Bytes(8, b => BinaryPrimitives.WriteUInt64LittleEndian(b, value));

    private static byte[] Bytes(int length, Action<byte[]> write)
    {
        var bytes = new byte[length];
        write(bytes);
        return bytes;
    }
}
