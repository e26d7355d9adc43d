using Nova.Modules.Compute;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Fake;

// Copies of disks, and figures: both follow from the guest, so nothing is kept of them.
public sealed partial class FakeHypervisor : ISnapshotCapable, IDiagnosticsCapable
{
    /// <inheritdoc />
    public async Task<SnapshotFacts> CopyDisk(GuestSpec guest, Guid copy, CancellationToken ct)
    {
        await ScriptedFor(guest, "snapshot", ct);
        return new("qcow2", FakeDisk.Bytes);
    }

    /// <inheritdoc />
    public async Task<Stream> OpenCopy(GuestSpec guest, Guid copy, CancellationToken ct)
    {
        var found = await ScriptedFor(guest, "upload", ct);
        return new MemoryStream(FakeDisk.Copy(found.Name, found.Id, copy, Math.Max(guest.Flavor.RootGb, 1L) << 30), writable: false);
    }

    /// <inheritdoc />
    public Task DropCopy(GuestSpec guest, Guid copy, CancellationToken ct) => ScriptedFor(guest, "drop_copy", ct);

    /// <inheritdoc />
    public async Task<GuestDiagnostics> Diagnose(GuestSpec guest, CancellationToken ct)
    {
        var found = await ScriptedFor(guest, "diagnose", ct);
        return found.Power == Power.On ? FakeFigures.Of(guest, found) : throw Fault.Conflict($"Instance {guest.ServerId} is not running.");
    }

    private async Task<FakeGuest> ScriptedFor(GuestSpec guest, string operation, CancellationToken ct)
    {
        var found = Mine(guest.ServerId) ?? throw Fault.NotFound($"Instance {guest.ServerId} could not be found.");
        await Scripted(operation, found.Id, found.Script, () => Task.CompletedTask, ct);
        return found;
    }
}
