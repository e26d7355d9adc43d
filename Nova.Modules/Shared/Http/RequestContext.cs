using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Nova.Modules.Identity;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// One request as a handler sees it: who asks, in which version, and what was sent. Everything that a handler needs of
/// HTTP comes through here, so a handler reads, calls and answers.
/// </summary>
public sealed class RequestContext(HttpContext http, ApiSurface surface, Microversion version, Caller caller, string requestId, IPolicy policy)
{
    /// <summary>The request and response; for streams and unusual headers only.</summary>
    public HttpContext Http => http;

    /// <summary>The API that was asked.</summary>
    public ApiSurface Surface => surface;

    /// <summary>The negotiated version.</summary>
    public Microversion Version => version;

    /// <summary>Who asks; a caller without roles on routes that need no token.</summary>
    public Caller Caller => caller;

    /// <summary><c>req-</c> and a UUID; in every log line, operation and answer.</summary>
    public string RequestId => requestId;

    /// <summary>The id under which the calling service works, from X-OpenStack-Request-ID; null without a valid one.</summary>
    public string? GlobalRequestId => RequestIds.GlobalOf(http);

    /// <summary>The project of the token.</summary>
    /// <exception cref="Fault">403 when the token has none.</exception>
    public string ProjectId => caller.ProjectId ?? throw Fault.Forbidden($"This operation needs a token that is scoped to a project.");

    /// <summary>True for an administrator by the rule <c>context_is_admin</c>: list filters and visibility depend on it.</summary>
    public bool IsAdmin => Allows("context_is_admin");

    /// <summary>True from this minor version on.</summary>
    public bool Since(int minor) => version.Minor >= minor;

    /// <summary>A part of the path.</summary>
    public string Route(string name) => (string)http.Request.RouteValues[name]!;

    /// <summary>The last value of a query parameter, or null.</summary>
    public string? Query(string name) => http.Request.Query.TryGetValue(name, out var values) ? values[^1] : null;

    /// <summary>All values of a query parameter.</summary>
    public StringValues QueryAll(string name) => http.Request.Query[name];

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) => http.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>Reads the JSON body and validates it by the rules of its record (<see cref="Validation"/>); what does not fit is the surface's 400.</summary>
    public Task<T> Body<T>(CancellationToken ct) where T : class => BodyReader.Read<T>(this, ct);

    /// <summary>Reads and validates the query string; what does not fit is the surface's 400.</summary>
    public T QueryAs<T>() where T : class, new() => QueryReader.Read<T>(this);

    /// <summary>True when policy lets the caller do this to this target (null: to what the caller owns).</summary>
    public bool Allows(string rule, PolicyTarget? target = null) => policy.Allows(caller, rule, target ?? PolicyTarget.Of(caller));

    /// <summary>Throws the 403 of a refused rule.</summary>
    public void Require(string rule, PolicyTarget? target = null)
    {
        if (!Allows(rule, target))
            throw surface.Refused(rule);
    }

    /// <summary>A sentence that is a part of the answer, in the caller's language.</summary>
    public string Say(Message message) => Messages.Languages.Say(http, message);

    /// <summary>An absolute address on this service; <c>public_url</c> when set, else as the client called us.</summary>
    public string Link(string path) => PublicUrls.Of(http.Request) + path;
}
