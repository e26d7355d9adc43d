using Nova.Modules.Images;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Create;

/// <summary>Whether a flavor has room for an image.</summary>
internal static class ImageFit
{
    private const long GiB = 1L << 30;

    /// <exception cref="Fault">400: too small; 403: a flavor without a disk of its own.</exception>
    public static void Check(RequestContext caller, ImageInfo image, ServerFlavor flavor)
    {
        if (image.MinRamMb > flavor.MemoryMb)
            throw Fault.BadRequest($"Flavor's memory is too small for requested image.");

        var disk = flavor.RootGb * GiB;
        if (disk == 0)
        {
            if (!caller.Allows("os_compute_api:servers:create:zero_disk_flavor"))
                throw Fault.Forbidden($"Only volume-backed servers are allowed for flavors with zero disk.");
            return;
        }

        if (image.Size > disk)
            throw Fault.BadRequest($"Flavor's disk is too small for requested image. Flavor disk is {disk} bytes, image is {image.Size} bytes.");
        var least = image.MinDiskGb * GiB;
        if (least > disk)
            throw Fault.BadRequest($"Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is {disk} bytes, minimum size is {least} bytes.");
    }
}
