using System.Globalization;
using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared.Messages;

namespace Nova.Modules.Shared.Http;

/// <summary>How a fault becomes an answer, whatever API was called: the surface has the form, this has what all have in common.</summary>
internal static class FaultAnswer
{
    /// <summary>The document of the surface, in the language that the client prefers, with Retry-After where the fault says when to come back.</summary>
    public static Answer Of(HttpContext http, ApiSurface surface, Fault fault, RequestContext? caller)
    {
        fault = Languages.Say(http, fault);
        var answer = surface.Render(http, fault, caller);
        return fault.RetryAfterSeconds is { } seconds && !answer.Headers.Any(h => h.Key == "Retry-After")
            ? answer.With("Retry-After", seconds.ToString(CultureInfo.InvariantCulture))
            : answer;
    }
}
