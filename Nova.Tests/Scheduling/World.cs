using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;

namespace Nova.Tests.Scheduling;

/// <summary>A host as a test describes it; what the feed is told follows from it.</summary>
internal sealed record TestHost
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public string Name { get; init; } = "";
    public string Zone { get; init; } = "nova";
    public HostHealth Health { get; init; } = HostHealth.Up;
    public bool Disabled { get; init; }
    public IReadOnlyList<string> Traits { get; init; } = [];
    public IReadOnlyList<Guid> Aggregates { get; init; } = [];
    public IReadOnlyList<string> Abilities { get; init; } = ["x86_64/qemu/hvm"];
    public IReadOnlyList<Inventory> Inventories { get; init; } = Sizes(16, 32768, 500);

    public static TestHost Of(int number, long vcpus = 16, long memory = 32768, long disk = 500) =>
        new() { Name = "host-" + number, Inventories = Sizes(vcpus, memory, disk) };

    public static IReadOnlyList<Inventory> Sizes(long vcpus, long memory, long disk) =>
    [
        new() { Class = "VCPU", Total = vcpus, MaxUnit = vcpus, AllocationRatio = 4 },
        new() { Class = "MEMORY_MB", Total = memory, MaxUnit = memory, Reserved = Math.Min(512, memory) },
        new() { Class = "DISK_GB", Total = disk, MaxUnit = disk },
    ];

    public HostHardware? Hardware { get; init; }
    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
    public string HypervisorType { get; init; } = "QEMU";
    public int HypervisorVersion { get; init; } = 8_002_000;
    public string Ip { get; init; } = "10.0.0.1";
    public string CpuInfo { get; init; } = """{"arch": "x86_64", "features": ["aes", "avx"], "topology": {"sockets": 2}}""";
    public int Cell { get; init; }

    public HostState State => new()
    {
        Hardware = Hardware, Metrics = Metrics, HypervisorType = HypervisorType, HypervisorVersion = HypervisorVersion, HostIp = Ip, CpuInfo = CpuInfo, Cell = Cell,
        Vcpus = Total("VCPU"), MemoryMb = Total("MEMORY_MB"), DiskGb = Total("DISK_GB"),
        Id = Id, Name = Name, Node = "node-of-" + Name, Zone = Zone, Health = Health, Disabled = Disabled, SupportedInstances = Abilities,
        Aggregates = Aggregates,
    };

    private long Total(string name) => Inventories.FirstOrDefault(i => i.Class == name)?.Total ?? 0;

    public ProviderState Provider => new(Id, 1, Inventories, Traits);
}

/// <summary>Short ways to say a request and a picture.</summary>
internal static class World
{
    public static PlacementRequest Request(int servers = 1, long vcpus = 1, long memory = 1024, long disk = 10) => new()
    {
        Id = Guid.NewGuid(),
        Servers = [.. Enumerable.Range(0, servers).Select(_ => Guid.CreateVersion7())],
        ProjectId = "demo",
        Resources = [new("VCPU", vcpus), new("MEMORY_MB", memory), new("DISK_GB", disk)],
    };

    public static void Tell(this IPictureFeed feed, params IEnumerable<TestHost> hosts)
    {
        foreach (var host in hosts)
        {
            feed.HostChanged(host.State);
            feed.ProviderChanged(host.Provider);
        }
    }

    public static Chooser Chooser(SchedulerOptions options, TimeProvider time, params IEnumerable<TestHost> hosts)
    {
        var chooser = new Chooser(options, time);
        foreach (var host in hosts)
        {
            chooser.HostChanged(host.State);
            chooser.ProviderChanged(host.Provider);
        }

        chooser.Begin();
        return chooser;
    }
}
