using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Nova.Modules.Shared;

namespace Nova.Drivers.Image.Embedded;

/// <summary>
/// Where a host finds the bytes of an image: the file itself when image service and hosts are one process, else an address
/// with a ticket, which lets one host read one image, or write one that waits for its bytes, for a while without any other
/// credential.
/// </summary>
public sealed class ImageTickets
{
    /// <summary>How long a host may begin and go on with a download.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>Below the address of the image service.</summary>
    public const string Path = "/nova-host/v1/images";

    private readonly byte[] _key;
    private readonly TimeProvider _time;
    private readonly Func<string?>? _address;

    /// <param name="box">Its key signs tickets: processes of one installation have it in common.</param>
    /// <param name="time">Ends tickets.</param>
    /// <param name="address">Scheme and authority under which hosts reach the image service, null while it is not known; null for hosts of this process.</param>
    public ImageTickets(SecretBox box, TimeProvider time, Func<string?>? address) => (_key, _time, _address) = (box.KeyFor("image-ticket"), time, address);

    /// <summary>True when hosts read the file itself.</summary>
    public bool AreForFiles => _address is null;

    /// <summary>The address with a ticket; empty when nobody knows the image service's address.</summary>
    public string UrlFor(string imageId, Guid hostId) => UrlFor("download", imageId, hostId);

    /// <summary>Where a host brings the bytes of an image; empty when nobody knows the image service's address.</summary>
    public string UploadUrlFor(string imageId, Guid hostId) => UrlFor("upload", imageId, hostId);

    /// <summary>True when the ticket is for reading this image, was signed here and has not ended.</summary>
    public bool IsGood(string imageId, string ticket) => IsGood("download", imageId, ticket);

    /// <summary>The same for writing.</summary>
    public bool IsGoodForUpload(string imageId, string ticket) => IsGood("upload", imageId, ticket);

    private string UrlFor(string direction, string imageId, Guid hostId)
    {
        var ends = (_time.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        return _address?.Invoke() is { } address
            ? string.Create(CultureInfo.InvariantCulture, $"{address}{Path}/{imageId}/data?ticket={hostId:N}.{ends}.{Signature(direction, imageId, hostId, ends)}")
            : "";
    }

    private bool IsGood(string direction, string imageId, string ticket) =>
        ticket.Split('.') is [var host, var end, var signature]
        && Guid.TryParseExact(host, "N", out var hostId)
        && long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var ends)
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Signature(direction, imageId, hostId, ends)), Encoding.ASCII.GetBytes(signature))
        && _time.GetUtcNow().ToUnixTimeSeconds() < ends;

    private string Signature(string direction, string imageId, Guid hostId, long ends) => Convert.ToHexStringLower(
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{direction} image {imageId} by {hostId:N} until {ends}"))));
}
