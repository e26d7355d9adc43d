namespace Nova.Modules.Images.Formats;

/// <summary>
/// The magic numbers of the formats that have one at a fixed place. A partition table (MBR, GPT) is none: it is what a
/// raw disk holds, and bootable iso images carry one too.
/// </summary>
internal static class Signatures
{
    private static readonly (string Format, int Offset, byte[] Magic)[] Known =
    [
        ("qcow2", 0, [.. "QFI"u8, 0xfb]),
        ("qed", 0, "QED\0"u8.ToArray()),
        ("vmdk", 0, "KDMV"u8.ToArray()),
        ("vmdk", 0, "COWD"u8.ToArray()),
        ("vmdk", 0, "# Disk DescriptorFile"u8.ToArray()),
        ("vdi", 64, [0x7f, 0x10, 0xda, 0xbe]),
        ("vhd", 0, "conectix"u8.ToArray()),
        ("vhdx", 0, "vhdxfile"u8.ToArray()),
        ("luks", 0, [.. "LUKS"u8, 0xba, 0xbe]),
        ("iso", 32769, "CD001"u8.ToArray()),
    ];

    public static List<string> Of(ReadOnlySpan<byte> head)
    {
        var found = new List<string>(1);
        foreach (var (format, offset, magic) in Known)
            if (head.Length >= offset + magic.Length && head.Slice(offset, magic.Length).SequenceEqual(magic))
                found.Add(format);

        return found;
    }
}
