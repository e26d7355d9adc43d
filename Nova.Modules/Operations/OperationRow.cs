using Nova.Modules.Shared;

namespace Nova.Modules.Operations;

/// <summary>Where an operation stands.</summary>
public enum OperationStatus
{
    /// <summary>Going forward.</summary>
    Running = 1,
    /// <summary>Undoing, towards its start or towards the step that it tries again.</summary>
    Unwinding = 2,
    /// <summary>Ended as wanted.</summary>
    Done = 3,
    /// <summary>Ended undone.</summary>
    Failed = 4,
    /// <summary>Cannot go on by itself: an operator resumes or unwinds it.</summary>
    Stuck = 5,
}

/// <summary>A row of <c>operations</c>; also the server's instance action.</summary>
public sealed record OperationRow
{
    /// <summary>The operation.</summary>
    public required Guid Id { get; init; }

    /// <summary>The server that it changes.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The server's project.</summary>
    public required string ProjectId { get; init; }

    /// <summary>Who asked.</summary>
    public required string UserId { get; init; }

    /// <summary>The request.</summary>
    public required string RequestId { get; init; }

    /// <summary>As instance actions name it: create, delete, stop …</summary>
    public required string Action { get; init; }

    /// <summary>Which list of steps: <c>server.create</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Which version of that list.</summary>
    public required int KindVersion { get; init; }

    /// <summary>The release that wrote the row last.</summary>
    public required string WrittenBy { get; init; }

    /// <summary>Where it stands.</summary>
    public required OperationStatus Status { get; init; }

    /// <summary>The step to do next, or to undo next; null at the end.</summary>
    public string? Step { get; init; }

    /// <summary>JSON of the operation's state; emptied at the end.</summary>
    public required string State { get; init; }

    /// <summary>JSON of the <see cref="CallerRecord"/>.</summary>
    public required string Caller { get; init; }

    /// <summary>JSON of the <see cref="OperationProgress"/>.</summary>
    public required string Steps { get; init; }

    /// <summary>The incarnation of the conductor that drives it.</summary>
    public Guid? Owner { get; init; }

    /// <summary>The server's fencing token.</summary>
    public required long Epoch { get; init; }

    /// <summary>True when it is asked to turn round.</summary>
    public bool Cancel { get; init; }

    /// <summary>Tries of the step at hand that failed.</summary>
    public int Attempts { get; init; }

    /// <summary>The next try is not before this time.</summary>
    public long? NotBefore { get; init; }

    /// <summary>When the step at hand failed first; an hour later it is stuck.</summary>
    public long? FirstFailedAt { get; init; }

    /// <summary>JSON of the fault that turned it round.</summary>
    public string? Fault { get; init; }

    /// <summary>The unfinished operation after whose end this one starts.</summary>
    public Guid? WaitsFor { get; init; }

    /// <summary>When it was accepted.</summary>
    public required long StartedAt { get; init; }

    /// <summary>When it was saved last.</summary>
    public required long UpdatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public long? FinishedAt { get; init; }

    /// <summary>What <see cref="State"/> and <see cref="Caller"/> were written from, while the row has not left the process that made it.</summary>
    public OperationOrigin? Origin { get; init; }
}

/// <summary>The objects of a new row, so that whoever drives it at once need not read its JSON.</summary>
/// <param name="State">The operation's state.</param>
/// <param name="Caller">On whose behalf.</param>
/// <param name="Kept">What is kept of it from the start, or null.</param>
public sealed record OperationOrigin(object State, CallerRecord Caller, object? Kept = null);

/// <summary>What the row's JSON keeps beside the position.</summary>
public sealed record OperationProgress
{
    /// <summary>While unwinding: the step to go on from, or null to undo everything.</summary>
    public string? UnwindTo { get; set; }

    /// <summary>When stuck: what it was doing.</summary>
    public OperationStatus? StuckFrom { get; set; }

    /// <summary>Steps that were shown as events of the action.</summary>
    public List<StepEvent> Events { get; set; } = [];

    /// <summary>What the operation wants kept when its state is gone (a JsonElement when it was read), or null.</summary>
    public object? Kept { get; set; }
}

/// <summary>One event of an instance action.</summary>
public sealed record StepEvent
{
    /// <summary>Such as <c>compute__do_build_and_run_instance</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Null while it runs.</summary>
    public long? FinishedAt { get; set; }

    /// <summary>Null, Success or Error.</summary>
    public string? Result { get; set; }

    /// <summary>The host that it ran on, or null.</summary>
    public string? Host { get; set; }

    /// <summary>Why it failed, in words that a member may read.</summary>
    public string? Details { get; set; }

    /// <summary>The same in full, for administrators.</summary>
    public string? Full { get; set; }
}

/// <summary>On whose behalf an operation runs. Never holds a token.</summary>
public sealed record CallerRecord
{
    /// <summary>The user.</summary>
    public required string UserId { get; init; }

    /// <summary>The project.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The user's domain.</summary>
    public string? UserDomainId { get; init; }

    /// <summary>The project's domain.</summary>
    public string? ProjectDomainId { get; init; }

    /// <summary>The roles at the time of the request.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>True for a system-scoped token.</summary>
    public bool SystemScope { get; init; }

    /// <summary>The request.</summary>
    public required string RequestId { get; init; }

    /// <summary>The microversion of the request, such as 2.96.</summary>
    public required string Microversion { get; init; }
}
