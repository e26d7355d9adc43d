namespace Nova.Modules.Shared;

/// <summary>
/// What the work of the moment is about: every log line that it writes carries these ids, also in other processes that it
/// calls. It flows with the work, through awaits and into tasks that it starts.
/// </summary>
public sealed record LogScope
{
    private static readonly AsyncLocal<LogScope?> Present = new();

    /// <summary>The scope of the moment; null outside of any.</summary>
    public static LogScope? Current => Present.Value;

    /// <summary><c>req-</c> and a UUID.</summary>
    public string? RequestId { get; init; }

    /// <summary>Whose work it is.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The server that is worked on.</summary>
    public Guid? ServerId { get; init; }

    /// <summary>The long operation.</summary>
    public Guid? OperationId { get; init; }

    /// <summary>The work is about this from now on, until the result is disposed. What it does not say is as before.</summary>
    public static Entered Enter(LogScope scope)
    {
        var outer = Present.Value;
        Present.Value = scope.Over(outer);
        return new(outer);
    }

    /// <summary>More has become known of the work: to be called in the method that entered.</summary>
    public static void Add(LogScope more) => Present.Value = more.Over(Present.Value);

    private LogScope Over(LogScope? outer) => outer is null ? this : new()
    {
        RequestId = RequestId ?? outer.RequestId,
        ProjectId = ProjectId ?? outer.ProjectId,
        ServerId = ServerId ?? outer.ServerId,
        OperationId = OperationId ?? outer.OperationId,
    };

    /// <summary>Ends a scope.</summary>
    public readonly struct Entered(LogScope? outer) : IDisposable
    {
        /// <inheritdoc />
        public void Dispose() => Present.Value = outer;
    }
}
