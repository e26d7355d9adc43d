using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Nova.Tests.Bench;

/// <summary>What to measure.</summary>
internal sealed record BootsPlan
{
    public required int Hosts { get; init; }
    public required int Servers { get; init; }
    public required int Clients { get; init; }
    public required int WarmUp { get; init; }
    public required int Existing { get; init; }
    public required string Database { get; init; }
    public string? Connection { get; init; }
    public bool Verify { get; init; }
}

/// <summary>
/// A closed loop of clients creates servers on fake hosts and waits for the last ACTIVE, then deletes them all. A boot
/// has one port on a network, an image, a flavor and 1 kB of user data; definitions in docs/performance.md.
/// </summary>
public sealed class BootsBench : IBench
{
    /// <inheritdoc />
    public string Name => "boots";

    /// <inheritdoc />
    public string Options => """
        --hosts 1000         fake hosts
        --servers 10000      servers to create, and then to delete
        --clients 64         connections, each with one request at a time
        --warm-up N          servers created and deleted before the clock runs; a tenth of --servers, at most 5000
        --existing 0         servers that are there before the clock runs, and stay
        --database sqlite    sqlite or postgres
        --connection TEXT    a PostgreSQL that runs; without it one is started for the benchmark
        --verify             recounts allocations, quota and addresses afterwards
        """;

    /// <inheritdoc />
    public Task Run(BenchOptions options, TextWriter output)
    {
        var servers = Math.Max(1, options.Number("servers", 10_000));
        return new BootsRun(new()
        {
            Hosts = options.Number("hosts", 1000),
            Servers = servers,
            Clients = Math.Max(1, options.Number("clients", 64)),
            WarmUp = options.Number("warm-up", Math.Min(5_000, servers / 10)),
            Existing = options.Number("existing", 0),
            Database = options.Text("database", "sqlite"),
            Connection = options.Text("connection"),
            Verify = options.IsOn("verify"),
        }).Run(output, default);
    }
}

/// <summary>One run.</summary>
internal sealed class BootsRun(BootsPlan plan)
{
    private const int Projects = 20;

    private readonly ConcurrentBag<double> _postMilliseconds = [];
    private byte[][] _creates = [];

    public async Task Run(TextWriter output, CancellationToken ct)
    {
        using var folder = new BenchFolder();
        using var postgres = plan.Database == "postgres" && plan.Connection is null ? await BenchPostgres.Start() : null;
        await using var nova = await NovaProcess.Start(folder.Sub("nova"), Options(postgres), ct);
        using var client = new CloudClient(nova.Url, plan.Clients + 2);
        client.Use("admin");
        _creates = await Prepare(client, ct);
        await using var watch = new ServerWatch(client);
        await watch.Start(ct);

        var warm = await CreateAll(client, watch, plan.WarmUp, ct);
        await DeleteAll(client, watch, warm, ct);
        await CreateAll(client, watch, plan.Existing, ct);
        _postMilliseconds.Clear();

        var boots = await Measure(nova, client, postgres, async () => await CreateAll(client, watch, plan.Servers, ct), ct);
        var rss = nova.RssMb();
        await RefuseErrors(client, ct);
        var deletes = await Measure(nova, client, postgres, async () =>
        {
            await DeleteAll(client, watch, boots.Ids, ct);
            return boots.Ids;
        }, ct);
        if (plan.Verify)
            await Recount(client, ct);

        Print(output, boots, deletes, rss);
    }

    private string[] Options(BenchPostgres? postgres) =>
    [
        "--driver", "fake", "--hosts", $"{plan.Hosts}", "--identity", "test", "--database", plan.Database,
        .. (plan.Connection ?? postgres?.ConnectionString) is { } connection ? ["--connection", connection] : Array.Empty<string>(),
    ];

