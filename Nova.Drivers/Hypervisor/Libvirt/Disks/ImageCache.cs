using System.Security.Cryptography;
using System.Text;
using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Modules.Compute;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>An image as a guest uses it.</summary>
/// <param name="Path">The guest's own name (a hard link) of the cached file.</param>
/// <param name="Format">raw, qcow2 or iso.</param>
/// <param name="VirtualSize">Bytes that a guest sees.</param>
internal sealed record BaseImage(string Path, string Format, long VirtualSize);

/// <summary>
/// Downloaded images by id and hash: checked while they stream in, published by a rename, read-only from then on.
/// Guests hold hard links, so a cached image can be forgotten at any time, and its number of names says whether it is used.
/// </summary>
internal sealed class ImageCache(LibvirtOptions options, ImageDownload download, DiskTools tools, TimeProvider time)
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly SharedWork _downloads = new();
    private readonly Lock _names = new();
    private readonly string _directory = Path.Combine(options.DataDirectory, "images");

    /// <summary>
    /// The image under a name of the guest's own, <c>base.FORMAT</c> in <paramref name="directory"/>. Requests for the same
    /// image share one download. Every use inspects the header again.
    /// </summary>
    public async Task<BaseImage> LinkInto(string directory, GuestImage image, CancellationToken ct)
    {
        var format = StoredFormat(image.DiskFormat);
        var cached = Path.Combine(_directory, $"{Key(image)}.{format}");
        var own = Path.Combine(directory, $"base.{format}");
        // Left by an attempt that did not come to a disk; what it was of is not known.
        File.Delete(own);
        while (!TryLink(cached, own))
            await _downloads.Run(cached, stop => Fetch(image, cached, format, stop), ct);

        Evict();
        return new(own, format, ImageInspector.OfFile(own, image.Id, format, options.ImageMaxBytes).VirtualSize);
    }

    /// <summary>The image is in the cache, and counts as used now.</summary>
    public async Task Keep(GuestImage image, CancellationToken ct)
    {
        var format = StoredFormat(image.DiskFormat);
        var cached = Path.Combine(_directory, $"{Key(image)}.{format}");
        while (!TryTouch(cached))
            await _downloads.Run(cached, stop => Fetch(image, cached, format, stop), ct);
        Evict();
    }

    private bool TryTouch(string cached)
    {
        lock (_names)
        {
            if (!File.Exists(cached))
                return false;

            File.SetLastWriteTimeUtc(cached, time.GetUtcNow().UtcDateTime);
            return true;
        }
    }

    private bool TryLink(string cached, string own)
    {
        lock (_names)
        {
            if (!Posix.TryLink(cached, own))
                return false;

            File.SetLastWriteTimeUtc(own, time.GetUtcNow().UtcDateTime);
            return true;
        }
    }

    private async Task Fetch(GuestImage image, string cached, string format, CancellationToken ct)
    {
        if (File.Exists(cached))
            return;

        var arrived = cached + ".part";
        try
        {
            Directory.CreateDirectory(_directory, GuestDirectory.Mode);
            await download.To(arrived, image, ct);
            File.SetUnixFileMode(arrived, ReadOnly);
            if (format == "qcow2" && image.DiskFormat != "qcow2")
                await Convert(arrived, image, cached, ct);
            else
                File.Move(arrived, cached, overwrite: true);
            File.SetUnixFileMode(cached, ReadOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Of(e);
        }
        finally
        {
            File.Delete(arrived);
        }
    }

    private Task Convert(string arrived, GuestImage image, string cached, CancellationToken ct)
    {
        var format = image.DiskFormat == "vhd" ? "vpc" : image.DiskFormat;
        return tools.Make(cached, "qemu-img", to => ["convert", "-q", "-f", format, "-O", "qcow2", arrived, to], ct);
    }

    // Least recently used first; what a guest still links would free nothing.
    private void Evict()
    {
        lock (_names)
        {
            var unused = new DirectoryInfo(_directory).GetFiles()
                .Where(f => f.Extension is ".qcow2" or ".raw" or ".iso" && Posix.Links(f.FullName) == 1)
                .OrderByDescending(f => f.LastWriteTimeUtc);
            long kept = 0;
            foreach (var file in unused)
                if ((kept += file.Length) > options.ImageCacheBytes)
                    file.Delete();
        }
    }

    // What QEMU reads well is kept as it is; the formats of others are converted once.
    private static string StoredFormat(string declared) => declared switch
    {
        "raw" or "ami" => "raw",
        "iso" => "iso",
        _ => "qcow2",
    };

    // Ids and hashes are made by others: only a digest of them may become part of a path.
    private static string Key(GuestImage image)
    {
        var name = $"{image.Id}\n{image.DiskFormat}\n{image.HashAlgorithm}\n{image.Hash}\n{image.Size}";
        return System.Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..40];
    }
}
