using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace Nova.Tests.Bench;

/// <summary>How long a PUT of allocations takes, and how many there are a second with several clients. What was taken is given back between the measurements.</summary>
internal sealed class AllocationTimes(CloudClient client, ProviderLoad load, int requests)
{
    // Claims of one round of all clients; each is for another tree.
    private const int Round = 128;
    private const int Rounds = 40;

    private byte[][] _claims = [];

    /// <summary>Measures and adds the figures.</summary>
    public async Task AddTo(Report report, CancellationToken ct)
    {
        _claims = await Claims(ct);
        var alone = new List<double>();
        for (var n = -requests / 10; n < requests; n++)
        {
            var began = Stopwatch.GetTimestamp();
            var consumer = await Put(_claims[Math.Abs(n) % _claims.Length], ct);
            if (n >= 0)
                alone.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await client.Ask(HttpMethod.Delete, consumer, null, ct);
        }

        alone.Sort();
        report.Add(load.Key("put_p50_ms"), alone[alone.Count / 2])
            .Add(load.Key("put_p99_ms"), alone[(int)(alone.Count * 0.99)])
            .Add(load.Key("puts_per_second"), await PutsPerSecond(ct), 0);
    }

    private async Task<double> PutsPerSecond(CancellationToken ct)
    {
        var count = Math.Min(Round, _claims.Length);
        var (made, took) = (0, TimeSpan.Zero);
        for (var round = 0; round < Rounds; round++)
        {
            var consumers = new string[count];
            var began = Stopwatch.GetTimestamp();
            await Together(count, async n => consumers[n] = await Put(_claims[n], ct), ct);
            if (round > 0)
                (made, took) = (made + count, took + Stopwatch.GetElapsedTime(began));
            await Together(count, n => client.Ask(HttpMethod.Delete, consumers[n], null, ct), ct);
        }

        return made / took.TotalSeconds;
    }

    private static Task Together(int count, Func<int, Task> work, CancellationToken ct) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = ProviderLoad.Clients, CancellationToken = ct }, async (n, _) => await work(n));

    private async Task<string> Put(byte[] claim, CancellationToken ct)
    {
        var consumer = $"/placement/allocations/{Guid.NewGuid()}";
        using var answer = await client.Send(HttpMethod.Put, consumer, claim, ct);
        return answer.IsSuccessStatusCode ? consumer : throw new BenchFailure($"PUT of allocations was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
    }

    // One candidate a tree, so that claims of one round do not compete for the same device.
    private async Task<byte[][]> Claims(CancellationToken ct)
    {
        var found = await client.Ask(HttpMethod.Get, "/placement/allocation_candidates?" + load.Query, null, ct);
        var roots = found["provider_summaries"]!.AsObject().ToDictionary(p => p.Key, p => p.Value!["root_provider_uuid"]!.GetValue<string>());
        return
        [
            .. found["allocation_requests"]!.AsArray().DistinctBy(r => roots[r!["allocations"]!.AsObject().First().Key]).Select(r =>
            {
                var claim = r!.DeepClone().AsObject();
                (claim["consumer_generation"], claim["project_id"], claim["user_id"], claim["consumer_type"]) = (null, "bench", "bench", "BENCH");
                return Encoding.UTF8.GetBytes(claim.ToJsonString());
            }),
        ];
    }
}
