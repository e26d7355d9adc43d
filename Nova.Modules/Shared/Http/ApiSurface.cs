using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// One public API with manners of its own: how a version is negotiated, how a fault looks, which members of a record are
/// written. Compute, placement and each embedded neighbour is one.
/// </summary>
public abstract class ApiSurface
{
    /// <summary>compute, placement, identity, image, network, nova-host.</summary>
    public abstract string Name { get; }

    /// <summary>The largest body that is read, in bytes; 413 above it. Streams (image upload) set their own.</summary>
    public virtual long MaxBodyBytes => 114_688;

    /// <summary>The headers that carry the request's id in every response.</summary>
    public virtual IReadOnlyList<string> RequestIdHeaders { get; } = ["x-openstack-request-id"];

    /// <summary>The version that the request asks for. Throws the surface's 400 or 406.</summary>
    public virtual Microversion Negotiate(HttpRequest request) => Microversion.Max;

    /// <summary>Adds the version and Vary headers to every response, faults included, once the version is known.</summary>
    public virtual void Stamp(HttpResponse response, Microversion version)
    {
    }

    /// <summary>What the surface demands of a request before its route is chosen, such as a content type; throws the fault.</summary>
    public virtual void Inspect(HttpRequest request, Nova.Modules.Identity.Caller caller)
    {
    }

    /// <summary>The document of a fault.</summary>
    public abstract Answer Render(Fault fault, RequestContext? caller);

    /// <summary>The document of a fault, for a surface whose form depends on what the client accepts.</summary>
    public virtual Answer Render(HttpContext http, Fault fault, RequestContext? caller) => Render(fault, caller);

    /// <summary>The 403 of a rule that refuses.</summary>
    public virtual Fault Refused(string rule) => Fault.Forbidden($"Policy doesn't allow {rule} to be performed.");

    /// <summary>The 401 of a request without a valid token.</summary>
    public virtual Fault Unauthorized() => new(FaultKind.Unauthorized, Message.Of($"The request you have made requires authentication."));

    /// <summary>The sentence for a body or query that does not fit its record; the default is Compute's.</summary>
    public virtual Fault BadBody(string reason) => new(FaultKind.BadRequest, Message.Verbatim(reason));

    /// <summary>The 400 of a body that is not JSON.</summary>
    public virtual Fault MalformedBody() => Fault.BadRequest($"Malformed request body");

    /// <summary>The 400 of a body that is not JSON, with what the parser says.</summary>
    public virtual Fault MalformedBody(string reason) => MalformedBody();

    /// <summary>What is said of a request that the server refused before any route was asked, such as one with malformed headers.</summary>
    public virtual Fault Rejected(BadHttpRequestException why) => new(FaultKind.BadRequest, Message.Verbatim(why.Message));

    /// <summary>The 404 of an address that this surface does not have.</summary>
    public virtual Fault UnknownPath(string path) => new(FaultKind.NotFound, Message.Of($"The resource could not be found."));

    /// <summary>The answer to a method that an address does not have.</summary>
    public virtual Fault WrongMethod(string method) => new(FaultKind.MethodNotAllowed, Message.Of($"The method {method} is not allowed for this resource."));
}
