namespace Nova.Modules.Images;

/// <summary>Brings the bytes of an image from a host to the image service.</summary>
public interface IImageUploads
{
    /// <summary>All bytes are there and the image is active when this completes; harmless when it was so before.</summary>
    /// <param name="target">As <see cref="ISnapshotImages.TargetFor"/> named it.</param>
    /// <param name="imageId">The image.</param>
    /// <param name="bytes">From its beginning.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="ct">Gives up; the image waits for its bytes again.</param>
    /// <exception cref="Nova.Modules.Shared.Fault">410: the image is gone. 413, 400: refused. 503: worth another try.</exception>
    Task Send(string target, string imageId, Stream bytes, long length, CancellationToken ct);
}
