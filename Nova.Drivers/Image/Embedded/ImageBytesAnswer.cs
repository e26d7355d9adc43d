using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Image.Embedded;

/// <summary>The bytes of a file, or the one range that was asked for.</summary>
internal static class ImageBytesAnswer
{
    public static Answer Of(RequestContext caller, string path)
    {
        var request = caller.Http.Request;
        var length = new FileInfo(path).Length;
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var asked) || asked is not { Unit.Value: "bytes", Ranges: { Count: 1 } ranges })
            return Bytes(200, path, 0, length);

        var range = ranges.First();
        var from = range.From ?? Math.Max(0, length - range.To ?? 0);
        var to = range.From is null ? length - 1 : Math.Min(range.To ?? long.MaxValue, length - 1);
        return from <= to
            ? Bytes(206, path, from, to - from + 1).With("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{to}/{length}"))
            : Answer.Empty(416).With("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{length}"));
    }

    private static Answer Bytes(int status, string path, long from, long count) =>
        new Answer(status) { ContentType = "application/octet-stream", Stream = (response, ct) => Send(response, path, from, count, ct) }.With("Accept-Ranges", "bytes");

    private static Task Send(HttpResponse response, string path, long from, long count, CancellationToken ct)
    {
        response.ContentLength = count;
        return HttpMethods.IsHead(response.HttpContext.Request.Method) ? Task.CompletedTask : response.SendFileAsync(path, from, count, ct);
    }
}
