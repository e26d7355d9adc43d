using FsCheck;
using FsCheck.Fluent;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Scheduling;

/// <summary>The columns against a model that says the same with one object a host and no cleverness.</summary>
public sealed class ScanPropertyTests
{
    private static readonly string[] TraitNames = ["HW_A", "HW_B", "CUSTOM_C"];
    private static readonly string[] Zones = ["nova", "east"];
    private static readonly string[] Abilities = ["x86_64/qemu/hvm", "aarch64/qemu/hvm", "x86_64/lxc/exe"];

    [Fact]
    public void The_scan_finds_the_hosts_and_the_best_score_that_the_model_finds() =>
        Prop.ForAll(Cases.ToArbitrary(), Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Fact]
    public void What_is_told_in_any_order_and_twice_gives_the_same_picture() =>
        Prop.ForAll(Cases.ToArbitrary(), AgreesInAnyOrder).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    internal sealed record Case(TestHost[] Hosts, PlacementRequest Request, double[] Multipliers);

    private static bool Agrees(Case c)
    {
        var chooser = World.Chooser(Options(c), new ManualTime(), c.Hosts);
        return Agrees(c, chooser);
    }

    private static bool AgreesInAnyOrder(Case c)
    {
        var chooser = new Chooser(Options(c), new ManualTime());
        var random = new Random(c.Hosts.Length);
        var messages = c.Hosts.SelectMany(h => new Action[]
        {
            () => chooser.HostChanged(h.State),
            () => chooser.ProviderChanged(h.Provider),
            () => chooser.ProviderChanged(h.Provider),
            () => chooser.UsageChanged(new(h.Id, 0, Guid.NewGuid(), [new("VCPU", 999), new("MEMORY_MB", 999_999)])),
            () => chooser.HostChanged(h.State),
        }).ToArray();
        random.Shuffle(messages);
        foreach (var message in messages)
            message();
        chooser.Begin();
        return Agrees(c, chooser);
    }

