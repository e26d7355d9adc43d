namespace Nova.Modules.Images.Formats;

/// <summary>The header of qcow2, versions 2 and 3; see docs/interop/qcow2.txt of QEMU.</summary>
internal static class Qcow2Format
{
    private const ulong ExternalDataFile = 1 << 2;
    // Dirty, corrupt, external data file, compression type, extended L2 entries: a later bit may mean anything.
    private const ulong KnownIncompatible = 0b11111;
    private const uint DataFileExtension = 0x44415441;
    private const uint BackingFormatExtension = 0xe2792aca;

    public static long VirtualSize(ImageBytes bytes)
    {
        var version = bytes.Big32(4);
        if (version is not (2 or 3))
            throw new MalformedImage(FormattableString.Invariant($"it is a qcow image of version {version}; versions 2 and 3 are supported"));
        if (bytes.Big64(8) != 0 || bytes.Big32(16) != 0)
            throw new MalformedImage("it names a backing file");
        if (bytes.Big32(32) != 0)
            throw new MalformedImage("it is encrypted");
        if (bytes.Big32(20) is < 9 or > 21)
            throw new MalformedImage("its cluster size is out of range");

        if (version == 3)
            CheckFeatures(bytes.Big64(72));
        CheckExtensions(bytes, version == 2 ? 72 : HeaderLength(bytes));
        return PositiveSize(bytes.Big64(24));
    }

    internal static long PositiveSize(ulong size) =>
        size <= long.MaxValue ? (long)size : throw new MalformedImage("its virtual size is out of range");

    private static void CheckFeatures(ulong incompatible)
    {
        if ((incompatible & ExternalDataFile) != 0)
            throw new MalformedImage("it keeps its data in an external data file");
        if ((incompatible & ~KnownIncompatible) != 0)
            throw new MalformedImage("it uses features that are not known");
    }

    private static int HeaderLength(ImageBytes bytes) =>
        bytes.Big32(100) is >= 104 and < ImageBytes.HeadSize and var length ? (int)length : throw new MalformedImage("its header length is out of range");

    // What lies behind the first 64 KiB cannot matter: a name there is followed only with a feature bit or an offset that was refused above.
    private static void CheckExtensions(ImageBytes bytes, int offset)
    {
        while (offset + 8 <= bytes.Head.Length)
        {
            var type = bytes.Big32(offset);
            if (type == 0)
                return;
            if (type is DataFileExtension or BackingFormatExtension)
                throw new MalformedImage("its header names another file");

            var length = bytes.Big32(offset + 4);
            if (length > ImageBytes.HeadSize)
                throw new MalformedImage("its header extensions are damaged");
            offset += 8 + (((int)length + 7) & ~7);
        }
    }
}
