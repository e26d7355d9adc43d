using Nova.Modules.Compute;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>The libvirt driver under the suite that all drivers pass.</summary>
[Collection(LibvirtCollection.Name)]
[Needs(Need.Libvirt, Need.Root)]
public sealed class LibvirtContractTests(IsolatedLibvirt libvirt) : HypervisorContract
{
    private readonly LibvirtBench _bench = new(libvirt);

    protected override string ConsoleMarker => "GUEST-READY";

    protected override async Task<IHypervisor> Start() => await LibvirtBench.Start(_bench.Options);

    protected override GuestSpec NewGuest() => _bench.EmptyGuest();

    protected override async Task<GuestSpec> NewBootingGuest() => LibvirtBench.SmallGuestOf(await SmallGuest.Image);

    protected override Task KillFromOutside(GuestSpec guest) => libvirt.Do($"kill_guest {guest.InstanceName}");

    protected override Task<Guid> MakeForeignGuest() => _bench.MakeForeignGuest();
}