    private static async Task<byte[][]> Prepare(CloudClient client, CancellationToken ct)
    {
        await client.Ask(HttpMethod.Post, "/v2.1/flavors", new JsonObject { ["flavor"] = new JsonObject { ["id"] = "bench", ["name"] = "bench", ["ram"] = 64, ["vcpus"] = 1, ["disk"] = 1 } }, ct);
        var image = await client.Ask(HttpMethod.Post, "/image/v2/images", new JsonObject { ["name"] = "bench", ["disk_format"] = "raw", ["container_format"] = "bare", ["visibility"] = "public" }, ct);
        await client.Upload($"/image/v2/images/{image["id"]}/file", new byte[65_536], ct);
        var creates = new byte[Projects][];
        for (var project = 0; project < Projects; project++)
        {
            client.Use(TokenOf(project));
            creates[project] = CreateBody(image["id"]!.ToString(), await NetworkOfProject(client, ct));
        }

        client.Use("admin");
        return creates;
    }

    // Each project has a network of its own, as tenants do.
    private static async Task<string> NetworkOfProject(CloudClient client, CancellationToken ct)
    {
        var network = await client.Ask(HttpMethod.Post, "/network/v2.0/networks", new JsonObject { ["network"] = new JsonObject { ["name"] = "bench" } }, ct);
        var id = network["network"]!["id"]!.ToString();
        await client.Ask(
            HttpMethod.Post, "/network/v2.0/subnets",
            new JsonObject { ["subnet"] = new JsonObject { ["network_id"] = id, ["ip_version"] = 4, ["cidr"] = "10.0.0.0/12" } }, ct);
        return id;
    }

