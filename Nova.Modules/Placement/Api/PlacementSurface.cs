using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Api;

/// <summary>The manners of the Placement API: microversions 1.0 to 1.39 in one header, error documents, content types.</summary>
public sealed partial class PlacementSurface(Ids ids) : ApiSurface
{
    /// <summary>Under which all routes are mapped.</summary>
    public const string Prefix = "/placement";

    /// <summary>The name under which endpoints of this surface are registered.</summary>
    public const string Key = "placement";

    /// <summary>The header of the version.</summary>
    public const string VersionHeader = "OpenStack-API-Version";

    /// <summary>The oldest version.</summary>
    public static readonly Microversion Oldest = new(1, 0);

    /// <summary>The newest version.</summary>
    public static readonly Microversion Newest = new(1, 39);

    // The first version whose errors carry a code.
    private const int CodesSince = 23;
    private const string DefaultCode = "placement.undefined_code";

    /// <inheritdoc />
    public override string Name => Key;

    /// <summary>A reshaper of a large tree and an atomic POST of many consumers are far longer than a request to Compute.</summary>
    public override long MaxBodyBytes => 16 * 1024 * 1024;

    /// <inheritdoc />
    public override Microversion Negotiate(HttpRequest request)
    {
        if (Asked(request.Headers) is not { } text)
            return Oldest;
        if (text == "latest")
            return Newest;
        if (!TryParse(text, out var version))
            throw Fault.BadRequest($"Invalid microversion: invalid version string: {text}");

        return version >= Oldest && version <= Newest
            ? version
            : throw new Fault(FaultKind.NotAcceptable, Message.Of($"Invalid microversion: Unacceptable version header: {version}"));
    }

    /// <inheritdoc />
    public override void Stamp(HttpResponse response, Microversion version)
    {
        response.Headers[VersionHeader] = $"{Key} {version}";
        response.Headers.Append("Vary", "openstack-api-version");
    }

    /// <inheritdoc />
    public override void Inspect(HttpRequest request, Caller caller)
    {
        if (request.ContentLength > 0 && string.IsNullOrEmpty(request.ContentType))
            throw Fault.BadRequest($"content-type header required when content-length > 0");
    }

    /// <inheritdoc />
    public override Answer Render(Fault fault, RequestContext? caller) => Answer.Json(
        new { errors = new[] { Document(fault, "", "", caller?.RequestId ?? "", caller?.Version) } }, (int)fault.Kind);

    /// <summary>JSON unless the client asks for HTML or takes neither, as the original's web library decides.</summary>
    public override Answer Render(HttpContext http, Fault fault, RequestContext? caller)
    {
        var document = Document(fault, http.Request.Method, http.Request.Headers.Accept.ToString(), RequestIds.Of(http, ids), caller?.Version);
        var answer = ErrorFormOf(http.Request) switch
        {
            ErrorForm.Json => Answer.Json(new Dictionary<string, object> { ["errors"] = new[] { document } }, (int)fault.Kind),
            ErrorForm.Html => Answer.Text(Html(document), (int)fault.Kind, "text/html; charset=UTF-8"),
            _ => Answer.Text($"{document["status"]} {document["title"]}\n\n{document["detail"]}", (int)fault.Kind),
        };
        if (fault.Kind == FaultKind.Unauthorized)
            answer = answer.With("WWW-Authenticate", "Keystone");
        return fault.RetryAfterSeconds is { } seconds ? answer.With("Retry-After", $"{seconds}") : answer;
    }

    /// <inheritdoc />
    public override Fault Refused(string rule) => Fault.Forbidden($"Policy does not allow {rule} to be performed.");

    /// <inheritdoc />
    public override Fault MalformedBody() => Fault.BadRequest($"Malformed JSON: the body holds text that cannot be stored");

    /// <inheritdoc />
    public override Fault MalformedBody(string reason) => Fault.BadRequest($"Malformed JSON: {reason}");

    /// <inheritdoc />
    public override Fault Rejected(BadHttpRequestException why) => why.Message.Contains("content length", StringComparison.OrdinalIgnoreCase)
        ? Fault.BadRequest($"content-length header must be an integer")
        : base.Rejected(why);

