using Nova.Modules.Hardware;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts with the PCI devices that are wanted; how near they are to the guest's cells is NUMATopologyFilter's.</summary>
internal sealed class PciPassthroughFilter : IFittingFilter
{
    public string Name => "PciPassthroughFilter";

    public bool Concerns(Picture picture, PlacementRequest request) => request.Hardware is { Devices.Count: > 0 };

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Hardware is not { Devices: { Count: > 0 } devices })
            return;

        picture.FreeDevices.KeepAtLeast(devices.Sum(d => d.Count), alive);
        foreach (var device in devices)
            if (device.Specs is [{ VendorId: { } vendor, ProductId: { } product }])
            {
                if (picture.FreeDevicesOf(vendor, product) is { } free)
                    free.KeepAtLeast(device.Count, alive);
                else
                    alive.Clear();
            }
    }

    public bool Fits(Picture picture, PlacementRequest request, int slot) =>
        picture.FindHardware(slot, new() { Devices = request.Hardware!.Devices }) is not null;

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts lack {string.Join(" and ", request.Hardware!.Devices.Select(d => $"{d.Count} of {d.Name}"))}");
    }
}
