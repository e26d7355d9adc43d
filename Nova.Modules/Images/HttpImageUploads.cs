using System.Net;
using System.Text.Json;
using Nova.Modules.Shared;

namespace Nova.Modules.Images;

/// <summary>Uploads to an address with a ticket.</summary>
public sealed class HttpImageUploads(HttpClient http) : IImageUploads
{
    private const int LongestReason = 1000;

    /// <inheritdoc />
    public async Task Send(string target, string imageId, Stream bytes, long length, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, AddressOf(target)) { Content = new StreamContent(bytes, 1 << 18) };
        request.Content.Headers.ContentType = new("application/octet-stream");
        request.Content.Headers.ContentLength = length;
        // Who refuses does so before gigabytes were sent.
        request.Headers.ExpectContinue = true;
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!answer.IsSuccessStatusCode)
                throw Refused(imageId, answer.StatusCode, await Reason(answer, ct));
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e.Message);
        }
    }

    private static Uri AddressOf(string target) => Uri.TryCreate(target, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
        ? address!
        : throw new Fault(FaultKind.Internal, Message.Of($"The host was not told where to bring images: set image.url on the conductors."), target);

    private static Fault Refused(string imageId, HttpStatusCode status, string reason) => status switch
    {
        HttpStatusCode.NotFound or HttpStatusCode.Gone => new(FaultKind.Gone, Message.Of($"Image {imageId} could not be found."), reason),
        HttpStatusCode.RequestEntityTooLarge => new(FaultKind.TooLarge, Message.Of($"The image service refused the image: {reason}")),
        HttpStatusCode.BadRequest => Fault.BadRequest($"The image service refused the image: {reason}"),
        _ => Unreachable($"{(int)status} {reason}"),
    };

    private static Fault Unreachable(string details) =>
        new(FaultKind.Unavailable, Message.Of($"The host could not bring the image to the image service; try again later."), details) { RetryAfterSeconds = 5 };

    // The sentence of the fault document, which is short; anything else is not shown.
    private static async Task<string> Reason(HttpResponseMessage answer, CancellationToken ct)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/json" || answer.Content.Headers.ContentLength is not < LongestReason)
            return answer.ReasonPhrase ?? "";

        try
        {
            var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(ct), default, ct);
            return document.RootElement.EnumerateObject().First().Value.GetProperty("message").GetString() ?? "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return answer.ReasonPhrase ?? "";
        }
    }
}
