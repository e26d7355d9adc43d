namespace Nova.Modules.Compute;

/// <summary>The administrator's password that a guest made and encrypted with its owner's key: stored once, read by the owner.</summary>
public interface IGuestPasswords
{
    /// <summary>What the guest stored; empty when it stored nothing.</summary>
    ValueTask<string> Find(Guid serverId, CancellationToken ct);

    /// <summary>False when there was a password already.</summary>
    ValueTask<bool> TrySet(Guid serverId, string password, CancellationToken ct);
}
