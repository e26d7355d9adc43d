using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Nova.Tests.Bench;

/// <summary>The API as the benchmarks use it. One client for all connections; HTTP/1.1 with keep-alive.</summary>
internal sealed class CloudClient : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient _http;
    private string? _token;

    public CloudClient(Uri url, int connections)
    {
        _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections + 2, UseProxy = false, UseCookies = false }) { BaseAddress = url, Timeout = TimeSpan.FromMinutes(5) };
    }

    /// <summary>Uses this token where no other is given.</summary>
    public void Use(string token) => _token = token;

    /// <summary>Uses this token, and this microversion of Placement.</summary>
    public void UsePlacement(string token, string version)
    {
        Use(token);
        _http.DefaultRequestHeaders.Add("OpenStack-API-Version", $"placement {version}");
    }

    /// <summary>The document of a request that must succeed.</summary>
    public async Task<JsonNode> Ask(HttpMethod method, string path, JsonNode? body, CancellationToken ct)
    {
        using var answer = await Send(method, path, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()), ct);
        var text = await answer.Content.ReadAsStringAsync(ct);
        if (!answer.IsSuccessStatusCode)
            throw new BenchFailure($"{method} {path} was answered {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>The answer, whatever it is.</summary>
    /// <param name="method">GET, POST …</param>
    /// <param name="path">From the root.</param>
    /// <param name="body">JSON, or null.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <param name="token">Instead of the one in use.</param>
    public Task<HttpResponseMessage> Send(HttpMethod method, string path, byte[]? body, CancellationToken ct, string? token = null)
    {
        var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version11 };
        if ((token ?? _token) is { } used)
            request.Headers.Add("X-Auth-Token", used);
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = Json } };
        return _http.SendAsync(request, ct);
    }

    /// <summary>A stream that goes on until it is disposed.</summary>
    public async Task<Stream?> Events(string path, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/event-stream" }, { "X-Auth-Token", _token } } };
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
            return await answer.Content.ReadAsStreamAsync(ct);

        answer.Dispose();
        return null;
    }

    /// <summary>Sends bytes that must be taken.</summary>
    public async Task Upload(string path, byte[] bytes, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("application/octet-stream") } } };
        request.Headers.Add("X-Auth-Token", _token);
        using var answer = await _http.SendAsync(request, ct);
        if (!answer.IsSuccessStatusCode)
            throw new BenchFailure($"PUT {path} was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
    }

    /// <summary>Logs in as the administrator of an openrc file.</summary>
    public async Task Login(string openrc, CancellationToken ct)
    {
        var variables = (await File.ReadAllLinesAsync(openrc, ct)).Where(line => line.StartsWith("export ", StringComparison.Ordinal))
            .Select(line => line["export ".Length..].Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim('\''));
        var login = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject
                {
                    ["methods"] = new JsonArray("password"),
                    ["password"] = new JsonObject
                    {
                        ["user"] = new JsonObject { ["name"] = variables["OS_USERNAME"], ["password"] = variables["OS_PASSWORD"], ["domain"] = new JsonObject { ["id"] = "default" } },
                    },
                },
                ["scope"] = new JsonObject { ["project"] = new JsonObject { ["name"] = variables["OS_PROJECT_NAME"], ["domain"] = new JsonObject { ["id"] = "default" } } },
            },
        };
        using var answer = await Send(HttpMethod.Post, "/identity/v3/auth/tokens", Encoding.UTF8.GetBytes(login.ToJsonString()), ct);
        if (!answer.IsSuccessStatusCode)
            throw new BenchFailure($"the login was answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
        Use(answer.Headers.GetValues("X-Subject-Token").First());
    }

    public void Dispose() => _http.Dispose();
}
