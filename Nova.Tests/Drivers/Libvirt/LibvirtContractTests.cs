using Nova.Modules.Compute;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>The libvirt driver under the suite that all drivers pass.</summary>
[Collection(LibvirtCollection.Name)]
[Needs(Need.Libvirt, Need.Root)]
public sealed class LibvirtContractTests(IsolatedLibvirt libvirt) : HypervisorContract
{
    private readonly LibvirtBench _bench = new(libvirt);
    private readonly List<NicSpec> _nics = [];

    protected override string ConsoleMarker => "GUEST-READY";

    protected override async Task<IHypervisor> Start() => await LibvirtBench.Start(_bench.Options);

    protected override GuestSpec NewGuest() => _bench.EmptyGuest();

    protected override async Task<GuestSpec> NewBootingGuest() => LibvirtBench.SmallGuestOf(await SmallGuest.Image);

    protected override Task KillFromOutside(GuestSpec guest) => libvirt.Do($"kill_guest {guest.InstanceName}");

    protected override Task<Guid> MakeForeignGuest() => _bench.MakeForeignGuest();

    protected override async Task<NicSpec> NewNic()
    {
        var nic = SomeNic();
        await libvirt.Do($"tap {HostNames.Tap(nic.PortId)}");
        _nics.Add(nic);
        return nic;
    }

    // In the order in which they were made, as virsh says.
    protected override async Task<IEnumerable<Guid>> NicsOf(GuestSpec guest)
    {
        var list = Path.Combine(libvirt.Folder, "nics");
        await libvirt.Do($"virsh -q -c qemu:///system domiflist {guest.InstanceName} > {list} < /dev/null");
        var taps = await File.ReadAllTextAsync(list);
        return _nics.Where(nic => taps.Contains(HostNames.Tap(nic.PortId), StringComparison.Ordinal) && taps.Contains(nic.Mac, StringComparison.Ordinal)).Select(nic => nic.PortId);
    }
}