    /// <summary>The original says nothing but that it is not there.</summary>
    public override Fault UnknownPath(string path) => new(FaultKind.NotFound, Message.Verbatim(""));

    /// <inheritdoc />
    public override Fault WrongMethod(string method) => new(FaultKind.MethodNotAllowed, Message.Of($"The method specified is not allowed for this resource."));

    /// <inheritdoc />
    public override Fault Unauthorized() => new(FaultKind.Unauthorized, Message.Verbatim(""));

    // The header may name several services; the last entry for placement counts.
    private static string? Asked(IHeaderDictionary headers)
    {
        foreach (var entry in headers[VersionHeader].ToString().Split(',').Reverse())
            if (entry.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var service, var version]
                && service.Equals(Key, StringComparison.OrdinalIgnoreCase))
                return version;

        return null;
    }

    // Any two integers are a version, also one that there is not.
    private static bool TryParse(string text, out Microversion version)
    {
        version = default;
        if (text.Split('.', 2) is not [var major, var minor] || !int.TryParse(major, out var first) || !int.TryParse(minor, out var second))
            return false;

        version = new(first, second);
        return true;
    }

    private static Dictionary<string, object> Document(Fault fault, string method, string accept, string requestId, Microversion? version)
    {
        var status = (int)fault.Kind;
        var document = new Dictionary<string, object>
        {
            ["status"] = status,
            ["title"] = ReasonPhrases.GetReasonPhrase(status),
            ["detail"] = $"{General(fault.Kind, method, accept)}\n\n {Tags().Replace(fault.Text.ToString().Replace('\n', ' '), "")}  ",
            ["request_id"] = requestId,
        };
        if (version is { Minor: >= CodesSince })
            document["code"] = fault.Code ?? DefaultCode;
        if (fault.Kind == FaultKind.NotAcceptable && version is null)
            (document["max_version"], document["min_version"]) = (Newest.ToString(), Oldest.ToString());
        return document;
    }

    // What the original's web library says of each status in front of the particular sentence.
    private static string General(FaultKind kind, string method, string accept) => kind switch
    {
        FaultKind.BadRequest => "The server could not comply with the request since it is either malformed or otherwise incorrect.",
        FaultKind.Unauthorized => "This server could not verify that you are authorized to access the document you requested.",
        FaultKind.Forbidden => "Access was denied to this resource.",
        FaultKind.NotFound => "The resource could not be found.",
        FaultKind.MethodNotAllowed => $"The method {method} is not allowed for this resource. ",
        FaultKind.NotAcceptable => $"The resource could not be generated that was acceptable to your browser (content of type {accept}. ",
        FaultKind.Conflict => "There was a conflict when trying to complete your request.",
        FaultKind.UnsupportedMediaType => "The request media type is not supported by this server.",
        FaultKind.TooLarge => "The body of your request was too large for this server.",
        FaultKind.Unavailable => "The server is currently unavailable. Please try again at a later time.",
        _ => "The server has either erred or is incapable of performing the requested operation.",
    };

    private static string Html(Dictionary<string, object> document)
    {
        var title = WebUtility.HtmlEncode($"{document["status"]} {document["title"]}");
        return $"<html><head><title>{title}</title></head><body><h1>{title}</h1>{WebUtility.HtmlEncode((string)document["detail"])}</body></html>";
    }

    private static ErrorForm ErrorFormOf(HttpRequest request)
    {
        var accepted = AcceptHeader.Of(request);
        var (html, json) = (accepted.Quality("text/html"), accepted.Quality("application/json"));
        return accepted.IsOpen || json > html ? ErrorForm.Json : html > 0 ? ErrorForm.Html : ErrorForm.Text;
    }

    private enum ErrorForm
    {
        Json,
        Html,
        Text,
    }

    // The original takes what looks like a tag out of its errors.
    [GeneratedRegex("<.*?>", RegexOptions.Singleline)]
    private static partial Regex Tags();
}
