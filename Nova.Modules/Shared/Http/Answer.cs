using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Shared.Http;

/// <summary>What a handler answers: a status, at most one body, and further headers.</summary>
public sealed record Answer(int Status)
{
    /// <summary>Serialised as JSON for the caller's microversion; null for no body.</summary>
    public object? Body { get; init; }

    /// <summary>Writes a body that is not JSON (an image's bytes, an event stream); exclusive with <see cref="Body"/>.</summary>
    public Func<HttpResponse, CancellationToken, Task>? Stream { get; init; }

    /// <summary>For <see cref="Stream"/>.</summary>
    public string? ContentType { get; init; }

    /// <summary>Further headers, such as Location.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>A JSON document.</summary>
    public static Answer Json(object body, int status = 200) => new(status) { Body = body };

    /// <summary>A status without a body.</summary>
    public static Answer Empty(int status = 204) => new(status);

    /// <summary>Plain text.</summary>
    public static Answer Text(string text, int status = 200, string contentType = "text/plain; charset=UTF-8") =>
        new(status) { ContentType = contentType, Stream = (response, ct) => response.WriteAsync(text, ct) };

    /// <summary>The same answer with one more header.</summary>
    public Answer With(string header, string value) => this with { Headers = [.. Headers, new(header, value)] };
}
