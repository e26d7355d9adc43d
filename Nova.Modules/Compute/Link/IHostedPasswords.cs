using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>The stored passwords of guests, as a host may ask for them: of its own guests alone.</summary>
public interface IHostedPasswords
{
    /// <summary>What is stored for a guest of the host (empty for nothing), and whether <paramref name="text"/> was stored just now: only where nothing was.</summary>
    /// <param name="hostId">Who asks.</param>
    /// <param name="serverId">The guest.</param>
    /// <param name="text">What is to be stored; null only asks.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="Fault">404: the host has no such guest.</exception>
    Task<(string Text, bool IsStored)> Ask(Guid hostId, Guid serverId, string? text, CancellationToken ct);
}
