using Nova.Modules.Images;

namespace Nova.Modules.Compute;

/// <summary>
/// Guests whose root disk can be copied as it is at one moment, while they run or are off. The copy stays on the host under the
/// name of the operation until it is dropped, so that a repeated upload finds it. A guest has at most one.
/// </summary>
public interface ISnapshotCapable
{
    /// <summary>The copy is there; does nothing but tell of it when it is already. The guest goes on as it was.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="copy">Names the copy.</param>
    /// <param name="ct">Gives up; nothing of the copy is left.</param>
    Task<SnapshotFacts> CopyDisk(GuestSpec guest, Guid copy, CancellationToken ct);

    /// <summary>The bytes of the copy, from the beginning.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">404: there is none.</exception>
    Task<Stream> OpenCopy(GuestSpec guest, Guid copy, CancellationToken ct);

    /// <summary>Nothing is left of the copy; does nothing when there is none.</summary>
    Task DropCopy(GuestSpec guest, Guid copy, CancellationToken ct);
}
