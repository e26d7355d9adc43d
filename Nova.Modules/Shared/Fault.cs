namespace Nova.Modules.Shared;

/// <summary>The kinds of expected failure; each has one HTTP status and one name on the wire.</summary>
public enum FaultKind
{
    /// <summary>Never sent; the value of a message of a newer release that this one does not know.</summary>
    Unspecified = 0,
    /// <summary>400 badRequest.</summary>
    BadRequest = 400,
    /// <summary>401 unauthorized.</summary>
    Unauthorized = 401,
    /// <summary>403 forbidden; over quota is one of these.</summary>
    Forbidden = 403,
    /// <summary>404 itemNotFound.</summary>
    NotFound = 404,
    /// <summary>405 badMethod.</summary>
    MethodNotAllowed = 405,
    /// <summary>406: a microversion out of range, or an Accept that cannot be served.</summary>
    NotAcceptable = 406,
    /// <summary>409 conflictingRequest.</summary>
    Conflict = 409,
    /// <summary>410 gone: an operation that was removed for ever.</summary>
    Gone = 410,
    /// <summary>413 overLimit: the body is too large.</summary>
    TooLarge = 413,
    /// <summary>415 badMediaType.</summary>
    UnsupportedMediaType = 415,
    /// <summary>429 overLimit: too many requests.</summary>
    TooManyRequests = 429,
    /// <summary>500 computeFault: a bug, or a host's failure that no better kind names.</summary>
    Internal = 500,
    /// <summary>501 notImplemented: the host's driver cannot do this.</summary>
    NotImplemented = 501,
    /// <summary>503 serviceUnavailable: try again later.</summary>
    Unavailable = 503,
}

/// <summary>
/// An expected failure. Thrown where it is known, with the sentence that the original uses; written once at the edge;
/// the same object is kept with the server and travels between roles. Anything else that is thrown is a bug and is
/// answered as 500 without detail.
/// </summary>
public sealed class Fault(FaultKind kind, Message message, string? details = null) : Exception(message.ToString())
{
    /// <summary>The status and the name on the wire.</summary>
    public FaultKind Kind => kind;

    /// <summary>The sentence for the user. Never holds a stack trace or another tenant's id.</summary>
    public Message Text => message;

    /// <summary>What only an admin may read: host names, the hypervisor's own words.</summary>
    public string? Details => details;

    /// <summary>What programs may tell the failure by, in APIs that have such codes (Placement since 1.23); null for the API's default.</summary>
    public string? Code { get; init; }

    /// <summary>For 413, 429 and 503: the Retry-After header in seconds.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>True when the same call may succeed later: the runner retries, a client may.</summary>
    public bool IsTransient { get; init; } = kind is FaultKind.Unavailable or FaultKind.TooManyRequests;

    /// <summary>The same failure, said in another language.</summary>
    public Fault Saying(Message other) => new(kind, other, details) { Code = Code, RetryAfterSeconds = RetryAfterSeconds, IsTransient = IsTransient };

    /// <summary>400.</summary>
    public static Fault BadRequest(MessageTemplate message) => new(FaultKind.BadRequest, message.ToMessage());

    /// <summary>403.</summary>
    public static Fault Forbidden(MessageTemplate message) => new(FaultKind.Forbidden, message.ToMessage());

    /// <summary>404.</summary>
    public static Fault NotFound(MessageTemplate message) => new(FaultKind.NotFound, message.ToMessage());

    /// <summary>409.</summary>
    public static Fault Conflict(MessageTemplate message) => new(FaultKind.Conflict, message.ToMessage());

    /// <summary>501.</summary>
    public static Fault NotImplemented(MessageTemplate message) => new(FaultKind.NotImplemented, message.ToMessage());

    /// <summary>503, worth another try.</summary>
    public static Fault Unavailable(MessageTemplate message, int retryAfterSeconds = 1) =>
        new(FaultKind.Unavailable, message.ToMessage()) { RetryAfterSeconds = retryAfterSeconds };

    /// <summary>The name of the fault in a Compute response document.</summary>
    public static string NameOf(FaultKind kind) => kind switch
    {
        FaultKind.BadRequest => "badRequest",
        FaultKind.Unauthorized => "unauthorized",
        FaultKind.Forbidden => "forbidden",
        FaultKind.NotFound => "itemNotFound",
        FaultKind.MethodNotAllowed => "badMethod",
        FaultKind.Conflict => "conflictingRequest",
        FaultKind.TooLarge or FaultKind.TooManyRequests => "overLimit",
        FaultKind.UnsupportedMediaType => "badMediaType",
        FaultKind.NotImplemented => "notImplemented",
        FaultKind.Unavailable => "serviceUnavailable",
        _ => "computeFault",
    };
}
