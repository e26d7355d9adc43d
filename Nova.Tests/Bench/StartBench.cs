using System.Diagnostics;

namespace Nova.Tests.Bench;

/// <summary>From the start of the process to the first 200 on GET /v2.1/servers, with one password login; then memory at rest.</summary>
public sealed class StartBench : IBench
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public string Name => "start";

    /// <inheritdoc />
    public string Options => """
        --identity embedded   embedded logs in with a password first; test does not
        --runs 5              starts on an existing database; the median counts
        """;

    /// <inheritdoc />
    public async Task Run(BenchOptions options, TextWriter output)
    {
        var (identity, runs) = (options.Text("identity", "embedded"), Math.Max(1, options.Number("runs", 5)));
        using var folder = new BenchFolder();
        var (fresh, _) = await Once(folder.Path, identity, default);
        var existing = new List<(double Milliseconds, double RssMb)>();
        for (var i = 0; i < runs; i++)
            existing.Add(await Once(folder.Path, identity, default));

        new Report("start")
            .Add("identity", identity)
            .Add("runs", runs)
            .Add("start_ms", Median(existing.Select(run => run.Milliseconds)), 0)
            .Add("start_new_database_ms", fresh, 0)
            .Add("idle_rss_mb", Median(existing.Select(run => run.RssMb)), 1)
            .Print(output);
    }

    private static async Task<(double Milliseconds, double RssMb)> Once(string data, string identity, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        await using var nova = await NovaProcess.Start(data, ["--driver", "fake", "--identity", identity], ct);
        using var client = new CloudClient(nova.Url, 1);
        if (identity == "test")
            client.Use("admin");
        else
            await client.Login(Path.Combine(data, "openrc"), ct);
        await client.Ask(HttpMethod.Get, "/v2.1/servers", null, ct);
        var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;

        await Task.Delay(Rest, TimeProvider.System, ct);
        return (took, nova.RssMb());
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