    private static byte[] CreateBody(string imageId, string networkId) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["server"] = new JsonObject
        {
            ["name"] = "bench", ["flavorRef"] = "bench", ["imageRef"] = imageId,
            ["networks"] = new JsonArray(new JsonObject { ["uuid"] = networkId }),
            ["user_data"] = Convert.ToBase64String(Encoding.ASCII.GetBytes("#!/bin/sh\n".PadRight(768, '#'))),
        },
    }.ToJsonString());

    private async Task<IReadOnlyCollection<string>> CreateAll(CloudClient client, ServerWatch watch, int count, CancellationToken ct)
    {
        var ids = new ConcurrentBag<string>();
        await Loop(Enumerable.Range(0, count), async number =>
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await client.Send(HttpMethod.Post, "/v2.1/servers", _creates[number % Projects], ct, TokenOf(number));
            if (answer.StatusCode != HttpStatusCode.Accepted)
                throw new BenchFailure($"a create was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
            ids.Add(JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync(ct))!["server"]!["id"]!.ToString());
            _postMilliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }, ct);
        await watch.AllActive(ids, ct);
        return ids;
    }

    private async Task DeleteAll(CloudClient client, ServerWatch watch, IReadOnlyCollection<string> ids, CancellationToken ct)
    {
        await Loop(ids, async id =>
        {
            using var answer = await client.Send(HttpMethod.Delete, $"/v2.1/servers/{id}", null, ct);
            if (answer.StatusCode != HttpStatusCode.NoContent)
                throw new BenchFailure($"a delete was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
        }, ct);
        await watch.AllDeleted(ids, ct);
    }

    private Task Loop<T>(IEnumerable<T> work, Func<T, Task> body, CancellationToken ct) =>
        Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = plan.Clients, CancellationToken = ct }, async (item, _) => await body(item));

    private static async Task<Phase> Measure(NovaProcess nova, CloudClient client, BenchPostgres? postgres, Func<Task<IReadOnlyCollection<string>>> work, CancellationToken ct)
    {
        using var self = Process.GetCurrentProcess();
        var (before, cpu, own) = (await ReadMetrics(client, nova, ct), nova.Cpu() + (postgres?.Cpu() ?? default), self.TotalProcessorTime);
        var began = Stopwatch.GetTimestamp();
        var ids = await work();
        var took = Stopwatch.GetElapsedTime(began);
        self.Refresh();
        return new(ids, took, nova.Cpu() + (postgres?.Cpu() ?? default) - cpu, self.TotalProcessorTime - own, before, await ReadMetrics(client, nova, ct));
    }

    private static async Task<Metrics> ReadMetrics(CloudClient client, NovaProcess nova, CancellationToken ct)
    {
        using var answer = await client.Send(HttpMethod.Get, new Uri(nova.Admin, "/metrics").ToString(), null, ct);
        return new(answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(ct) : "");
    }

    private static async Task RefuseErrors(CloudClient client, CancellationToken ct)
    {
        var failed = (await client.Ask(HttpMethod.Get, "/v2.1/servers/detail?status=ERROR&all_tenants=1&limit=1", null, ct))["servers"]!.AsArray();
        if (failed.Count > 0)
            throw new BenchFailure($"at least one server is in ERROR: {failed[0]!["fault"]?.ToJsonString() ?? failed[0]!.ToJsonString()}");
    }

    private static async Task Recount(CloudClient client, CancellationToken ct)
    {
        var audit = await client.Ask(HttpMethod.Get, "/nova-host/v1/audit", null, ct);
        if (audit["differences"]?.AsArray() is not { Count: 0 })
            throw new BenchFailure($"the recount found differences: {audit.ToJsonString()}");
    }

    // Twenty projects: the limit of requests in flight is per project, and so is the row of the quota.
    private static string TokenOf(int number) => $"bench:project-{number % Projects}";

    private void Print(TextWriter output, Phase boots, Phase deletes, double rss)
    {
        double[] posts = [.. _postMilliseconds.Order()];
        new Report("boots")
            .Add("hosts", plan.Hosts).Add("servers", plan.Servers).Add("existing", plan.Existing).Add("database", plan.Database).Add("clients", plan.Clients)
            .Add("creates_per_second", plan.Servers / boots.Took.TotalSeconds, 0)
            .Add("deletes_per_second", plan.Servers / deletes.Took.TotalSeconds, 0)
            .Add("post_p50_ms", posts[posts.Length / 2])
            .Add("post_p99_ms", posts[(int)(posts.Length * 0.99)])
            .Add("driver_p50_ms", boots.Quantile("nova_accept_to_driver_seconds", 0.5) * 1000)
            .Add("driver_p99_ms", boots.Quantile("nova_accept_to_driver_seconds", 0.99) * 1000)
            .Add("commits_per_boot", boots.PerServer("nova_database_commits_total"), 3)
            .Add("units_per_boot", boots.PerServer("nova_database_units_total"), 3)
            .Add("fsyncs_per_boot", boots.PerServer("nova_database_syncs_total"), 3)
            .Add("statements_per_boot", boots.PerServer("nova_database_statements_total"))
            .Add("calls_per_boot", boots.PerServer("nova_role_calls_total"))
            .Add("cpu_ms_per_boot", boots.Cpu.TotalMilliseconds / plan.Servers, 3)
            .Add("cpu_ms_per_delete", deletes.Cpu.TotalMilliseconds / plan.Servers, 3)
            .Add("client_cpu_ms_per_boot", boots.ClientCpu.TotalMilliseconds / plan.Servers, 3)
            .Add("refused_claims_per_1000", boots.PerServer("nova_claims_refused_total") * 1000)
            .Add("rss_mb", rss, 1)
            .Print(output);
    }

    /// <summary>What was measured while all servers were created, or deleted.</summary>
    private sealed record Phase(IReadOnlyCollection<string> Ids, TimeSpan Took, TimeSpan Cpu, TimeSpan ClientCpu, Metrics Before, Metrics After)
    {
        public double? PerServer(string counter) => After.Since(Before, counter) / Ids.Count;

        public double? Quantile(string histogram, double quantile) => After.Quantile(Before, histogram, quantile);
    }
}
