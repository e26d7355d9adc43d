using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers;

/// <summary>What a server must have of a host for an action.</summary>
public enum HostNeed
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>It is on one.</summary>
    Assigned,
    /// <summary>It is on one that is up.</summary>
    Up,
}

/// <summary>In which states of a server an action is allowed, and where it leads. What is null is not asked.</summary>
/// <param name="Operation">The published name of the operation.</param>
/// <param name="Name">As the 409 calls it.</param>
public sealed record StateRule(string Operation, string Name)
{
    /// <summary>The vm_states in which it is allowed; null for any.</summary>
    public IReadOnlyList<string>? From { get; init; }

    /// <summary>The task_states during which it is allowed, beside none; null for any.</summary>
    public IReadOnlyList<string>? During { get; init; } = [];

    /// <summary>The task_states during which it is refused although any other is allowed.</summary>
    public IReadOnlyList<string> NotDuring { get; init; } = [];

    /// <summary>The server must have run once.</summary>
    public bool NeedsLaunched { get; init; } = true;

    /// <summary>What it must have of a host.</summary>
    public HostNeed Host { get; init; }

    /// <summary>A locked server refuses it to everybody but administrators.</summary>
    public bool IsRefusedWhenLocked { get; init; } = true;

    /// <summary>The task_state that the server has while it is done; null for none.</summary>
    public string? Task { get; init; }

    /// <summary>The vm_states that it may leave when it succeeds; empty for the one that was.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>Throws the 409 of a server that is not as the action needs it, in the order of the original: lock, host, states.</summary>
    public void Check(RequestContext caller, Server server)
    {
        if (IsRefusedWhenLocked && server.LockedBy is not null && !caller.IsAdmin)
            throw Fault.Conflict($"Instance {server.Id} is locked");
        if (Host != HostNeed.None && server.HostId is null)
            throw Fault.Conflict($"Instance {server.Id} is not ready");
        if (From?.Contains(server.VmState) == false)
            throw Fault.Conflict($"Cannot '{Name}' instance {server.Id} while it is in vm_state {server.VmState}");
        if (server.TaskState is { } task && (During?.Contains(task) == false || NotDuring.Contains(task)))
            throw Fault.Conflict($"Cannot '{Name}' instance {server.Id} while it is in task_state {task}");
        if (NeedsLaunched && server.LaunchedAt is null)
            throw Fault.Conflict($"Cannot '{Name}' an instance which has never been active");
    }
}
