namespace Nova.Tests.Bench;

/// <summary>
/// Allocation candidates over HTTP, one request at a time as a scheduler asks, and claims of what they offer, on the two
/// loads with which the original is tested: providers side by side in an aggregate, and compute nodes with NUMA nodes and
/// devices below them.
/// </summary>
public sealed class PlacementBench : IBench
{
    // Summed up at the end: of the two loads the slower one.
    private static readonly string[] Slower = ["candidates_limited_p50_ms", "candidates_all_p50_ms", "put_p50_ms"];

    /// <inheritdoc />
    public string Name => "placement";

    /// <inheritdoc />
    public string Options => """
        --providers 1000,10000  how many providers; each number is a service of its own
        --requests 300          requests of each kind, after a tenth as many to warm up
        --database sqlite       sqlite or postgres
        --connection TEXT       a PostgreSQL that runs; without it one is started for the benchmark
        """;

    /// <inheritdoc />
    public async Task Run(BenchOptions options, TextWriter output)
    {
        var (database, connection) = (options.Text("database", "sqlite"), options.Text("connection"));
        var report = new Report(Name).Add("database", database);
        foreach (var text in options.Text("providers", "1000,10000").Split(','))
            await Measure(int.Parse(text, System.Globalization.CultureInfo.InvariantCulture), options.Number("requests", 300), database, connection, report);
        report.Print(output);
    }

    private static async Task Measure(int providers, int requests, string database, string? connection, Report report)
    {
        ProviderLoad[] loads = [new TreeLoad(providers), new FlatLoad(providers)];
        foreach (var load in loads)
        {
            using var folder = new BenchFolder();
            using var postgres = database == "postgres" && connection is null ? await BenchPostgres.Start() : null;
            await using var nova = await NovaProcess.Start(folder.Sub("nova"), Arguments(database, connection ?? postgres?.ConnectionString), default);
            using var client = new CloudClient(nova.Url, ProviderLoad.Clients);
            client.UsePlacement("admin", "1.39");
            await load.Create(client, default);
            await new CandidateTimes(client, load, requests).AddTo(report, default);
            await new AllocationTimes(client, load, requests).AddTo(report, default);
            report.Add(load.Key("rss_mb"), nova.RssMb(), 0);
        }

        foreach (var figure in Slower)
            report.Add($"{figure}_{providers}", loads.Max(load => report.Of(load.Key(figure))));
    }

    private static string[] Arguments(string database, string? connection) =>
    [
        "--driver", "fake", "--hosts", "0", "--identity", "test", "--database", database,
        .. connection is null ? Array.Empty<string>() : ["--connection", connection],
    ];
}
