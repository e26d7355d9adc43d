using System.Buffers.Binary;

namespace Nova.Modules.Images.Formats;

/// <summary>The footer of vhd (QEMU calls it vpc): the last 512 bytes, and a copy of them at the start of a dynamic disk.</summary>
internal static class VhdFormat
{
    private const int FooterSize = 512;
    private const uint Fixed = 2;
    private const uint Dynamic = 3;

    public static bool HasFooter(ImageBytes bytes) =>
        bytes.Tail.Length >= FooterSize && bytes.Tail[^FooterSize..].StartsWith("conectix"u8);

    public static long VirtualSize(ImageBytes bytes)
    {
        if (!HasFooter(bytes))
            throw new MalformedImage("it has no vhd footer at its end: it is truncated");

        var footer = bytes.Tail[^FooterSize..];
        var kind = BinaryPrimitives.ReadUInt32BigEndian(footer[60..]);
        if (kind is not (Fixed or Dynamic))
            throw new MalformedImage("it is a difference to another vhd image");
        if (kind == Dynamic && !bytes.Head.StartsWith(footer))
            throw new MalformedImage("its two vhd footers differ");

        return Qcow2Format.PositiveSize(BinaryPrimitives.ReadUInt64BigEndian(footer[48..]));
    }
}
