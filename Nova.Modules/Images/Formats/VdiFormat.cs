namespace Nova.Modules.Images.Formats;

/// <summary>The header of VirtualBox's vdi, version 1.1.</summary>
internal static class VdiFormat
{
    private const uint Dynamic = 1;
    private const uint Static = 2;

    public static long VirtualSize(ImageBytes bytes)
    {
        if (bytes.Little32(68) != 0x00010001)
            throw new MalformedImage("it is a vdi image of an unknown version");
        if (bytes.Little32(76) is not (Dynamic or Static))
            throw new MalformedImage("it is a difference to another vdi image");
        if ((bytes.Little64(424) | bytes.Little64(432) | bytes.Little64(440) | bytes.Little64(448)) != 0)
            throw new MalformedImage("it names a parent image");

        return Qcow2Format.PositiveSize(bytes.Little64(368));
    }
}
