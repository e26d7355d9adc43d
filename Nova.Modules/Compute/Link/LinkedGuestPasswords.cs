using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>
/// The passwords of guests whose host has no database: a conductor keeps them. The compute role says how it is asked once it
/// runs; before that, and while no conductor is connected, guests are told to come again.
/// </summary>
public sealed class LinkedGuestPasswords : IGuestPasswords
{
    private Func<Guid, string?, CancellationToken, Task<(string Text, bool IsStored)>>? _ask;

    /// <inheritdoc />
    public async ValueTask<string> Find(Guid serverId, CancellationToken ct) => (await Ask(serverId, null, ct)).Text;

    /// <inheritdoc />
    public async ValueTask<bool> TrySet(Guid serverId, string password, CancellationToken ct) => (await Ask(serverId, password, ct)).IsStored;

    /// <summary>How a conductor is asked: with null for the text it only answers.</summary>
    public void AskBy(Func<Guid, string?, CancellationToken, Task<(string Text, bool IsStored)>> ask) => _ask = ask;

    private Task<(string Text, bool IsStored)> Ask(Guid serverId, string? text, CancellationToken ct) =>
        _ask?.Invoke(serverId, text, ct) ?? throw Fault.Unavailable($"The service is temporarily unavailable.");
}
