using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Nova.Tests.Support;

namespace Nova.Tests.Cluster;

/// <summary>A user who creates servers while processes die: remembers what was answered, and what was not.</summary>
internal sealed class ClusterUser(ClusterLayout cluster, int clients = 4) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60), DefaultRequestHeaders = { { "X-Auth-Token", "admin" }, { "OpenStack-API-Version", "compute 2.90" } } };
    private readonly ConcurrentDictionary<string, bool> _accepted = new();
    private JsonObject _server = [];
    private int _next;

    /// <summary>The servers whose create was answered 202.</summary>
    public IReadOnlyCollection<string> Accepted => [.. _accepted.Keys];

    /// <param name="withNetwork">The servers get an address each.</param>
    /// <param name="delayMs">How long a host takes to make a guest.</param>
    public async Task Prepare(bool withNetwork = false, int delayMs = 300)
    {
        await Ask("/v2.1/flavors", new JsonObject { ["flavor"] = new JsonObject { ["id"] = "small", ["name"] = "small", ["ram"] = 64, ["vcpus"] = 1, ["disk"] = 1 } });
        var image = await Ask("/image/v2/images", new JsonObject { ["name"] = "small", ["disk_format"] = "raw", ["container_format"] = "bare" });
        using var bytes = new ByteArrayContent(new byte[65_536]) { Headers = { ContentType = new("application/octet-stream") } };
        using var answer = await _http.PutAsync(new Uri(cluster.Apis[0], $"/image/v2/images/{image["id"]}/file"), bytes);
        answer.EnsureSuccessStatusCode();
        _server = new JsonObject { ["name"] = "server", ["flavorRef"] = "small", ["imageRef"] = image["id"]!.ToString(), ["networks"] = "none" };
        _server["metadata"] = new JsonObject { ["fake:delay_ms"] = $"{delayMs}" };
        if (withNetwork)
            _server["networks"] = new JsonArray(new JsonObject { ["uuid"] = await Network() });
    }

    /// <summary>What an operator is told does not add up.</summary>
    public async Task<IReadOnlyList<string>> Differences()
    {
        using var answer = await TrySend(HttpMethod.Get, "/nova-host/v1/audit", null, default);
        var report = JsonNode.Parse(await answer!.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!;
        return [.. report["differences"]!.AsArray().Select(difference => difference!.ToJsonString())];
    }

    /// <summary>The address of a server's serial console, as this API gives it.</summary>
    public async Task<string> Console(Uri api, string server)
    {
        using var answer = await _http.PostAsync(
            new Uri(api, $"/v2.1/servers/{server}/remote-consoles"), JsonContent.Create(new JsonObject { ["remote_console"] = new JsonObject { ["protocol"] = "serial", ["type"] = "serial" } }));
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["remote_console"]!["url"]!.ToString();
    }

    /// <summary>Each API shows the operation that made a server, and refuses to resume what has ended.</summary>
    public async Task SeesOperations(string server)
    {
        foreach (var api in cluster.Apis)
        {
            var listed = JsonNode.Parse(await _http.GetStringAsync(new Uri(api, "/nova-host/v1/operations?server=" + server)))!["operations"]!.AsArray();
            Assert.Equal(("server.create", "done"), (listed[0]!["kind"]!.ToString(), listed[0]!["status"]!.ToString()));
            var one = $"/nova-host/v1/operations/{listed[0]!["id"]}";
            Assert.Equal(server, JsonNode.Parse(await _http.GetStringAsync(new Uri(api, one)))!["operation"]!["server_id"]!.ToString());
            foreach (var help in (string[])["/resume", "/unwind"])
            {
                using var refused = await _http.PostAsync(new Uri(api, one + help), null);
                Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            }
        }
    }

    /// <summary>
    /// Creates servers, and calls <paramref name="amid"/> when half of them were answered. A request that nobody answers
    /// is given up; the next one goes to another API.
    /// </summary>
    public async Task Create(int count, Func<Task> amid)
    {
        var answered = 0;
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var creating = Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = clients }, async (_, ct) =>
        {
            if (await TryCreate(ct) is { } id)
                _accepted[id] = true;
            if (Interlocked.Increment(ref answered) >= count / 2)
                half.TrySetResult();
        });
        await half.Task;
        await amid();
        await creating;
    }

    /// <summary>All servers that exist have ended their way, and all that were answered run.</summary>
    public async Task AllActive()
    {
        try
        {
            await Eventually.Is(async () =>
            {
                var servers = await List();
                if (servers?.Any(server => server.Status == "ERROR") == true)
                    throw new OperationCanceledException();
                return servers is not null && servers.All(server => server.Status == "ACTIVE") && Accepted.All(id => servers.Any(server => server.Id == id));
            });
        }
        catch (OperationCanceledException)
        {
            var others = (await List() ?? []).Where(server => server.Status != "ACTIVE");
            Assert.Fail($"Not active: {string.Join("\n", others)}\n{string.Join("\n\n", cluster.Processes.Select(process => process.Name + "\n" + process.Log))}");
        }
    }

    /// <summary>Deletes a server; true when that was answered.</summary>
    public async Task<bool> Delete(string id)
    {
        using var answer = await TrySend(HttpMethod.Delete, "/v2.1/servers/" + id, null, default);
        return answer?.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotFound;
    }

    /// <summary>Id, status and fault of each server; null when no API answers just now.</summary>
    public async Task<IReadOnlyList<(string Id, string Status, string? Fault)>?> List()
    {
        using var answer = await TrySend(HttpMethod.Get, "/v2.1/servers/detail", null, default);
        if (answer is not { IsSuccessStatusCode: true })
            return null;

        var servers = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["servers"]!.AsArray();
        return [.. servers.Select(server => (server!["id"]!.ToString(), server["status"]!.ToString(), server["fault"]?.ToJsonString()))];
    }

    public void Dispose() => _http.Dispose();

    private async Task<string?> TryCreate(CancellationToken ct)
    {
        using var answer = await TrySend(HttpMethod.Post, "/v2.1/servers", new JsonObject { ["server"] = _server.DeepClone() }, ct);
        if (answer is null)
            return null;

        var text = await answer.Content.ReadAsStringAsync(ct);
        Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable, text);
        return answer.StatusCode == HttpStatusCode.Accepted ? JsonNode.Parse(text)!["server"]!["id"]!.ToString() : null;
    }

    private async Task<HttpResponseMessage?> TrySend(HttpMethod method, string path, JsonNode? body, CancellationToken ct)
    {
        var api = cluster.Apis[(int)((uint)Interlocked.Increment(ref _next) % cluster.Apis.Count)];
        using var request = new HttpRequestMessage(method, new Uri(api, path)) { Content = body is null ? null : JsonContent.Create(body) };
        try
        {
            return await _http.SendAsync(request, ct);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task<string> Network()
    {
        var network = (await Ask("/network/v2.0/networks", new JsonObject { ["network"] = new JsonObject { ["name"] = "net" } }))["network"]!["id"]!.ToString();
        await Ask("/network/v2.0/subnets", new JsonObject { ["subnet"] = new JsonObject { ["network_id"] = network, ["ip_version"] = 4, ["cidr"] = "10.9.0.0/16" } });
        return network;
    }

    private async Task<JsonObject> Ask(string path, JsonNode body)
    {
        using var answer = await _http.PostAsync(new Uri(cluster.Apis[0], path), JsonContent.Create(body));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}
