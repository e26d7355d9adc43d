using System.Collections.Frozen;

namespace Nova.Modules.Placement.ResourceClasses;

/// <summary>The resource classes that every cloud has, in the order in which they are listed. Operators add names that begin with <c>CUSTOM_</c>.</summary>
public static class StandardClasses
{
    /// <summary>In order.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "VCPU", "MEMORY_MB", "DISK_GB", "PCI_DEVICE", "SRIOV_NET_VF", "NUMA_SOCKET", "NUMA_CORE", "NUMA_THREAD", "NUMA_MEMORY_MB", "IPV4_ADDRESS",
        "VGPU", "VGPU_DISPLAY_HEAD", "NET_BW_EGR_KILOBIT_PER_SEC", "NET_BW_IGR_KILOBIT_PER_SEC", "PCPU", "MEM_ENCRYPTION_CONTEXT", "FPGA",
        "PGPU", "NET_PACKET_RATE_KILOPACKET_PER_SEC", "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
        "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
    ];

    private static readonly FrozenDictionary<string, int> Positions = All.Index().ToFrozenDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);

    /// <summary>True for a standard name.</summary>
    public static bool Contains(string name) => Positions.ContainsKey(name);

    /// <summary>Sorts standard classes by their position, before custom ones by their name.</summary>
    public static IOrderedEnumerable<string> InOrder(this IEnumerable<string> classes) =>
        classes.OrderBy(name => Positions.GetValueOrDefault(name, int.MaxValue)).ThenBy(name => name, StringComparer.Ordinal);
}
