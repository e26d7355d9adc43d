using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Nova.Host;
using Nova.Tests.Support;

namespace Nova.Tests.Host;

/// <summary>What the lines of a whole process say of the work that they are about, with the roles apart and at the most talkative level.</summary>
public sealed class LogIdTests : IDisposable
{
    private static readonly string[] Ids = ["request_id", "project_id", "server_id", "operation_id"];

    private readonly string _folder = Directory.CreateTempSubdirectory("nova-logids").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("direct")]
    [InlineData("grpc")]
    public async Task Every_line_of_the_work_for_a_server_has_all_four_ids(string wire)
    {
        var start = new ProcessStartInfo(
            "dotnet", [typeof(Server).Assembly.Location, "--data", _folder, "--driver", "fake", "--identity", "test", "--wire", wire, "--log", "json", "--port", "0", "--admin-listen", "127.0.0.1:0"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["NOVA__LOG__LEVEL"] = "trace" },
        };
        using var process = Process.Start(start)!;
        var log = process.StandardError.ReadToEndAsync();
        string server, request;
        try
        {
            var url = (await process.StandardOutput.ReadLineAsync())!.Split(' ')[1];
            using var http = new HttpClient { BaseAddress = new(url), DefaultRequestHeaders = { { "X-Auth-Token", "admin" } } };
            (server, request) = await CreateAndFail(http);
        }
        finally
        {
            using var kill = Process.Start("kill", $"-TERM {process.Id}");
            await process.WaitForExitAsync();
        }

        var lines = (await log).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] == '{').Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var ofServer = lines.Where(line => line.GetRawText().Contains(server, StringComparison.Ordinal)).ToList();
        var ofWork = lines.Where(line => Value(line, "operation_id") is not null).ToList();

        Assert.Empty(ofWork.Where(line => Ids.Any(id => Value(line, id) is null)).Select(line => line.GetRawText()));
        Assert.Empty(ofServer.Where(line => Category(line).StartsWith("Nova.", StringComparison.Ordinal) && Value(line, "server_id") != server).Select(line => line.GetRawText()));
        Assert.Contains(ofWork, line => Value(line, "request_id") == request && Value(line, "server_id") == server && Category(line).StartsWith("Nova.Modules.Operations", StringComparison.Ordinal));
        Assert.Contains(lines, line => Value(line, "request_id") == request && Value(line, "project_id") == "admin" && Category(line).StartsWith("Microsoft.", StringComparison.Ordinal));
    }

    private static string? Value(JsonElement line, string name) => line.GetProperty(name).GetString();

    private static string Category(JsonElement line) => line.GetProperty("category").GetString()!;

    // A create that fails at its host goes through every role, and each has something to say.
    private static async Task<(string Server, string Request)> CreateAndFail(HttpClient http)
    {
        await Send(http, HttpMethod.Post, "/v2.1/flavors", """{"flavor": {"id": "small", "name": "small", "ram": 64, "vcpus": 1, "disk": 0}}""");
        var image = JsonSerializer.Deserialize<JsonElement>((await Send(http, HttpMethod.Post, "/image/v2/images", """{"name": "guest", "disk_format": "raw", "container_format": "bare"}""")).Text).GetProperty("id").GetString();
        using var bytes = new ByteArrayContent(new byte[1024]) { Headers = { { "Content-Type", "application/octet-stream" } } };
        using var uploaded = await http.PutAsync($"/image/v2/images/{image}/file", bytes);
        var (text, request) = await Send(http, HttpMethod.Post, "/v2.1/servers", $$$$"""{"server": {"name": "one", "flavorRef": "small", "imageRef": "{{{{image}}}}", "metadata": {"fake:fail_at": "spawn"}}}""");
        var server = JsonSerializer.Deserialize<JsonElement>(text).GetProperty("server").GetProperty("id").GetString()!;
        await Eventually.Is(async () => (await http.GetStringAsync($"/v2.1/servers/{server}")).Contains("\"ERROR\"", StringComparison.Ordinal));
        return (server, request);
    }

    private static async Task<(string Text, string Request)> Send(HttpClient http, HttpMethod method, string path, string body)
    {
        using var message = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await http.SendAsync(message);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return (text, answer.Headers.GetValues("x-openstack-request-id").First());
    }
}
