using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Image.Embedded;

/// <summary>The image API, v2: a fault is a small HTML page, or JSON for clients that ask for it.</summary>
public sealed class ImageSurface : ApiSurface
{
    /// <inheritdoc />
    public override string Name => "image";

    /// <inheritdoc />
    public override Answer Render(Fault fault, RequestContext? caller)
    {
        var status = (int)fault.Kind;
        var (title, text) = (ReasonPhrases.GetReasonPhrase(status), WebUtility.HtmlEncode(fault.Text.ToString()));
        if (caller?.Header("Accept")?.Contains("application/json", StringComparison.OrdinalIgnoreCase) == true)
            return Answer.Json(new { message = $"{text}<br /><br />\n\n\n", code = $"{status} {title}", title }, status);

        var page = $"<html>\n <head>\n  <title>{status} {title}</title>\n </head>\n <body>\n  <h1>{status} {title}</h1>\n  {text}<br /><br />\n\n\n\n </body>\n</html>";
        var answer = Answer.Text(page, status, "text/html; charset=UTF-8");
        return status == 401 ? answer.With("WWW-Authenticate", "Keystone uri=\"/identity\"") : answer;
    }
}
