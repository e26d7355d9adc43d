using System.Text.Json;

namespace Nova.Modules.Hardware;

/// <summary>What a guest wants of a host piece by piece; null members and empty lists want nothing.</summary>
public sealed record HardwareDemand
{
    /// <summary>Its NUMA cells, by number; empty when it has none of its own and pins nothing.</summary>
    public IReadOnlyList<GuestCell> Cells { get; init; } = [];

    /// <summary>How its pinned processors use the threads of cores.</summary>
    public ThreadPolicy Threads { get; init; }

    /// <summary>True when the emulator gets a pinned processor of its own.</summary>
    public bool IsolatesEmulator { get; init; }

    /// <summary>The pages of its memory.</summary>
    public PageDemand Pages { get; init; }

    /// <summary>Its PCI devices.</summary>
    public IReadOnlyList<DeviceDemand> Devices { get; init; } = [];

    /// <summary>How many processors it pins, its emulator's included.</summary>
    public int PinnedCount => Cells.Sum(c => c.Pinned.Count) + (IsolatesEmulator ? 1 : 0);

    /// <summary>Whether both want the same.</summary>
    public static bool AreEqual(HardwareDemand? a, HardwareDemand? b) =>
        ReferenceEquals(a, b) || (a is not null && b is not null && JsonSerializer.Serialize(a) == JsonSerializer.Serialize(b));
}

/// <summary>A NUMA cell of a guest.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Shared">Its virtual processors that share the host's.</param>
/// <param name="Pinned">Its virtual processors with one of the host's for themselves.</param>
/// <param name="MemoryMb">Its memory.</param>
public sealed record GuestCell(int Id, IReadOnlyList<int> Shared, IReadOnlyList<int> Pinned, int MemoryMb);

/// <summary>How pinned processors use the threads of cores.</summary>
public enum ThreadPolicy
{
    /// <summary>Threads of the same cores where possible.</summary>
    Prefer,
    /// <summary>A core for each, whose other threads stay idle.</summary>
    Isolate,
    /// <summary>Threads of the same cores, or not at all.</summary>
    Require,
}

/// <summary>Which pages a guest's memory is in.</summary>
public enum PageKind
{
    /// <summary>It does not matter.</summary>
    Unspecified,
    /// <summary>The smallest.</summary>
    Small,
    /// <summary>Any but the smallest.</summary>
    Large,
    /// <summary>Any, large ones first.</summary>
    Any,
    /// <summary>Of one size.</summary>
    Exact,
}

/// <summary>The pages of a guest's memory; the size in KiB counts with <see cref="PageKind.Exact"/>.</summary>
public readonly record struct PageDemand(PageKind Kind, int SizeKb = 0);

/// <summary>Devices that a guest wants, all alike.</summary>
/// <param name="Name">The alias, or the port that wants it.</param>
/// <param name="Count">How many.</param>
/// <param name="Specs">What each may be: one of these.</param>
/// <param name="Affinity">How near they must be to the guest's cells.</param>
public sealed record DeviceDemand(string Name, int Count, IReadOnlyList<DeviceSpec> Specs, NumaAffinity Affinity);

/// <summary>A kind of device; null matches anything.</summary>
public sealed record DeviceSpec
{
    /// <summary>Four hex digits.</summary>
    public string? VendorId { get; init; }

    /// <summary>Four hex digits.</summary>
    public string? ProductId { get; init; }

    /// <summary>type-PCI, type-PF or type-VF.</summary>
    public string? Type { get; init; }

    /// <summary>The physical network that it reaches.</summary>
    public string? PhysicalNetwork { get; init; }

    /// <summary>True for a trusted virtual function.</summary>
    public bool? Trusted { get; init; }

    /// <summary>Its class in Placement.</summary>
    public string? ResourceClass { get; init; }

    /// <summary>Traits that its provider must have.</summary>
    public IReadOnlyList<string> Traits { get; init; } = [];

    /// <summary>Whether a device is of this kind.</summary>
    public bool Matches(HostDevice device) =>
        (VendorId is null || VendorId.Equals(device.VendorId, StringComparison.OrdinalIgnoreCase))
        && (ProductId is null || ProductId.Equals(device.ProductId, StringComparison.OrdinalIgnoreCase))
        && (Type is null ? device.Type != "type-PF" || VendorId is not null : Type == device.Type)
        && (PhysicalNetwork is null || PhysicalNetwork == device.PhysicalNetwork)
        && (Trusted is null || Trusted == device.Trusted)
        && (ResourceClass is null || ResourceClass == device.Class)
        && Traits.All(device.Traits.Contains);
}

/// <summary>How near a device must be to the guest's cells.</summary>
public enum NumaAffinity
{
    /// <summary>On a cell of the guest, or on a device that does not tell where it is.</summary>
    Legacy,
    /// <summary>On a cell of the guest.</summary>
    Required,
    /// <summary>Anywhere; on a cell of the guest where possible.</summary>
    Preferred,
    /// <summary>On the socket of a cell of the guest.</summary>
    Socket,
}
