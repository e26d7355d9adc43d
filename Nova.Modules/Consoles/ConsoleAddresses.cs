using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Consoles;

/// <summary>The addresses that users get.</summary>
public sealed class ConsoleAddresses(ConsoleOptions options)
{
    /// <summary>What the token is added to; null when there is none for this type.</summary>
    public string? Base(string type, HttpRequest request) => type switch
    {
        ConsoleTypes.NoVnc => options.VncUrl ?? Own(request) + "/console/vnc_auto.html",
        ConsoleTypes.Serial => options.SerialUrl ?? "ws" + Own(request)["http".Length..] + "/console",
        ConsoleTypes.SpiceHtml5 => options.SpiceUrl ?? Own(request) + "/console/spice_auto.html",
        ConsoleTypes.SpiceDirect => options.SpiceDirectUrl,
        _ => options.MksUrl,
    };

    /// <summary>
    /// The base with the token. noVNC takes it as a part of its parameter <c>path</c>, the address of the websocket, which the
    /// base may give already.
    /// </summary>
    public static string WithToken(string type, string address, string token)
    {
        if (type != ConsoleTypes.NoVnc)
            return $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}token={token}";

        var (page, path, others) = ("", "", new List<string>());
        page = address.Split('?', 2)[0];
        foreach (var part in address[page.Length..].TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            if (part.StartsWith("path=", StringComparison.Ordinal))
                path = Uri.UnescapeDataString(part["path=".Length..]);
            else
                others.Add(part);
        return $"{page}?{string.Join('&', [.. others, $"path={Uri.EscapeDataString($"{path}?token={token}")}"])}";
    }

    // A listener of its own on all addresses is reached under the name by which the client reached the API.
    private string Own(HttpRequest request)
    {
        if (options.Listen is not { } listen)
            return PublicUrls.Of(request);

        var colon = listen.LastIndexOf(':');
        var host = listen[..colon] is "0.0.0.0" or "[::]" ? request.Host.Host : listen[..colon];
        return $"http://{host}{listen[colon..]}";
    }
}