    private static bool Agrees(Case c, Chooser chooser)
    {
        var selection = chooser.Choose(c.Request with { Servers = [Guid.NewGuid()] });
        var feasible = c.Hosts.Where(h => Fits(h, c.Request)).ToList();
        if (feasible.Count == 0)
            return !selection.IsComplete && selection.Refusals.Sum(r => r.Hosts) == c.Hosts.Length && selection.Refusals.All(r => r.NearestMiss is not null);

        var scores = feasible.ToDictionary(h => h.Id, h => Score(h, feasible, c.Multipliers));
        var ranked = selection.Ranked[0];
        var best = scores.OrderByDescending(s => s.Value).Take(ranked.Count).Select(s => s.Value);
        return ranked.Count == Math.Min(feasible.Count, 1 + c.Request.Alternates)
            && ranked.Select(r => r.HostId).Distinct().Count() == ranked.Count
            && ranked.Select(r => scores[r.HostId]).Zip(best).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3)
            && selection.Refusals.Sum(r => r.Hosts) == c.Hosts.Length - feasible.Count
            && selection.HostsSeen == c.Hosts.Length;
    }

    private static SchedulerOptions Options(Case c) => new()
    {
        RamWeightMultiplier = c.Multipliers[0], CpuWeightMultiplier = c.Multipliers[1], DiskWeightMultiplier = c.Multipliers[2], ScoreTolerance = 0,
    };

    private static bool Fits(TestHost host, PlacementRequest r) =>
        r.Resources.All(amount => Fits(host.Inventories.SingleOrDefault(i => i.Class == amount.Class), amount.Amount))
        && (r.Host is null || r.Host == host.Name)
        && !r.TriedHosts.Contains(host.Id)
        && (r.SkipFilters
            || (host.Health == HostHealth.Up && !host.Disabled
                && (r.Zone is null || r.Zone == host.Zone)
                && r.RequiredTraits.All(host.Traits.Contains)
                && !r.ForbiddenTraits.Any(host.Traits.Contains)
                && Runs(host, r)));

    private static bool Runs(TestHost host, PlacementRequest r) =>
        !r.ImageProperties.TryGetValue("hw_architecture", out var architecture) || host.Abilities.Any(a => a.Split('/')[0] == architecture);

    private static bool Fits(Inventory? i, long amount) =>
        amount == 0 || (i is not null && i.Used + amount <= (i.Total - i.Reserved) * i.AllocationRatio && amount >= i.MinUnit && amount <= i.MaxUnit && amount % i.StepSize == 0);

    private static double Score(TestHost host, List<TestHost> feasible, double[] multipliers)
    {
        string[] classes = ["MEMORY_MB", "VCPU", "DISK_GB"];
        return classes.Select((name, i) => multipliers[i] * Share(Free(host, name), [.. feasible.Select(h => Free(h, name))])).Sum();
    }

    private static double Share(double value, double[] all) => all.Max() > all.Min() ? (value - all.Min()) / (all.Max() - all.Min()) : 0;

    private static double Free(TestHost host, string name) =>
        host.Inventories.SingleOrDefault(i => i.Class == name) is { } i ? Math.Floor((i.Total - i.Reserved) * i.AllocationRatio) - i.Used : 0;

    private static Gen<Inventory[]> Inventories =>
        from vcpus in Inventory("VCPU", 1, 64, 16.0)
        from memory in Inventory("MEMORY_MB", 512, 65536, 1.5)
        from disk in Inventory("DISK_GB", 1, 1000, 1.0)
        from lacksDisk in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        select lacksDisk ? [vcpus, memory] : new[] { vcpus, memory, disk };

    private static Gen<Inventory> Inventory(string name, int least, int most, double ratio) =>
        from total in Gen.Choose(least, most)
        from used in Gen.Choose(0, total)
        from reserved in Gen.Choose(0, total / 4)
        from step in Gen.Frequency((8, Gen.Constant(1)), (1, Gen.Constant(2)), (1, Gen.Constant(3)))
        from min in Gen.Frequency((8, Gen.Constant(1)), (1, Gen.Constant(2)))
        from isStretched in Gen.Elements(false, true)
        select new Inventory
        {
            Class = name, Total = total, Used = used, Reserved = reserved, MinUnit = min, MaxUnit = total, StepSize = step, AllocationRatio = isStretched ? ratio : 1,
        };

    private static Gen<TestHost> Host =>
        from inventories in Inventories
        from zone in Gen.Elements(Zones)
        from health in Gen.Frequency((8, Gen.Constant(HostHealth.Up)), (1, Gen.Constant(HostHealth.Down)), (1, Gen.Constant(HostHealth.Unknown)))
        from disabled in Gen.Frequency((8, Gen.Constant(false)), (1, Gen.Constant(true)))
        from traits in Gen.SubListOf(TraitNames)
        from abilities in Gen.SubListOf(Abilities)
        select new TestHost { Inventories = inventories, Zone = zone, Health = health, Disabled = disabled, Traits = [.. traits], Abilities = [.. abilities] };

    private static Gen<Case> Cases =>
        from size in Gen.Choose(0, 200)
        from hosts in Host.ArrayOf(size)
        from vcpus in Gen.Choose(0, 8)
        from memory in Gen.Choose(1, 8192)
        from disk in Gen.Choose(0, 100)
        from zone in Gen.Elements([null, null, .. Zones])
        from required in Gen.Frequency((3, Gen.Constant<string[]>([])), (1, Gen.SubListOf(TraitNames).Select(names => names.ToArray())))
        from forbidden in Gen.Frequency((3, Gen.Constant<string[]>([])), (1, Gen.SubListOf(TraitNames).Select(names => names.ToArray())))
        from architecture in Gen.Elements(null, null, "x86_64", "aarch64", "riscv64")
        from tried in Gen.Choose(0, 3)
        from named in Gen.Choose(-6, size)
        from skips in Gen.Frequency((6, Gen.Constant(false)), (1, Gen.Constant(true)))
        from alternates in Gen.Choose(0, 4)
        from multipliers in Gen.Elements(0.0, 1.0, 2.5, -1.0).ArrayOf(3)
        let all = hosts.Select((h, i) => h with { Name = "host-" + i }).ToArray()
        select new Case(
            all,
            World.Request(1, vcpus, memory, disk) with
            {
                Zone = zone,
                RequiredTraits = [.. required],
                ForbiddenTraits = [.. forbidden],
                ImageProperties = architecture is null ? new Dictionary<string, string>() : new() { ["hw_architecture"] = architecture },
                TriedHosts = [.. all.Take(tried).Select(h => h.Id)],
                Host = named < 0 ? null : "host-" + named,
                SkipFilters = skips,
                Alternates = alternates,
            },
            multipliers);
}
