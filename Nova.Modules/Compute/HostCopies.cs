using Nova.Modules.Images;

namespace Nova.Modules.Compute;

/// <summary>How the hosts of a process make copies of disks, and bring them away.</summary>
/// <param name="Uploads">Brings them to the image service.</param>
/// <param name="AtOnce">How many copies one host makes or brings away at once; the others wait.</param>
public sealed record HostCopies(IImageUploads Uploads, int AtOnce = HostCopies.UsualAtOnce)
{
    /// <summary>As in the original.</summary>
    public const int UsualAtOnce = 5;
}
