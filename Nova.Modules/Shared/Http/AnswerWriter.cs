using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Shared.Http;

/// <summary>Writes an answer: headers of the surface, request ids, JSON for the version.</summary>
internal static class AnswerWriter
{
    /// <param name="http">The exchange.</param>
    /// <param name="surface">Whose manners apply.</param>
    /// <param name="version">Null when the request failed before its version was known.</param>
    /// <param name="answer">What to write.</param>
    /// <param name="requestId">For the headers.</param>
    public static async Task Write(HttpContext http, ApiSurface surface, Microversion? version, Answer answer, string requestId)
    {
        var response = http.Response;
        if (response.HasStarted)
            return;

        response.StatusCode = answer.Status;
        foreach (var header in surface.RequestIdHeaders)
            response.Headers[header] = requestId;
        if (version is { } known)
            surface.Stamp(response, known);
        foreach (var (name, value) in answer.Headers)
            response.Headers[name] = value;

        if (answer.Stream is { } stream)
        {
            response.ContentType = answer.ContentType;
            await stream(response, http.RequestAborted);
        }
        else if (answer.Body is { } body)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), WireJson.For(version ?? Microversion.Min));
            response.ContentType = answer.ContentType ?? "application/json";
            response.ContentLength = bytes.Length;
            if (!HttpMethods.IsHead(http.Request.Method))
                await response.Body.WriteAsync(bytes, http.RequestAborted);
        }
        else if (answer.Status is not (204 or 304))
        {
            response.ContentLength = 0;
        }
    }
}
