using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Nova.Tests.Bench;

/// <summary>
/// How fast the Compute API reads and accepts: show one server, list a page of servers with details, POST at half of what it can
/// carry, and what is left of that at twice as much; definitions in docs/performance.md.
/// </summary>
public sealed class ApiBench : IBench
{
    /// <inheritdoc />
    public string Name => "api";

    /// <inheritdoc />
    public string Options => """
        --servers 10000      servers of the project that reads
        --others 0           servers of other projects
        --clients 32         connections of the closed loops, each with one request at a time
        --seconds 5          how long each load lasts
        --database sqlite    sqlite or postgres
        --connection TEXT    a PostgreSQL that runs; without it one is started for the benchmark
        """;

    /// <inheritdoc />
    public Task Run(BenchOptions options, TextWriter output) => new ApiRun(new()
    {
        Servers = Math.Max(1000, options.Number("servers", 10_000)),
        Others = options.Number("others", 0),
        Clients = Math.Max(1, options.Number("clients", 32)),
        Load = TimeSpan.FromSeconds(Math.Max(1, options.Number("seconds", 5))),
        Database = options.Text("database", "sqlite"),
        Connection = options.Text("connection"),
    }).Run(output, default);
}

/// <summary>What to measure.</summary>
internal sealed record ApiPlan
{
    public required int Servers { get; init; }
    public required int Others { get; init; }
    public required int Clients { get; init; }
    public required TimeSpan Load { get; init; }
    public required string Database { get; init; }
    public string? Connection { get; init; }
}

/// <summary>One run.</summary>
internal sealed class ApiRun(ApiPlan plan)
{
    private const int Fillers = 64;
    private const int Page = 1000;
    private const int Pages = 30;

    // Enough to be in flight at twice the load when answers are late; what is beyond waits here and counts as late.
    private const int MostInFlight = 2000;

    private const string Reader = "bench:reads", Writer = "bench:writes";

    public async Task Run(TextWriter output, CancellationToken ct)
    {
        using var folder = new BenchFolder();
        using var postgres = plan.Database == "postgres" && plan.Connection is null ? await BenchPostgres.Start() : null;
        var connection = plan.Connection ?? postgres?.ConnectionString;
        string[] options = ["--driver", "fake", "--hosts", "1000", "--identity", "test", "--database", plan.Database, .. connection is null ? Array.Empty<string>() : ["--connection", connection]];
        await using var nova = await NovaProcess.Start(folder.Sub("nova"), options, ct);
        using var client = new CloudClient(nova.Url, MostInFlight);
        client.Use("admin");
        var create = await Prepare(client, ct);
        await using var watch = new ServerWatch(client);
        await watch.Start(ct);
        await Fill(client, watch, create, "bench:others", plan.Others, ct);
        var ids = await Fill(client, watch, create, Reader, plan.Servers, ct);

        var report = new Report("api").Add("servers", plan.Servers).Add("others", plan.Others).Add("database", plan.Database).Add("clients", plan.Clients);
        await Shows(client, ids, report, ct);
        await Lists(client, nova, ids, report, ct);
        await Posts(client, nova, watch, create, report, ct);
        report.Print(output);
    }

    private async Task Shows(CloudClient client, IReadOnlyList<string> ids, Report report, CancellationToken ct)
    {
        await ClosedLoop(plan.Load, i => Get(client, $"/v2.1/servers/{ids[i % ids.Count]}", ct));
        var (done, took) = await ClosedLoop(plan.Load, i => Get(client, $"/v2.1/servers/{ids[i % ids.Count]}", ct));
        report.Add("shows_per_second", done / took.TotalSeconds, 0);
    }

