using Nova.Modules.Shared;

namespace Nova.Modules.Operations;

/// <summary>
/// Thrown by a step that wants another try from an earlier step on, after the steps between were undone: the host that was
/// tried is in the new state, so the next try goes elsewhere.
/// </summary>
public sealed class RetryFromException(string step, object state, Fault reason) : Exception(reason.Message)
{
    /// <summary>The name of the step to go on from.</summary>
    public string Step => step;

    /// <summary>The operation's state from now on.</summary>
    public object State => state;

    /// <summary>What went wrong; becomes the server's fault when there is nowhere left to try.</summary>
    public Fault Reason => reason;
}

/// <summary>The operation belongs to somebody else now (another conductor took it, or the server's epoch rose): stop, touch nothing.</summary>
public sealed class FencedException(Guid operationId) : Exception($"Operation {operationId} has another owner or epoch now.");
