using Nova.Modules.Images;

namespace Nova.Drivers.Image.Embedded;

/// <summary>Uploads of hosts in a process that has the image service: directly, unless they were given an address.</summary>
public sealed class ImageUploads(ImageService images) : IImageUploads
{
    /// <summary>The target that means the image service of the same process.</summary>
    public const string WithinTheProcess = "local:";

    private readonly HttpImageUploads _http = new(new HttpClient { Timeout = Timeout.InfiniteTimeSpan });

    /// <inheritdoc />
    public Task Send(string target, string imageId, Stream bytes, long length, CancellationToken ct) =>
        target == WithinTheProcess ? images.Take(imageId, bytes, length, ct) : _http.Send(target, imageId, bytes, length, ct);
}
