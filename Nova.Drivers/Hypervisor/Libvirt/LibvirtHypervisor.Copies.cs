using Nova.Drivers.Hypervisor.Libvirt.Disks;
using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Modules.Compute;
using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

// Copies of root disks for images. A guest that runs or is paused is mirrored by QEMU until both disks are equal; the mirror is then cut
// off. The disk of one that is off, or whose memory is on disk, is read by qemu-img.
public sealed partial class LibvirtHypervisor : ISnapshotCapable
{
    private readonly GuestCopies _copies;

    /// <inheritdoc />
    public Task<SnapshotFacts> CopyDisk(GuestSpec guest, Guid copy, CancellationToken ct) => Explained(async () =>
    {
        if (_copies.Find(guest.ServerId, copy) is { } there)
            return there;

        var found = await Own(guest.ServerId, ct) ?? throw Fault.NotFound($"Instance {guest.ServerId} could not be found.");
        var disk = _disks.RootOf(guest.ServerId);
        var isOff = found.State is DomainState.Shutoff or DomainState.Crashed;
        if (!isOff)
            RefuseQuiet(guest);
        _copies.MakeRoom(guest.ServerId, disk);
        // A guest may turn itself off while it is mirrored: then its disk is left as it is.
        if (isOff || (!await Mirrored(guest.ServerId, copy, disk, ct) && await _domains.State(guest.ServerId, ct) is DomainState.Shutoff))
            await _copies.Convert(guest.ServerId, copy, disk, ct);
        return _copies.Find(guest.ServerId, copy)
            ?? throw new Fault(FaultKind.Internal, Message.Of($"The copy of the guest's disk was broken off; an operator finds the reason in the log of its QEMU."), disk);
    });

    /// <inheritdoc />
    public Task<Stream> OpenCopy(GuestSpec guest, Guid copy, CancellationToken ct) => Explained(() => Task.FromResult(_copies.Open(guest.ServerId, copy)));

    /// <inheritdoc />
    public Task DropCopy(GuestSpec guest, Guid copy, CancellationToken ct) => Explained(async () =>
    {
        // A process that died in the middle has left QEMU mirroring.
        if (File.Exists(_copies.PartOf(guest.ServerId, copy)))
            await _domains.EndMirror(guest.ServerId, _disks.RootOf(guest.ServerId), ct);
        _copies.Drop(guest.ServerId, copy);
        return true;
    });

    /// <summary>False when the mirror ended by itself.</summary>
    private async Task<bool> Mirrored(Guid server, Guid copy, string disk, CancellationToken ct)
    {
        // One that a former process has begun.
        await _domains.EndMirror(server, disk, ct);
        await _domains.BeginMirror(server, disk, _copies.PartOf(server, copy), ct);
        var whole = false;
        try
        {
            whole = await IsEqual(server, disk, ct);
        }
        finally
        {
            // Whatever happened, and whoever lost interest: the guest writes to one disk again.
            await _domains.EndMirror(server, disk, CancellationToken.None);
            if (!whole)
                File.Delete(_copies.PartOf(server, copy));
        }

        if (whole)
            _copies.Publish(server, copy);
        return whole;
    }

    private async Task<bool> IsEqual(Guid server, string disk, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(_options.CopyTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            while (await _domains.MirrorState(server, disk, either.Token) is var state && state != DiskMirror.Equal)
            {
                if (state == DiskMirror.None)
                    return false;
                await Task.Delay(_options.CopyLook, _time, either.Token);
            }

            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            var seconds = _options.CopyTimeout.TotalSeconds;
            throw new Fault(FaultKind.Internal, Message.Of($"The copy of the guest's disk took longer than {seconds} seconds."), disk);
        }
    }

    // Nobody asks the guest to write down what it has in memory: who insists on that must not get an image that pretends it.
    private static void RefuseQuiet(GuestSpec guest)
    {
        if (guest.Image?.Properties.GetValueOrDefault("os_require_quiesce") is { } wanted && (wanted is "1" || wanted.Equals("yes", StringComparison.OrdinalIgnoreCase) || wanted.Equals("true", StringComparison.OrdinalIgnoreCase)))
            throw Fault.Conflict($"The image of instance {guest.ServerId} has os_require_quiesce, which this host cannot do; take the property away, or stop the server first.");
    }
}