    // The first page, and one from the middle of all: neither may depend on how many there are.
    private static async Task Lists(CloudClient client, NovaProcess nova, IReadOnlyList<string> ids, Report report, CancellationToken ct)
    {
        var middle = ids.Order(StringComparer.Ordinal).ElementAt(ids.Count / 2);
        foreach (var (name, marker) in (IEnumerable<(string, string)>)[("list_first", ""), ("list_middle", $"&marker={middle}")])
        {
            var path = $"/v2.1/servers/detail?limit={Page}{marker}";
            await Get(client, path, ct);
            var (before, times) = (await Counters(client, nova, ct), new List<double>());
            for (var i = 0; i < Pages; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await Get(client, path, ct);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            var after = await Counters(client, nova, ct);
            report.Add(name + "_p50_ms", times.Order().ElementAt(Pages / 2)).Add(name + "_statements", after.Since(before, "nova_database_statements_total") / Pages, 1);
        }
    }

    private async Task Posts(CloudClient client, NovaProcess nova, ServerWatch watch, byte[] create, Report report, CancellationToken ct)
    {
        var accepted = new ConcurrentBag<string>();
        await ClosedLoop(plan.Load, _ => Post(client, create, accepted, ct));
        await watch.AllActive(accepted, ct);
        var first = accepted.Count;
        var began = Stopwatch.GetTimestamp();
        await ClosedLoop(plan.Load, _ => Post(client, create, accepted, ct));
        await watch.AllActive(accepted, ct);
        var most = (accepted.Count - first) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        report.Add("creates_per_second", most, 0);

        var half = await OpenLoop(most / 2, client, create, accepted, ct);
        await watch.AllActive(accepted, ct);
        var times = half.Where(a => a.Status == HttpStatusCode.Accepted).Select(a => a.Milliseconds).Order().ToList();
        report.Add("post_half_load_p50_ms", times[times.Count / 2]).Add("post_half_load_p99_ms", times[(int)(times.Count * 0.99)]);

        var rss = nova.RssMb();
        var before = accepted.Count;
        began = Stopwatch.GetTimestamp();
        var twice = await OpenLoop(most * 2, client, create, accepted, ct);
        await watch.AllActive(accepted, ct);
        var refused = twice.Where(a => a.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable).ToList();
        var other = twice.Count - refused.Count - twice.Count(a => a.Status == HttpStatusCode.Accepted);
        report.Add("twice_goodput_per_second", (accepted.Count - before) / Stopwatch.GetElapsedTime(began).TotalSeconds, 0)
            .Add("twice_refused", refused.Count).Add("twice_refused_with_retry_after", refused.Count(a => a.SaysWhen)).Add("twice_other_answers", other)
            .Add("rss_before_mb", rss, 1).Add("rss_after_mb", nova.RssMb(), 1);
    }

    private async Task<(int Done, TimeSpan Took)> ClosedLoop(TimeSpan length, Func<int, Task> ask)
    {
        var (next, began) = (0, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, plan.Clients).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(began) < length)
                await ask(Interlocked.Increment(ref next));
        }));
        return (next, Stopwatch.GetElapsedTime(began));
    }

    // Requests begin when it is their time, whether or not earlier ones were answered.
    private async Task<List<Answer>> OpenLoop(double perSecond, CloudClient client, byte[] create, ConcurrentBag<string> accepted, CancellationToken ct)
    {
        var (asked, began) = (new List<Task<Answer>>(), Stopwatch.GetTimestamp());
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Stopwatch.GetElapsedTime(began) is var passed && passed < plan.Load)
        {
            for (var due = (int)(perSecond * passed.TotalSeconds) - asked.Count; due > 0; due--)
                asked.Add(Post(client, create, accepted, ct));
            await pace.WaitForNextTickAsync(ct);
        }

        return [.. await Task.WhenAll(asked)];
    }

    private static async Task<Answer> Post(CloudClient client, byte[] create, ConcurrentBag<string> accepted, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        using var answer = await client.Send(HttpMethod.Post, "/v2.1/servers", create, ct, Writer);
        var text = await answer.Content.ReadAsByteArrayAsync(ct);
        if (answer.StatusCode == HttpStatusCode.Accepted)
            accepted.Add(JsonNode.Parse(text)!["server"]!["id"]!.ToString());
        return new(answer.StatusCode, Stopwatch.GetElapsedTime(began).TotalMilliseconds, answer.Headers.RetryAfter is not null);
    }

    private static async Task Get(CloudClient client, string path, CancellationToken ct)
    {
        using var answer = await client.Send(HttpMethod.Get, path, null, ct, Reader);
        await answer.Content.ReadAsByteArrayAsync(ct);
        if (!answer.IsSuccessStatusCode)
            throw new BenchFailure($"GET {path} was answered {(int)answer.StatusCode}.");
    }

    private static async Task<IReadOnlyList<string>> Fill(CloudClient client, ServerWatch watch, byte[] create, string token, int count, CancellationToken ct)
    {
        var ids = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Fillers, CancellationToken = ct }, async (_, stop) =>
        {
            using var answer = await client.Send(HttpMethod.Post, "/v2.1/servers", create, stop, token);
            if (answer.StatusCode != HttpStatusCode.Accepted)
                throw new BenchFailure($"a create was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(stop)}");
            ids.Add(JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync(stop))!["server"]!["id"]!.ToString());
        });
        await watch.AllActive(ids, ct);
        return [.. ids];
    }

    private static async Task<byte[]> Prepare(CloudClient client, CancellationToken ct)
    {
        await client.Ask(HttpMethod.Post, "/v2.1/flavors", new JsonObject { ["flavor"] = new JsonObject { ["id"] = "bench", ["name"] = "bench", ["ram"] = 64, ["vcpus"] = 1, ["disk"] = 1 } }, ct);
        var image = await client.Ask(HttpMethod.Post, "/image/v2/images", new JsonObject { ["name"] = "bench", ["disk_format"] = "raw", ["container_format"] = "bare", ["visibility"] = "public" }, ct);
        await client.Upload($"/image/v2/images/{image["id"]}/file", new byte[65_536], ct);
        var server = new JsonObject { ["name"] = "bench", ["flavorRef"] = "bench", ["imageRef"] = image["id"]!.ToString() };
        return Encoding.UTF8.GetBytes(new JsonObject { ["server"] = server }.ToJsonString());
    }

    private static async Task<Metrics> Counters(CloudClient client, NovaProcess nova, CancellationToken ct)
    {
        using var answer = await client.Send(HttpMethod.Get, new Uri(nova.Admin, "/metrics").ToString(), null, ct);
        return new(await answer.Content.ReadAsStringAsync(ct));
    }

    private readonly record struct Answer(HttpStatusCode Status, double Milliseconds, bool SaysWhen);
}
