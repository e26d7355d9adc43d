using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared;

namespace Nova.Modules.Consoles;

/// <summary>
/// Which web pages may open a console: browsers let any page open a websocket anywhere, and only say from where. Whoever is no
/// browser sends no origin, and the token is enough.
/// </summary>
public sealed class ConsoleOrigins(ConsoleOptions options, ConsoleAddresses addresses)
{
    /// <summary>Refuses a page that may not.</summary>
    /// <exception cref="Fault">403.</exception>
    public void Check(HttpRequest request, string type)
    {
        if (request.Headers.Origin.ToString() is not { Length: > 0 } text)
            return;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var origin) || origin.Scheme is not ("http" or "https"))
            throw Fault.Forbidden($"The origin is not a web page's.");
        if (options.AllowedOrigins.Contains(text, StringComparer.OrdinalIgnoreCase))
            return;
        if (!Same(origin.Host, request.Host.Host) && !options.AllowedOrigins.Contains(origin.Host, StringComparer.OrdinalIgnoreCase))
            throw Fault.Forbidden($"Pages of {origin.Host} may not open consoles.");

        // A page that came in clear may not open what is offered by TLS, and the other way round.
        if (origin.Scheme != SchemeOf(type, request))
            throw Fault.Forbidden($"The page came by {origin.Scheme}, and the console does not.");
    }

    private string SchemeOf(string type, HttpRequest request) =>
        addresses.Base(type, request)?.Split(':', 2)[0] is "https" or "wss" ? "https" : "http";

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
