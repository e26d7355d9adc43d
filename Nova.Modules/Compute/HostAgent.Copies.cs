using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute;

// Copies of disks on their way to the image service, and figures of guests.
public sealed partial class HostAgent
{
    private readonly SemaphoreSlim _copying = new(copies?.AtOnce ?? HostCopies.UsualAtOnce);

    /// <inheritdoc />
    public async Task<GuestDiagnostics> Diagnose(Guid serverId, CancellationToken ct)
    {
        var driver = Able<IDiagnosticsCapable>();
        return journal.Find(hostId, serverId) is { Guest: { } guest }
            ? await driver.Diagnose(guest, ct)
            : throw Fault.NotFound($"Instance {serverId} could not be found on its host.");
    }

    private async Task<HostResult> Copy(SnapshotGuest command, JournalEntry? known, Action accepted, CancellationToken ct)
    {
        SnapshotFacts? facts = null;
        var power = await Touch(command, known, accepted, async guest => facts = await InTurn(() => Able<ISnapshotCapable>().CopyDisk(guest, command.OperationId, ct), ct), ct);
        return HostResult.Ok(power) with { Snapshot = facts };
    }

    private Task<Power> Upload(UploadSnapshot command, JournalEntry? known, Action accepted, CancellationToken ct) => Touch(
        command, known, accepted,
        guest => InTurn(
            async () =>
            {
                var (driver, uploads) = (Able<ISnapshotCapable>(), copies?.Uploads ?? throw Capabilities.NotSupported);
                await using (var bytes = await driver.OpenCopy(guest, command.OperationId, ct))
                    await uploads.Send(command.Target, command.ImageId, bytes, bytes.Length, ct);
                return true;
            }, ct),
        ct);

    // The copy of a guest that was destroyed went with it.
    private async Task<Power> Drop(DropSnapshot command, JournalEntry? known, Action accepted, CancellationToken ct)
    {
        if (known?.Guest is not null)
            return await Touch(command, known, accepted, guest => Able<ISnapshotCapable>().DropCopy(guest, command.OperationId, ct), ct);

        accepted();
        return Power.Off;
    }

    private async Task<T> InTurn<T>(Func<Task<T>> work, CancellationToken ct)
    {
        await _copying.WaitAsync(ct);
        try
        {
            return await work();
        }
        finally
        {
            _copying.Release();
        }
    }
}
