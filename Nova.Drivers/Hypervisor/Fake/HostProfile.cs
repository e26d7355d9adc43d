using Nova.Modules.Hardware;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>What some of the fake hosts have. Members can be set, because generated readers of JSON forget the defaults of init-only ones.</summary>
public sealed record HostProfile
{
    /// <summary>How many hosts are so, in the order of their numbers; null for all the rest.</summary>
    public int? Count { get; set; }

    /// <summary>Logical processors.</summary>
    public int Vcpus { get; set; } = 64;

    /// <summary>Memory in MiB.</summary>
    public int MemoryMb { get; set; } = 262_144;

    /// <summary>Disk in GiB.</summary>
    public int DiskGb { get; set; } = 4000;

    /// <summary>Standard traits of the machine.</summary>
    public IReadOnlyList<string> Traits { get; set; } = ["HW_CPU_X86_SSE42", "HW_CPU_X86_AVX", "HW_CPU_X86_AVX2"];

    /// <summary>NUMA cells, dedicated processors, devices, cards with virtual GPUs or bandwidth; null for none.</summary>
    public HostHardware? Hardware { get; set; }

    /// <summary>What it says that it measures.</summary>
    public IReadOnlyDictionary<string, double> Metrics { get; set; } = new Dictionary<string, double>();

    /// <summary>What it can run, as <c>architecture/hypervisor type/VM mode</c>.</summary>
    public IReadOnlyList<string> SupportedInstances { get; set; } = ["x86_64/fake/hvm"];

    /// <summary>The profile of a host by its number; the last one serves all that follow.</summary>
    internal static HostProfile For(IReadOnlyList<HostProfile> profiles, int number)
    {
        foreach (var profile in profiles)
        {
            if (profile.Count is not { } count || number < count)
                return profile;
            number -= count;
        }

        return profiles[^1];
    }
}
