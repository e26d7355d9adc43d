using Microsoft.AspNetCore.Http;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>The manners of the Compute API: microversions 2.1 to 2.104 in two header families, fault documents, content types.</summary>
public sealed class ComputeSurface : ApiSurface
{
    /// <summary>Under which all routes are mapped; other forms of an address are brought to it by <see cref="ComputePaths"/>.</summary>
    public const string Prefix = "/v2.1";

    /// <summary>The name under which endpoints of this surface are registered.</summary>
    public const string Key = "compute";

    private const int RootLength = 6; // "/v2.1/"
    private const string Standard = "OpenStack-API-Version";
    private const string Old = "X-OpenStack-Nova-API-Version";
    private static readonly string[] ContentTypes = ["application/json", "application/vnd.openstack.compute+json", "text/plain"];

    /// <inheritdoc />
    public override string Name => Key;

    /// <inheritdoc />
    public override IReadOnlyList<string> RequestIdHeaders { get; } = ["x-openstack-request-id", "x-compute-request-id"];

    /// <inheritdoc />
    public override Microversion Negotiate(HttpRequest request)
    {
        if (ComputeAddress.Of(request.HttpContext).IsLegacy)
            return Microversion.Legacy;
        if (Asked(request.Headers) is not { } text)
            return Microversion.Min;
        if (text == "latest")
            return Microversion.Max;
        if (!Microversion.TryParse(text, out var version))
            throw Fault.BadRequest($"API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum.");
        if (version >= Microversion.Min && version <= Microversion.Max)
            return version;

        Stamp(request.HttpContext.Response, version);
        throw new Fault(
            FaultKind.NotAcceptable,
            Message.Of($"Version {version} is not supported by the API. Minimum is {Microversion.Min} and maximum is {Microversion.Max}."));
    }

    /// <inheritdoc />
    public override void Stamp(HttpResponse response, Microversion version)
    {
        if (ComputeAddress.Of(response.HttpContext).IsLegacy)
            return;

        response.Headers[Standard] = $"compute {version}";
        response.Headers[Old] = version.ToString();
        response.Headers.Vary = $"{Standard}, {Old}";
    }

    /// <inheritdoc />
    public override void Inspect(HttpRequest request, Caller caller)
    {
        // ASP.NET's router takes no notice of a slash at the end, where the original's has an empty identifier and no route.
        if (request.Path.Value is { Length: > RootLength } path && path.EndsWith('/'))
            throw UnknownPath(path);

        if (request.ContentType is { Length: > 0 } type && !ContentTypes.Contains(type.Split(';')[0].Trim(), StringComparer.OrdinalIgnoreCase))
            throw new Fault(FaultKind.UnsupportedMediaType, Message.Of($"Unsupported Content-Type"));

        if (ComputeAddress.Of(request.HttpContext).ProjectId is { } project && project != caller.ProjectId && caller.UserId.Length > 0)
            throw Fault.BadRequest($"Malformed request URL: URL's project_id '{project}' doesn't match Context's project_id '{caller.ProjectId ?? "None"}'");
    }

    /// <inheritdoc />
    public override Answer Render(Fault fault, RequestContext? caller)
    {
        var status = (int)fault.Kind;
        if (fault.Kind == FaultKind.Unauthorized)
            return Answer.Json(new Dictionary<string, object> { ["error"] = new UnauthorizedBody(status, "Unauthorized", fault.Text.ToString()) }, status)
                .With("WWW-Authenticate", "Keystone");

        var body = new FaultBody(status, fault.Text.ToString(), fault.Kind is FaultKind.TooLarge or FaultKind.TooManyRequests ? fault.RetryAfterSeconds?.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
        var answer = Answer.Json(new Dictionary<string, FaultBody> { [Fault.NameOf(fault.Kind)] = body }, status) with { ContentType = "application/json; charset=UTF-8" };
        return fault.RetryAfterSeconds is { } seconds ? answer.With("Retry-After", $"{seconds}") : answer;
    }

    /// <summary>The original's router knows no 405: an address without the method is an address that is not there.</summary>
    public override Fault WrongMethod(string method) => UnknownPath(method);

    // The standard header may name several services; the last entry for compute counts. The old one is Compute's own.
    private static string? Asked(IHeaderDictionary headers)
    {
        foreach (var entry in headers[Standard].ToString().Split(',').Reverse())
            if (entry.Trim().Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var service, var version]
                && service.Equals(Key, StringComparison.OrdinalIgnoreCase))
                return version;

        return headers[Old].ToString() is { Length: > 0 } old ? old.Split(',')[^1].Trim() : null;
    }
}

/// <summary>Inside a fault document.</summary>
public sealed record FaultBody(
    int Code,
    string Message,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull), WireName("retryAfter")] string? RetryAfter = null);

/// <summary>The document of a 401, which the original's token check writes.</summary>
public sealed record UnauthorizedBody(int Code, string Title, string Message);
