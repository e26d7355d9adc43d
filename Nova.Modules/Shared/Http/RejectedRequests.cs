using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// Kestrel refuses a request whose head it cannot read before any of our code sees it, with an empty answer. This gives that
/// answer the form of the API that was called, where the address could still be read.
/// </summary>
internal sealed class RejectedRequests(RouteTable routes) : IObserver<KeyValuePair<string, object?>>
{
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>Watches the server for as long as the process lives.</summary>
    public static void Observe(DiagnosticListener server, RouteTable routes) => server.Subscribe(new RejectedRequests(routes), name => name == Event);

    /// <inheritdoc />
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is IFeatureCollection features
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException why
            && features.Get<IHttpRequestFeature>()?.Path is { Length: > 0 } path
            && routes.SurfaceOf(path) is { } surface)
            Answer(new DefaultHttpContext(features), surface, why);
    }

    /// <inheritdoc />
    public void OnError(Exception error)
    {
    }

    /// <inheritdoc />
    public void OnCompleted()
    {
    }

    // Kestrel has no body for such an answer and writes its own behind ours, with which the connection ends: clients read the first.
    private static void Answer(HttpContext http, ApiSurface surface, BadHttpRequestException why)
    {
        if (http.Features.Get<IConnectionTransportFeature>()?.Transport?.Output is not { } output || surface.Render(http, surface.Rejected(why), null).Body is not { } body)
            return;

        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), WireJson.For(Microversion.Min));
        output.Write(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {why.StatusCode} {ReasonPhrases.GetReasonPhrase(why.StatusCode)}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"));
        output.Write(bytes);
    }
}
