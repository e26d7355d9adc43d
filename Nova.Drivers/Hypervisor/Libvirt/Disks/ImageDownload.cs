using System.Buffers;
using System.Security.Cryptography;
using Nova.Modules.Compute;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>
/// Fetches the bytes of an image from a file or a URL. While they arrive they are counted, hashed and inspected, so a bad
/// image is refused at its first bad byte and never stays on the disk.
/// </summary>
internal sealed class ImageDownload(LibvirtOptions options, HttpClient http, TimeProvider time)
{
    private const int BufferSize = 256 << 10;

    /// <summary>The complete, checked image is at <paramref name="path"/>, flushed to the disk.</summary>
    public async Task To(string path, GuestImage image, CancellationToken ct)
    {
        RequireSpace(path, image);
        using var hash = HashOf(image);
        var inspector = new ImageInspector(image.Id, image.DiskFormat, options.ImageMaxBytes);
        long length;
        await using (var file = Reserve(path, image))
        {
            length = await Copy(file, chunk => Take(chunk, image, inspector, hash), image, ct);
            file.SetLength(length);
            RandomAccess.FlushToDisk(file.SafeFileHandle);
        }

        CheckComplete(image, length, hash);
        inspector.Finish();
    }

    // The space is taken before the first byte comes, so that two downloads do not count on the same.
    private static FileStream Reserve(string path, GuestImage image) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, PreallocationSize = image.Size,
    });

    private async Task<long> Copy(FileStream file, Action<ReadOnlyMemory<byte>> take, GuestImage image, CancellationToken ct)
    {
        await using var local = Path.IsPathRooted(image.Source) ? OpenFile(image) : null;
        await using var remote = local is null ? new ImageSource(AddressOf(image), options, http, time) : null;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long length = 0;
            for (int n; (n = local is not null ? await local.ReadAsync(buffer, ct) : await remote!.Read(buffer, ct)) > 0;)
            {
                length += n;
                if (image.Size > 0 && length > image.Size)
                    throw WrongSize(image, length);
                take(buffer.AsMemory(0, n));
                await file.WriteAsync(buffer.AsMemory(0, n), ct);
            }

            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Take(ReadOnlyMemory<byte> chunk, GuestImage image, ImageInspector inspector, IncrementalHash? hash)
    {
        hash?.AppendData(chunk.Span);
        inspector.Feed(chunk.Span);
    }

    private static Uri AddressOf(GuestImage image)
    {
        if (image.Source.Length == 0)
            throw new Fault(FaultKind.Internal, Message.Of($"The host was not told where images are: set image.url on the conductors."));
        return Uri.TryCreate(image.Source, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri!
            : throw new Fault(FaultKind.Internal, Message.Of($"The source of the image is neither a file path nor an http(s) address."), image.Source);
    }

    private static FileStream OpenFile(GuestImage image)
    {
        try
        {
            return new(image.Source, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            var id = image.Id;
            throw new Fault(FaultKind.NotFound, Message.Of($"Image {id} could not be found."), e.Message);
        }
    }

    private static void RequireSpace(string path, GuestImage image)
    {
        var free = new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        if (image.Size > free)
            throw DiskFaults.NoSpace($"The image {image.Id} has {image.Size} bytes, {free} are free at {path}.");
    }

    private static IncrementalHash? HashOf(GuestImage image) => image.Hash is null ? null : image.HashAlgorithm switch
    {
        "sha512" => IncrementalHash.CreateHash(HashAlgorithmName.SHA512),
        "sha384" => IncrementalHash.CreateHash(HashAlgorithmName.SHA384),
        "sha256" => IncrementalHash.CreateHash(HashAlgorithmName.SHA256),
        "sha1" => IncrementalHash.CreateHash(HashAlgorithmName.SHA1),
        "md5" or null => IncrementalHash.CreateHash(HashAlgorithmName.MD5),
        var unknown => throw new Fault(FaultKind.Internal, Message.Of($"The image's hash algorithm {unknown} is not known; sha512, sha384, sha256, sha1 and md5 are.")),
    };

    private static void CheckComplete(GuestImage image, long length, IncrementalHash? hash)
    {
        if (image.Size > 0 && length != image.Size)
            throw WrongSize(image, length);
        if (hash is null)
            return;

        var actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (!actual.Equals(image.Hash, StringComparison.OrdinalIgnoreCase))
        {
            var id = image.Id;
            throw new Fault(FaultKind.Internal, Message.Of($"The bytes of image {id} do not have the hash that the image service announced: they are damaged; upload the image again."),
                $"{image.HashAlgorithm} {actual}, announced {image.Hash}");
        }
    }

    private static Fault WrongSize(GuestImage image, long length)
    {
        var (id, size) = (image.Id, image.Size);
        return new(FaultKind.Internal, Message.Of($"Image {id} does not have the {size} bytes that the image service announced."), $"{length} bytes came");
    }
}
