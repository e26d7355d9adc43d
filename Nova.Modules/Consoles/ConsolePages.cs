using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Nova.Modules.Consoles;

/// <summary>The web pages below <c>/console/</c>: our own for serial consoles, and noVNC's from the folder where it is installed.</summary>
public sealed class ConsolePages
{
    private readonly FileExtensionContentTypeProvider _types = new();
    private readonly PhysicalFileProvider? _folder;

    /// <param name="options">Where noVNC is.</param>
    public ConsolePages(ConsoleOptions options) =>
        _folder = Directory.Exists(options.WebFolder) ? new(Path.GetFullPath(options.WebFolder)) : null;

    /// <summary>Serves a page or one of its parts.</summary>
    /// <param name="http">The request.</param>
    /// <param name="path">Below <c>/console</c>, beginning with a slash.</param>
    public Task Serve(HttpContext http, string path)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
            return Empty(http, StatusCodes.Status405MethodNotAllowed);

        // The address holds the token: it goes to no other site and into no cache.
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        http.Response.Headers["X-Content-Type-Options"] = "nosniff";
        return path switch
        {
            "/serial.html" => Own(http, SerialPage.Html, "text/html; charset=utf-8"),
            "/serial.js" => Own(http, SerialPage.Script, "text/javascript; charset=utf-8"),
            _ when File(path) is { } file => Send(http, file),
            "/vnc_auto.html" when File("/vnc_lite.html") is { } file => Send(http, file),
            "/vnc_auto.html" => Own(http, MissingViewer.Html, "text/html; charset=utf-8"),
            "/missing.js" => Own(http, MissingViewer.Script, "text/javascript; charset=utf-8"),
            _ => Empty(http, StatusCodes.Status404NotFound),
        };
    }

    private IFileInfo? File(string path) => _folder?.GetFileInfo(path) is { Exists: true, IsDirectory: false } file ? file : null;

    private Task Send(HttpContext http, IFileInfo file)
    {
        http.Response.ContentType = _types.TryGetContentType(file.Name, out var type) ? type : "application/octet-stream";
        http.Response.ContentLength = file.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.SendFileAsync(file, http.RequestAborted);
    }

    private static Task Own(HttpContext http, string text, string type)
    {
        http.Response.Headers["Content-Security-Policy"] = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self' ws: wss:; frame-ancestors 'none'";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = type;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(text, http.RequestAborted);
    }

    private static Task Empty(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}

/// <summary>What is shown instead of a screen where noVNC is not installed.</summary>
internal static class MissingViewer
{
    public const string Html =
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Console</title></head>
        <body>
        <h1>There is no viewer here</h1>
        <p>noVNC is not installed on this service. Its operator installs it (Debian: the package novnc) or names its folder in console.web_folder.</p>
        <p>Any VNC client that speaks WebSocket can open the screen until the address expires:</p>
        <p><code id="address"></code></p>
        <script src="missing.js"></script>
        </body>
        </html>
        """;

    public const string Script =
        """
        const path = new URLSearchParams(location.search).get("path") ?? "";
        document.getElementById("address").textContent =
          (location.protocol === "https:" ? "wss://" : "ws://") + location.host + (path.startsWith("/") ? "" : "/") + path;
        """;
}
