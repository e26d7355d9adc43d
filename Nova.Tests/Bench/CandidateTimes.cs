using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Nova.Tests.Bench;

/// <summary>How long candidates take, with a limit and without, and right after each claim.</summary>
internal sealed class CandidateTimes(CloudClient client, ProviderLoad load, int requests)
{
    private const int Limit = 10;

    /// <summary>Measures and adds the figures.</summary>
    public async Task AddTo(Report report, CancellationToken ct)
    {
        var (count, bytes) = await Look(ct);
        report.Add(load.Key("candidates_all"), count, 0).Add(load.Key("candidates_all_bytes"), bytes, 0);
        await Add(report, "candidates_limited", () => Get($"{load.Query}&limit={Limit}", ct));
        await Add(report, "candidates_all", () => Get(load.Query, ct));
        await Add(report, "candidates_limited_after_claim", () => Get($"{load.Query}&limit={Limit}", ct), claims: true);
    }

    private async Task Add(Report report, string kind, Func<Task> ask, bool claims = false)
    {
        var took = new List<double>();
        for (var n = -requests / 10; n < requests; n++)
        {
            var consumer = claims ? await Claim() : null;
            var began = Stopwatch.GetTimestamp();
            await ask();
            if (n >= 0)
                took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (consumer is not null)
                await client.Ask(HttpMethod.Delete, consumer, null, default);
        }

        took.Sort();
        report.Add(load.Key($"{kind}_p50_ms"), took[took.Count / 2]).Add(load.Key($"{kind}_p99_ms"), took[(int)(took.Count * 0.99)]);
    }

    private async Task Get(string query, CancellationToken ct)
    {
        using var answer = await client.Send(HttpMethod.Get, "/placement/allocation_candidates?" + query, null, ct);
        if (!answer.IsSuccessStatusCode)
            throw new BenchFailure($"candidates were answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
        await answer.Content.CopyToAsync(Stream.Null, ct);
    }

    private async Task<(int Count, int Bytes)> Look(CancellationToken ct)
    {
        using var answer = await client.Send(HttpMethod.Get, "/placement/allocation_candidates?" + load.Query, null, ct);
        var text = await answer.Content.ReadAsStringAsync(ct);
        var count = answer.IsSuccessStatusCode ? JsonNode.Parse(text)!["allocation_requests"]!.AsArray().Count : 0;
        return count > 0 ? (count, text.Length) : throw new BenchFailure($"there are no candidates: {text}");
    }

    // Sends the first candidate back, as a scheduler does.
    private async Task<string> Claim()
    {
        var found = await client.Ask(HttpMethod.Get, $"/placement/allocation_candidates?{load.Query}&limit=1", null, default);
        var claim = found["allocation_requests"]![0]!.DeepClone().AsObject();
        (claim["consumer_generation"], claim["project_id"], claim["user_id"], claim["consumer_type"]) = (null, "bench", "bench", "BENCH");
        var consumer = $"/placement/allocations/{Guid.NewGuid()}";
        await client.Ask(HttpMethod.Put, consumer, claim, default);
        return consumer;
    }
}
