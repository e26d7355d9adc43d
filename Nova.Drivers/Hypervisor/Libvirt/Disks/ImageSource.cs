using System.Net;
using System.Net.Http.Headers;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>
/// Reads an image from its address, in order. A connection that breaks or falls silent is made again where it broke, as long
/// as each brings something; what the server refuses is refused at once.
/// </summary>
internal sealed class ImageSource(Uri address, LibvirtOptions options, HttpClient http, TimeProvider time) : IAsyncDisposable
{
    private HttpResponseMessage? _answer;
    private Stream? _stream;
    private long _position;
    private int _inVain;

    /// <summary>The next bytes; 0 at the end.</summary>
    /// <exception cref="Fault">503: refused, or broken too often.</exception>
    public async ValueTask<int> Read(Memory<byte> buffer, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                _stream ??= await Open(ct);
                var count = await _stream.ReadAsync(buffer, ct).AsTask().WaitAsync(options.ImagePauses.Silence, time, ct);
                _position += count;
                _inVain = 0;
                return count;
            }
            catch (Exception e) when (e is HttpRequestException { StatusCode: null or >= HttpStatusCode.InternalServerError } or IOException or TimeoutException)
            {
                await Close();
                if (_inVain++ >= options.ImageRetries)
                    throw Unreachable(e);
            }
            catch (HttpRequestException e)
            {
                throw Unreachable(e);
            }

            await Task.Delay(options.ImagePauses.BeforeRetry, time, ct);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await Close();

    private async Task<Stream> Open(CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (_position > 0)
            request.Headers.Range = new RangeHeaderValue(_position, null);
        _answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).WaitAsync(options.ImagePauses.Silence, time, ct);
        _answer.EnsureSuccessStatusCode();
        var stream = await _answer.Content.ReadAsStreamAsync(ct);
        if (_position > 0 && _answer.StatusCode != HttpStatusCode.PartialContent)
            await Skip(stream, _position, ct);
        return stream;
    }

    // A server that knows no ranges begins at the beginning.
    private async Task Skip(Stream stream, long count, CancellationToken ct)
    {
        var buffer = new byte[64 << 10];
        while (count > 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), ct).AsTask().WaitAsync(options.ImagePauses.Silence, time, ct);
            count -= read > 0 ? read : throw new IOException("The image became shorter while it was read.");
        }
    }

    private async Task Close()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
        _answer?.Dispose();
        (_stream, _answer) = (null, null);
    }

    private static Fault Unreachable(Exception e) =>
        new(FaultKind.Unavailable, Message.Of($"The host could not fetch the image; try again later."), e.Message) { RetryAfterSeconds = 5 };
}
