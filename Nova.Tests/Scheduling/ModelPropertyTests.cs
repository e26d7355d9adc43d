using FsCheck;
using FsCheck.Fluent;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Scheduling;

/// <summary>Filters of aggregates, counts, facts and hints, and every weigher, against a model that looks at one host after the other.</summary>
public sealed class ModelPropertyTests
{
    private static readonly Guid[] Ids = [.. Enumerable.Range(0, 4).Select(_ => Guid.NewGuid())];
    private static readonly string[] Projects = ["demo", "other"];
    private static readonly string[] Flavors = ["small", "large"];
    private static readonly string[] Multipliers = ["ram_weight_multiplier", "io_ops_weight_multiplier", "num_instances_weight_multiplier"];

    [Fact]
    public void The_same_hosts_fit_and_the_best_has_the_same_score() =>
        Prop.ForAll(Clouds.ToArbitrary(), Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    internal sealed record Node(TestHost Host, int Servers, int Busy, int Failed, double? Metric, int[] Aggregates);

    internal sealed record Zone(string? Tenant, string? Flavor, string? Disk, string? MaxServers, string? MaxBusy, string? Multiplier, string Key);

    internal sealed record Cloud(Node[] Nodes, Zone[] Zones, string Project, string Flavor, string? WantedDisk, string? FreeMemory, bool Near, int[] Factors);

    private static bool Agrees(Cloud cloud)
    {
        var chooser = new Chooser(Options(cloud), new ManualTime());
        for (var i = 0; i < cloud.Zones.Length; i++)
            chooser.AggregateChanged(new(Ids[i], 1, "a" + i, Metadata(cloud.Zones[i])));
        var first = Guid.Empty;
        foreach (var node in cloud.Nodes)
        {
            chooser.HostChanged(StateOf(node));
            chooser.ProviderChanged(node.Host.Provider);
            for (var s = 0; s < node.Servers; s++)
            {
                var server = Guid.NewGuid();
                first = first == Guid.Empty ? server : first;
                chooser.ServerLoaded(new(server, node.Host.Id, s < node.Busy));
            }

            for (var f = 0; f < node.Failed; f++)
                chooser.BuildFailed(node.Host.Id);
        }

        chooser.Begin();
        var specs = new Dictionary<string, string>();
        if (cloud.WantedDisk is { } disk)
            specs["aggregate_instance_extra_specs:disk"] = disk;
        if (cloud.FreeMemory is { } memory)
            specs["capabilities:free_ram_mb"] = memory;
        var request = World.Request(vcpus: 1, memory: 512, disk: 1) with
        {
            ProjectId = cloud.Project, Flavor = new(cloud.Flavor, specs), Alternates = 1000,
            Hints = cloud.Near && first != Guid.Empty ? new() { DifferentHost = [first] } : null,
        };
        var selection = chooser.Choose(request);

        var avoided = request.Hints is null ? null : cloud.Nodes.First(n => n.Servers > 0);
        var fitting = cloud.Nodes.Where(n => !ReferenceEquals(n, avoided) && Fits(cloud, n)).ToList();
        if (fitting.Count == 0)
            return !selection.IsComplete && selection.Refusals.Sum(r => r.Hosts) == cloud.Nodes.Length;

        var chosen = selection.Ranked[0].Select(r => r.HostId).ToList();
        var scores = fitting.ToDictionary(n => n.Host.Id, n => Score(cloud, n, fitting));
        return chosen.Order().SequenceEqual(fitting.Select(n => n.Host.Id).Order())
            && Math.Abs(scores[chosen[0]] - scores.Values.Max()) < 1e-2
            && selection.Refusals.Sum(r => r.Hosts) == cloud.Nodes.Length - fitting.Count;
    }

    private static SchedulerOptions Options(Cloud cloud) => new()
    {
        ScoreTolerance = 0, MaxInstancesPerHost = 4, MaxIoOpsPerHost = 2, MetricsRequired = false, MetricsWeightOfUnavailable = -100,
        Filters =
        [
            "AggregateInstanceExtraSpecsFilter", "AggregateMultiTenancyIsolation", "AggregateTypeAffinityFilter", "AggregateIoOpsFilter", "AggregateNumInstancesFilter",
            "ComputeCapabilitiesFilter", "DifferentHostFilter", "CapacityFilter",
        ],
        RamWeightMultiplier = cloud.Factors[0], CpuWeightMultiplier = cloud.Factors[1], IoOpsWeightMultiplier = cloud.Factors[2],
        NumInstancesWeightMultiplier = cloud.Factors[3], HypervisorVersionWeightMultiplier = cloud.Factors[4], BuildFailureWeightMultiplier = 50,
        MetricsWeightSetting = new Dictionary<string, double> { ["load"] = -2 },
    };

    private static bool Fits(Cloud cloud, Node node)
    {
        var zones = node.Aggregates.Select(a => cloud.Zones[a]).ToList();
        var tenants = zones.Select(z => z.Tenant).OfType<string>().ToList();
        var flavors = zones.Select(z => z.Flavor).OfType<string>().ToList();
        return (cloud.WantedDisk is not { } disk || zones.Any(z => z.Disk is { } has && (disk.StartsWith("<or>", StringComparison.Ordinal) ? has is "ssd" or "nvme" : has == disk)))
            && (tenants.Count == 0 || tenants.Contains(cloud.Project))
            && (flavors.Count == 0 || flavors.Contains(cloud.Flavor))
            && node.Busy < Least(zones.Select(z => z.MaxBusy), 2)
            && node.Servers < Least(zones.Select(z => z.MaxServers), 4)
            && (cloud.FreeMemory is null || Total(node, "MEMORY_MB") - Used(node, "MEMORY_MB") >= 8000)
            && node.Host.Inventories.All(i => i.Used + (i.Class == "MEMORY_MB" ? 512 : 1) <= (i.Total - i.Reserved) * i.AllocationRatio);
    }

    private static double Score(Cloud cloud, Node node, List<Node> all)
    {
        double Part(string? key, double factor, Func<Node, double> value)
        {
            var (min, max) = (all.Min(value), all.Max(value));
            var own = node.Aggregates.Select(a => cloud.Zones[a]).Where(z => z.Key == key && z.Multiplier is not null).Select(z => double.Parse(z.Multiplier!)).ToList();
            return max > min ? (value(node) - min) / (max - min) * (own.Count > 0 ? own.Min() : factor) : 0;
        }

        return Part(Multipliers[0], cloud.Factors[0], n => Free(n, "MEMORY_MB")) + Part(null, cloud.Factors[1], n => Free(n, "VCPU")) + Part(null, 1, n => Free(n, "DISK_GB"))
            + Part(Multipliers[1], cloud.Factors[2], n => n.Busy) + Part(Multipliers[2], cloud.Factors[3], n => n.Servers)
            + Part(null, cloud.Factors[4], n => n.Host.HypervisorVersion) + Part(null, 50, n => -n.Failed) + Part(null, 1, n => n.Metric * -2 ?? -100);
    }

    private static double Least(IEnumerable<string?> own, double otherwise) => own.OfType<string>().Select(double.Parse).DefaultIfEmpty(otherwise).Min();

    private static double Total(Node node, string name) => node.Host.Inventories.Single(i => i.Class == name).Total;

    private static double Used(Node node, string name) => node.Host.Inventories.Single(i => i.Class == name).Used;

    private static double Free(Node node, string name) => node.Host.Inventories.Single(i => i.Class == name) is var i ? Math.Floor((i.Total - i.Reserved) * i.AllocationRatio) - i.Used : 0;

    private static HostState StateOf(Node node) => node.Host.State with
    {
        Aggregates = [.. node.Aggregates.Select(a => Ids[a])],
        Metrics = node.Metric is { } metric ? new Dictionary<string, double> { ["load"] = metric } : new Dictionary<string, double>(),
    };

    private static Dictionary<string, string> Metadata(Zone zone) => new (string Key, string? Value)[]
    {
        ("filter_tenant_id", zone.Tenant), ("instance_type", zone.Flavor), ("disk", zone.Disk), ("max_instances_per_host", zone.MaxServers), ("max_io_ops_per_host", zone.MaxBusy),
        (zone.Key, zone.Multiplier),
    }.Where(m => m.Value is not null).ToDictionary(m => m.Key, m => m.Value!);

    private static Gen<T?> Maybe<T>(params T[] values) where T : class => Gen.Frequency((2, Gen.Constant<T?>(null)), (1, Gen.Elements(values).Select(v => (T?)v)));

    private static Gen<Zone> Zones =>
        from tenant in Maybe(Projects)
        from flavor in Maybe(Flavors)
        from disk in Maybe("ssd", "nvme", "hdd")
        from servers in Maybe("1", "2", "9")
        from busy in Maybe("1", "5")
        from multiplier in Maybe("-3", "0", "7")
        from key in Gen.Elements(Multipliers)
        select new Zone(tenant, flavor, disk, servers, busy, multiplier, key);

    private static Gen<Node> Nodes(int zones) =>
        from memory in Gen.Choose(1024, 65536)
        from used in Gen.Choose(0, 60000)
        from vcpus in Gen.Choose(1, 64)
        from disk in Gen.Choose(1, 500)
        from servers in Gen.Choose(0, 5)
        from busy in Gen.Choose(0, 2)
        from failed in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
        from version in Gen.Elements(6_000_000, 7_000_000, 8_000_000)
        from metric in Gen.Frequency((3, Gen.Choose(0, 100).Select(m => (double?)m)), (1, Gen.Constant((double?)null)))
        from aggregates in Gen.SubListOf(Enumerable.Range(0, zones))
        select new Node(
            new()
            {
                Name = Guid.NewGuid().ToString(), HypervisorVersion = version,
                Inventories = [.. TestHost.Sizes(vcpus, memory, disk).Select(i => i.Class == "MEMORY_MB" ? i with { Used = Math.Min(used, memory) } : i)],
            },
            servers, Math.Min(busy, servers), failed, metric, [.. aggregates]);

    private static Gen<Cloud> Clouds =>
        from zoneCount in Gen.Choose(0, Ids.Length)
        from zones in Zones.ArrayOf(zoneCount)
        from size in Gen.Choose(1, 90)
        from nodes in Nodes(zoneCount).ArrayOf(size)
        from project in Gen.Elements(Projects)
        from flavor in Gen.Elements(Flavors)
        from disk in Maybe("ssd", "<or> ssd <or> nvme")
        from memory in Maybe(">= 8000")
        from near in Gen.Elements(false, true)
        from factors in Gen.Choose(-3, 3).ArrayOf(5)
        select new Cloud(nodes, zones, project, flavor, disk, memory, near, factors);
}
