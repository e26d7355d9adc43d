using System.Security.Cryptography;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Drivers.Image.Embedded;

/// <summary>What an upload found out about its bytes.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="VirtualSize">Bytes that a guest sees.</param>
/// <param name="Md5">Hex.</param>
/// <param name="Sha512">Hex.</param>
public sealed record StoredBytes(long Size, long VirtualSize, string Md5, string Sha512);

/// <summary>
/// The files of images. An upload writes ID.ATTEMPT.part and is renamed when it is complete and on the disk, so that a file
/// named ID is always whole.
/// </summary>
public sealed class ImageFiles(ImageSettings settings)
{
    private const int BufferBytes = 1 << 20;
    private const long CheckSpaceEvery = 64L << 20;

    /// <summary>The file of an image; it may not exist.</summary>
    public string PathOf(string imageId) => Path.Combine(settings.Directory, imageId);

    /// <summary>Streams an upload to its part file: space first, inspected and hashed on the way, synchronised at the end.</summary>
    /// <exception cref="Fault">400 when the inspector refuses it, 413 when it is too large or the disk is full.</exception>
    public async Task<StoredBytes> Store(ImageRow image, string upload, Stream body, long? length, CancellationToken ct)
    {
        if (length > settings.MaxMb * (1L << 20))
            throw TooLarge();

        Directory.CreateDirectory(settings.Directory);
        RequireSpace(length ?? 0);
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
                Options = FileOptions.Asynchronous,
                PreallocationSize = length ?? 0,
            };
            await using var file = new FileStream(PartOf(image.Id, upload), options);
            var stored = await Copy(image, body, length, file, ct);
            file.Flush(flushToDisk: true);
            return stored;
        }
        catch (IOException e) when (IsDiskFull(e))
        {
            throw DiskFull();
        }
    }

    /// <summary>The part becomes the image's file.</summary>
    public void Publish(string imageId, string upload) => File.Move(PartOf(imageId, upload), PathOf(imageId), overwrite: true);

    /// <summary>Removes a part; harmless when it is gone.</summary>
    public void Discard(string imageId, string upload) => File.Delete(PartOf(imageId, upload));

    /// <summary>Removes an image's file; who reads it goes on reading.</summary>
    public void Delete(string imageId) => File.Delete(PathOf(imageId));

    /// <summary>Removes every file that belongs to no image and was last written before a time; returns their number.</summary>
    public int RemoveAllBut(IReadOnlySet<string> imageIds, DateTimeOffset before)
    {
        if (!Directory.Exists(settings.Directory))
            return 0;

        string[] orphans = [.. Directory.EnumerateFiles(settings.Directory).Where(path => !imageIds.Contains(Path.GetFileName(path)) && File.GetLastWriteTimeUtc(path) < before)];
        foreach (var path in orphans)
            File.Delete(path);
        return orphans.Length;
    }

    private async Task<StoredBytes> Copy(ImageRow image, Stream body, long? length, FileStream file, CancellationToken ct)
    {
        var inspector = new ImageInspector(image.Id, image.DiskFormat!, settings.MaxVirtualGb * (1L << 30));
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        var buffer = new byte[BufferBytes];
        var size = 0L;
        while (await body.ReadAtLeastAsync(buffer, BufferBytes, throwOnEndOfStream: false, ct) is var read and > 0)
        {
            size += read;
            if (size > settings.MaxMb * (1L << 20))
                throw TooLarge();
            if (length is null && size / CheckSpaceEvery != (size - read) / CheckSpaceEvery)
                RequireSpace(CheckSpaceEvery);

            var chunk = buffer.AsMemory(0, read);
            inspector.Feed(chunk.Span);
            md5.AppendData(chunk.Span);
            sha512.AppendData(chunk.Span);
            await file.WriteAsync(chunk, ct);
        }

        var facts = inspector.Finish();
        return new(size, facts.VirtualSize, Convert.ToHexStringLower(md5.GetHashAndReset()), Convert.ToHexStringLower(sha512.GetHashAndReset()));
    }

    private void RequireSpace(long bytes)
    {
        if (new DriveInfo(Path.GetFullPath(settings.Directory)).AvailableFreeSpace - bytes < settings.KeepFreeMb * (1L << 20))
            throw DiskFull();
    }

    private string PartOf(string imageId, string upload) => Path.Combine(settings.Directory, $"{imageId}.{upload}.part");

    // ENOSPC; .NET also throws it when the preallocation fails.
    private static bool IsDiskFull(IOException e) => (e.HResult & 0xffff) is 28 or 112;

    private Fault TooLarge() => new(FaultKind.TooLarge, Message.Of($"Denying attempt to upload image larger than {settings.MaxMb * (1L << 20)} bytes."));

    private static Fault DiskFull() => new(FaultKind.TooLarge, Message.Of($"Image storage media is full: There is not enough disk space on the image storage media."));
}
