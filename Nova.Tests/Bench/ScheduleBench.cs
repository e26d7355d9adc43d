using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Tests.Scheduling;

namespace Nova.Tests.Bench;

/// <summary>How long a choice takes, alone and in one pass with others, while claims change the picture.</summary>
public sealed class ScheduleBench : IBench
{
    private const int WarmUp = 2000;

    /// <inheritdoc />
    public string Name => "schedule";

    /// <inheritdoc />
    public string Options => """
        --hosts 10000     hosts in the picture
        --choices 20000   choices to measure
        --all-filters     ask every prefilter, filter and weigher there is, not only the default ones
        --clients 64      callers at once in the last row
        """;

    /// <inheritdoc />
    public async Task Run(BenchOptions options, TextWriter output)
    {
        var (hosts, choices, clients) = (options.Number("hosts", 10_000), options.Number("choices", 20_000), options.Number("clients", 64));
        var (world, isAll) = (Hosts(hosts), options.IsOn("all-filters"));
        var settings = isAll ? Everything() : new();
        var scan = Measure(choices, Alone(world, settings));
        var thread = await Threaded(world, settings, choices, clients: 1);
        var many = await Threaded(world, settings, choices, clients);

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{$"{hosts} hosts, {choices} choices",-32}      p50 µs      p99 µs      max µs       per s"));
        Row(output, "scan, choose and reserve", scan);
        Row(output, "through the thread, 1 caller", thread);
        Row(output, $"through the thread, {clients} callers", many);
        output.WriteLine(JsonSerializer.Serialize(new
        {
            bench = Name, hosts, clients, all_filters = isAll,
            choose_p50_us = scan.At(0.5), choose_p99_us = scan.At(0.99),
            call_p50_us = thread.At(0.5), call_p99_us = thread.At(0.99),
            choices_per_second = many.PerSecond,
        }));
    }

    private static void Row(TextWriter output, string name, Timings t) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{name,-32}{t.At(0.5),12:F1}{t.At(0.99),12:F1}{t.At(1),12:F1}{t.PerSecond,12:F0}"));

    private static TestHost[] Hosts(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(n => TestHost.Of(n, 64, 262_144, 4000) with
        {
            Inventories = [.. TestHost.Sizes(64, 262_144, 4000).Select(i => i with { Used = i.Total * random.Next(50) / 100 })],
            Traits = ["COMPUTE_NODE", "HW_CPU_X86_AVX2"],
            Zone = n % 4 == 0 ? "east" : "nova",
            Metrics = new Dictionary<string, double> { ["cpu.percent"] = random.Next(100) },
        })];
    }

    private static PlacementRequest Request() => World.Request(1, 2, 4096, 20) with { Zone = "nova", RequiredTraits = ["COMPUTE_NODE"] };

    // Every part by name, with a multiplier for every weigher.
    private static SchedulerOptions Everything() => new()
    {
        Prefilters = [.. SchedulerParts.PrefilterNames], Filters = [.. SchedulerParts.FilterNames], Weighers = [.. SchedulerParts.WeigherNames],
        NumInstancesWeightMultiplier = -1, ImagePropsWeightMultiplier = 1, ImagePropsWeightSetting = new Dictionary<string, double> { ["os_distro"] = 1 },
        MetricsWeightSetting = new Dictionary<string, double> { ["cpu.percent"] = -1 }, MaxInstancesPerHost = int.MaxValue, MaxIoOpsPerHost = int.MaxValue,
    };

    // Each choice begins a pass of its own, and the claim's change arrives after it.
    private static Func<double> Alone(TestHost[] world, SchedulerOptions settings)
    {
        var chooser = World.Chooser(settings, TimeProvider.System, world);
        var generation = 1L;
        return () =>
        {
            var request = Request();
            var start = Stopwatch.GetTimestamp();
            chooser.Begin();
            var selection = chooser.Choose(request);
            var took = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            chooser.UsageChanged(Claimed(selection, request, ++generation));
            return took;
        };
    }

    private static ProviderUsage Claimed(Selection selection, PlacementRequest request, long generation) =>
        new(selection.Ranked[0][0].HostId, generation, request.Servers[0], [new("VCPU", 8)]);

    private static Timings Measure(int count, Func<double> choose)
    {
        for (var i = 0; i < WarmUp; i++)
            choose();

        var start = Stopwatch.GetTimestamp();
        var took = new double[count];
        for (var i = 0; i < count; i++)
            took[i] = choose();
        return new(took, Stopwatch.GetElapsedTime(start));
    }

    private static async Task<Timings> Threaded(TestHost[] world, SchedulerOptions settings, int count, int clients)
    {
        await using var scheduler = new Scheduler(settings, TimeProvider.System, NullLogger<Scheduler>.Instance);
        scheduler.Tell(world);
        await Calls(scheduler, WarmUp, clients);
        var start = Stopwatch.GetTimestamp();
        var took = await Calls(scheduler, count, clients);
        return new(took, Stopwatch.GetElapsedTime(start));
    }

    private static async Task<double[]> Calls(Scheduler scheduler, int count, int clients)
    {
        var took = new double[count];
        var (next, generation) = (-1, 1L);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < count)
            {
                var request = Request();
                var start = Stopwatch.GetTimestamp();
                var selection = await scheduler.Choose(request, default);
                took[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                scheduler.UsageChanged(Claimed(selection, request, Interlocked.Increment(ref generation)));
            }
        })));
        return took;
    }

    private sealed class Timings
    {
        private readonly double[] _sorted;

        public Timings(double[] took, TimeSpan all)
        {
            _sorted = [.. took.Order()];
            PerSecond = took.Length / all.TotalSeconds;
        }

        public double PerSecond { get; }

        public double At(double share) => _sorted[Math.Min(_sorted.Length - 1, (int)(_sorted.Length * share))];
    }
}
