using Nova.Drivers.Hypervisor.Fake;
using Nova.Modules.Compute;

namespace Nova.Tests.Drivers.Fake;

/// <summary>The fake driver under the suite that all drivers pass.</summary>
public sealed class FakeContractTests : HypervisorContract
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nova-fake-").FullName;
    private FakeHypervisors? _all;

    protected override string ConsoleMarker => "login:";

    private FakeHypervisor Fake => (FakeHypervisor)Hypervisor;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _all!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    protected override async Task<IHypervisor> Start()
    {
        if (_all is not null)
            await _all.DisposeAsync();
        _all = new(new FakeOptions(), 3, _directory, TimeProvider.System);
        return _all.Hosts[1];
    }

    protected override GuestSpec NewGuest() => FakeGuests.New(("fake:ignore_shutdown", "true"));

    protected override Task<GuestSpec> NewBootingGuest() => Task.FromResult(FakeGuests.New());

    protected override Task KillFromOutside(GuestSpec guest) => Fake.Crash(guest.ServerId);

    protected override Task<NicSpec> NewNic() => Task.FromResult(SomeNic());

    protected override Task<IEnumerable<Guid>> NicsOf(GuestSpec guest) => Task.FromResult<IEnumerable<Guid>>(Fake.NicsOf(guest.ServerId)!);

    protected override async Task<Guid> MakeForeignGuest()
    {
        var id = Guid.CreateVersion7();
        await Fake.AddForeign(id, "somebody's");
        return id;
    }
}
