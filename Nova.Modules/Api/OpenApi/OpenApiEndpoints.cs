using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api.OpenApi;

/// <summary>
/// <c>/nova-host/v1/openapi</c>: which documents there are; <c>/nova-host/v1/openapi/2.104.json</c>: one of them. They hold
/// nothing of this cloud, so they need no token. Each is made at its first request, one at a time, and kept packed: all of
/// them together take a few MiB.
/// </summary>
public sealed class OpenApiEndpoints(RouteTable table) : IEndpoints
{
    private const string Path = "/openapi";
    private const string Ending = ".json";
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrentDictionary<int, byte[]> _packed = new();
    private readonly SemaphoreSlim _one = new(1);

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(Path, List).Anonymous();
        routes.Get(Path + "/{document}", Show).Anonymous();
    }

    private static Task<Answer> List(RequestContext caller, CancellationToken ct) => Task.FromResult(Answer.Json(new OpenApiIndex(
        [.. Enumerable.Range(Microversion.Min.Minor, Microversion.Max.Minor).Select(minor => new Microversion(2, minor)).Select(v => new OpenApiLink(v.ToString(), caller.Link($"{NovaHostSurface.Prefix}{Path}/{v}{Ending}")))])));

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var name = caller.Route("document");
        if (!name.EndsWith(Ending, StringComparison.Ordinal) || !Microversion.TryParse(name.AsSpan(0, name.Length - Ending.Length), out var version)
            || version < Microversion.Min || version > Microversion.Max)
            throw caller.Surface.UnknownPath(name);

        var packed = await Packed(version, ct);
        var takesPacked = caller.Header("Accept-Encoding")?.Contains("gzip", StringComparison.OrdinalIgnoreCase) == true;
        var answer = new Answer(200) { ContentType = "application/json", Stream = (response, token) => Write(response, packed, takesPacked, token) };
        return (takesPacked ? answer.With("Content-Encoding", "gzip") : answer).With("Vary", "Accept-Encoding");
    }

    private async Task<byte[]> Packed(Microversion version, CancellationToken ct)
    {
        if (_packed.TryGetValue(version.Minor, out var known))
            return known;

        await _one.WaitAsync(ct);
        try
        {
            return _packed.GetOrAdd(version.Minor, _ => Make(version));
        }
        finally
        {
            _one.Release();
        }
    }

    private byte[] Make(Microversion version)
    {
        var document = new OpenApiDocument(version).Of(table.All.Where(route => route.Surface is ComputeSurface));
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal))
            JsonSerializer.Serialize(gzip, document, Plain);
        return bytes.ToArray();
    }

    private static async Task Write(HttpResponse response, byte[] packed, bool takesPacked, CancellationToken ct)
    {
        if (takesPacked)
        {
            response.ContentLength = packed.Length;
            await response.Body.WriteAsync(packed, ct);
            return;
        }

        await using var whole = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        await whole.CopyToAsync(response.Body, ct);
    }
}

/// <summary>Which documents there are.</summary>
public sealed record OpenApiIndex(IReadOnlyList<OpenApiLink> Documents);

/// <summary>One of them.</summary>
public sealed record OpenApiLink(string Version, string Href);
