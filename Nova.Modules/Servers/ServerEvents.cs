using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers;

/// <summary>What the outbox says of servers.</summary>
public static class ServerEvents
{
    /// <summary>The kind of event that says a server's state changed.</summary>
    public const string ChangedKind = "server.changed";

    /// <summary>The server reached another stable state.</summary>
    public static void Changed(Tx tx, Guid serverId, string? projectId, string vmState) =>
        tx.Emit(new(ChangedKind, serverId.ToString(), projectId, $$"""{"vm_state":"{{vmState}}"}"""));
}
