using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Drivers.Hypervisor.Libvirt.Xml;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

// Interfaces of guests that run. The definition of one that is off is written anew when it starts.
public sealed partial class LibvirtHypervisor
{
    /// <inheritdoc />
    public Task SetNics(GuestSpec guest, CancellationToken ct) => Explained(async () =>
    {
        if (await Own(guest.ServerId, ct) is not { State: not (DomainState.Shutoff or DomainState.Crashed) })
            return true;

        var model = GuestHardware.Of(guest.Image?.Properties ?? new Dictionary<string, string>()).VifModel;
        var wanted = guest.Nics.Select(NicOf).ToList();
        var present = await _domains.NicsOf(guest.ServerId, ct);
        foreach (var (tap, mac) in present.Where(nic => !wanted.Exists(w => w.Tap == nic.Key)))
            await LetGo(guest.ServerId, new(tap, mac, DefaultMtu), model, ct);
        foreach (var nic in wanted.Where(nic => !present.ContainsKey(nic.Tap)))
            await _domains.Attach(guest.ServerId, nic, model, ct);
        return true;
    });

    private const int DefaultMtu = 1500;

    private static DomainNic NicOf(NicSpec nic) => new(HostNames.Tap(nic.PortId), nic.Mac, nic.Network.Mtu);

    // The guest's own system takes the device out; one that still boots does not hear of it, and is asked again.
    private async Task LetGo(Guid server, DomainNic nic, string model, CancellationToken ct)
    {
        var begun = _time.GetTimestamp();
        for (var asked = TimeSpan.MinValue; ;)
        {
            var elapsed = _time.GetElapsedTime(begun);
            if (elapsed > _options.DetachTimeout)
                throw new Fault(FaultKind.Internal, Message.Of($"The guest does not let the interface go."), $"{nic.Tap} ({nic.Mac}) after {elapsed.TotalSeconds:0} s");
            if (asked == TimeSpan.MinValue || elapsed - asked > _options.DetachRetry)
            {
                await _domains.AskToLetGo(server, nic, model, ct);
                asked = elapsed;
            }

            if (!(await _domains.NicsOf(server, ct)).ContainsKey(nic.Tap))
                return;
            await Task.Delay(DetachLook, _time, ct);
        }
    }

    private static readonly TimeSpan DetachLook = TimeSpan.FromMilliseconds(200);
}
