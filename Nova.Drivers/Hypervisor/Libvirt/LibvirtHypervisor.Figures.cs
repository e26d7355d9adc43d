using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

// What guests have used.
public sealed partial class LibvirtHypervisor : IDiagnosticsCapable
{
    /// <inheritdoc />
    public Task<GuestDiagnostics> Diagnose(GuestSpec guest, CancellationToken ct) => Explained(async () =>
    {
        await Running(guest, ct);
        var figures = await _domains.Figures(guest.ServerId, ct) ?? throw Fault.NotFound($"Instance {guest.ServerId} could not be found.");
        var macs = guest.Nics.ToDictionary(nic => HostNames.Tap(nic.PortId), nic => nic.Mac);
        return figures with
        {
            Hypervisor = _virtType,
            HypervisorOs = "linux",
            Nics = [.. figures.Nics.Select(nic => nic with { Mac = macs.GetValueOrDefault(nic.Device) })],
        };
    });
}
