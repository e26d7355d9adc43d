using Nova.Modules.Shared;

namespace Nova.Modules.Rpc;

/// <summary>The status codes of gRPC, with their numbers on the wire.</summary>
public enum RpcCode
{
    /// <summary>Success.</summary>
    Ok = 0,
    /// <summary>The caller gave up.</summary>
    Cancelled = 1,
    /// <summary>The peer said nothing better.</summary>
    Unknown = 2,
    /// <summary>The request is wrong whatever the state.</summary>
    InvalidArgument = 3,
    /// <summary>The time was over; whether the work was done is not known.</summary>
    DeadlineExceeded = 4,
    /// <summary>The thing asked for does not exist.</summary>
    NotFound = 5,
    /// <summary>The thing to make exists.</summary>
    AlreadyExists = 6,
    /// <summary>The caller is known and may not.</summary>
    PermissionDenied = 7,
    /// <summary>A quota or a size limit.</summary>
    ResourceExhausted = 8,
    /// <summary>The state does not allow it.</summary>
    FailedPrecondition = 9,
    /// <summary>A conflict with another call.</summary>
    Aborted = 10,
    /// <summary>Past the end of a range.</summary>
    OutOfRange = 11,
    /// <summary>The server has no such method.</summary>
    Unimplemented = 12,
    /// <summary>A bug, or a broken message.</summary>
    Internal = 13,
    /// <summary>Nobody answers now; worth another try.</summary>
    Unavailable = 14,
    /// <summary>Data is lost.</summary>
    DataLoss = 15,
    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}

/// <summary>
/// A call failed without a <see cref="Fault"/> of its handler: the transport, the deadline, a size limit, a peer that is
/// not ours.
/// </summary>
public sealed class RpcException(RpcCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Never <see cref="RpcCode.Ok"/>.</summary>
    public RpcCode Code => code;

    /// <summary>True when the same call may succeed later. The first try may have been carried out all the same.</summary>
    public bool IsTransient => code == RpcCode.Unavailable;

    /// <summary>The fault for a caller who is not a role; what the transport said becomes the admin's details.</summary>
    public Fault ToFault() => code is RpcCode.Unavailable or RpcCode.DeadlineExceeded or RpcCode.Cancelled
        ? new(FaultKind.Unavailable, Shared.Message.Of($"The service is temporarily unavailable."), Message) { RetryAfterSeconds = 1 }
        : new(FaultKind.Internal, Shared.Message.Of($"An internal call failed."), $"{code}: {Message}");
}

/// <summary>How a call ended.</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">For people; empty on success.</param>
/// <param name="Fault">The handler's own fault, when it threw one.</param>
internal readonly record struct RpcStatus(RpcCode Code, string Message, Fault? Fault = null)
{
    public static readonly RpcStatus Ok = new(RpcCode.Ok, "");

    /// <summary>What the caller gets to catch.</summary>
    public Exception ToException(Exception? inner = null) => Fault as Exception ?? new RpcException(Code, Message, inner);

    /// <summary>The status of an exception that a handler threw; null when it is a bug.</summary>
    public static RpcStatus? Of(Exception exception) => exception switch
    {
        Fault fault => new(CodeOf(fault.Kind), fault.Message, fault),
        RpcException rpc => new(rpc.Code, rpc.Message),
        _ => null,
    };

    /// <summary>The meaning of an answer that is HTTP only, from a proxy or a server of another kind.</summary>
    public static RpcCode OfHttp(int status) => status switch
    {
        400 => RpcCode.Internal,
        401 => RpcCode.Unauthenticated,
        403 => RpcCode.PermissionDenied,
        404 => RpcCode.Unimplemented,
        429 or 502 or 503 or 504 => RpcCode.Unavailable,
        _ => RpcCode.Unknown,
    };

    /// <summary>The meaning of the HTTP/2 error code with which a stream or its connection broke (RFC 9113, section 7).</summary>
    public static RpcCode OfReset(long error) => error switch
    {
        0 or 1 => RpcCode.Unavailable,   // NO_ERROR, PROTOCOL_ERROR: a server that leaves; our own client's word for a ping without answer
        7 => RpcCode.Unavailable,        // REFUSED_STREAM: certainly not carried out
        8 => RpcCode.Cancelled,          // CANCEL
        11 => RpcCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        12 => RpcCode.PermissionDenied,  // INADEQUATE_SECURITY
        _ => RpcCode.Internal,
    };

    private static RpcCode CodeOf(FaultKind kind) => kind switch
    {
        FaultKind.BadRequest or FaultKind.NotAcceptable or FaultKind.UnsupportedMediaType => RpcCode.InvalidArgument,
        FaultKind.Unauthorized => RpcCode.Unauthenticated,
        FaultKind.Forbidden => RpcCode.PermissionDenied,
        FaultKind.NotFound or FaultKind.Gone => RpcCode.NotFound,
        FaultKind.Conflict => RpcCode.FailedPrecondition,
        FaultKind.TooLarge or FaultKind.TooManyRequests => RpcCode.ResourceExhausted,
        FaultKind.MethodNotAllowed or FaultKind.NotImplemented => RpcCode.Unimplemented,
        FaultKind.Unavailable => RpcCode.Unavailable,
        _ => RpcCode.Internal,
    };
}
