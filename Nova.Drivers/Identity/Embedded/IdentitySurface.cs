using Microsoft.AspNetCore.WebUtilities;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>The identity API, v3: faults are <c>{"error": {code, title, message}}</c>.</summary>
public sealed class IdentitySurface : ApiSurface
{
    /// <inheritdoc />
    public override string Name => "identity";

    /// <inheritdoc />
    public override Answer Render(Fault fault, RequestContext? caller)
    {
        var status = (int)fault.Kind;
        var answer = Answer.Json(
            new { error = new { code = status, title = ReasonPhrases.GetReasonPhrase(status), message = fault.Text.ToString() } }, status);
        if (fault.RetryAfterSeconds is { } seconds)
            answer = answer.With("Retry-After", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return status == 401 ? answer.With("WWW-Authenticate", "Keystone uri=\"/identity\"") : answer;
    }

    /// <inheritdoc />
    public override Fault Refused(string rule) => NotAllowed(rule);

    /// <summary>The 400 of a request that lacks something.</summary>
    public static Fault Expected(string attribute, string target) => Fault.BadRequest(
        $"Expecting to find {attribute} in {target}. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.");

    /// <summary>The 403 of a caller whose roles do not suffice.</summary>
    public static Fault NotAllowed(string action) => Fault.Forbidden($"You are not authorized to perform the requested action: {action}.");

    /// <summary>The 401 of a login that failed, whatever the reason.</summary>
    public static Fault LoginFailed() => new(FaultKind.Unauthorized, Message.Of($"The request you have made requires authentication."));
}
