using Nova.Modules.Compute;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>Figures that follow from what a guest is, and grow with each start: nothing has to be counted for them.</summary>
internal static class FakeFigures
{
    private const long Boot = 17_300_000_000;

    public static GuestDiagnostics Of(GuestSpec guest, FakeGuest found) => new()
    {
        Hypervisor = "fake",
        HypervisorOs = "linux",
        MemoryKb = (long)guest.Flavor.MemoryMb << 10,
        UsedMemoryKb = (long)guest.Flavor.MemoryMb << 9,
        Cpus = [.. Enumerable.Range(0, guest.Flavor.Vcpus).Select(id => new CpuFigures(id, Boot * found.Starts, 15))],
        Disks = [.. Enumerable.Range(0, DisksOf(guest)).Select(number => Disk(number, found.Starts))],
        Nics = [.. guest.Nics.Select(nic => Nic(nic, found.Starts))],
    };

    private static int DisksOf(GuestSpec guest) =>
        1 + (guest.Flavor.EphemeralGb > 0 ? 1 : 0) + (guest.Flavor.SwapMb > 0 ? 1 : 0) + (guest.ConfigDrive ? 1 : 0);

    private static DiskFigures Disk(int number, int starts) =>
        new("vd" + (char)('a' + number), 262_144L * starts, 112L * starts, 5_778_432L * starts, 488L * starts, 0);

    private static NicFigures Nic(NicSpec nic, int starts) => new(
        HostNames.Tap(nic.PortId), nic.Mac, new(2_070_139L * starts, 26_701L * starts, 0, 0), new(140_208L * starts, 662L * starts, 0, 0));
}
