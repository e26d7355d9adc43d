using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Api;
using Nova.Modules.Shared.Http;
using Nova.Tests.Conformance;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.OpenApi;

/// <summary>The documents at <c>/nova-host/v1/openapi</c>.</summary>
public sealed class OpenApiTests(OpenApiTests.Cloud cloud, ITestOutputHelper output) : IClassFixture<OpenApiTests.Cloud>
{
    private const string Index = "/nova-host/v1/openapi";

    // The first, the last, and those around changes of many shapes.
    private static readonly int[] Minors = [1, 2, 36, 42, 57, 75, 90, 100, 104];

    // Its record is not found in the code of its handler (docs/status.md).
    private const string WithoutBody = "get /flavors/{flavor_id}/os-extra_specs/{id}";

    public sealed class Cloud : TestCloud;

    [Fact]
    public async Task There_is_one_for_each_microversion_without_a_token()
    {
        var documents = (await cloud.As("").Get(Index)).Is(200)["documents"].EnumerateArray().ToList();

        Assert.Equal(104, documents.Count);
        Assert.Equal(("2.1", $"{cloud.Url}{Index}/2.1.json"), (documents[0].GetProperty("version").GetString(), documents[0].GetProperty("href").GetString()));
        Assert.Equal("2.104", documents[^1].GetProperty("version").GetString());
        foreach (var wrong in (string[])["2.0.json", "2.105.json", "1.1.json", "2.104", "2.104.yaml", "..%2F2.104.json"])
            (await cloud.As("").Get($"{Index}/{wrong}")).Is(404);
    }

    [Fact]
    public async Task It_is_sent_packed_to_whoever_takes_that_and_always_the_same()
    {
        var plain = (await cloud.As("").Get(Index + "/2.50.json")).Is(200);
        using var request = new HttpRequestMessage(HttpMethod.Get, Index + "/2.50.json");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var packed = await cloud.Http.SendAsync(request);
        await using var unpacked = new System.IO.Compression.GZipStream(await packed.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        using var text = new StreamReader(unpacked);

        Assert.Equal("gzip", packed.Content.Headers.ContentEncoding.Single());
        Assert.Equal(plain.Text, await text.ReadToEndAsync());
        Assert.True(packed.Content.Headers.ContentLength < 200_000, $"{packed.Content.Headers.ContentLength} bytes");
        output.WriteLine($"{plain.Text.Length} characters, {packed.Content.Headers.ContentLength} bytes packed");
    }

    [NeedsFact(Need.OpenApiValidator)]
    public async Task The_documents_are_valid_by_a_validator_of_others()
    {
        var folder = Directory.CreateTempSubdirectory("nova-openapi").FullName;
        try
        {
            foreach (var minor in Minors)
                await File.WriteAllTextAsync(Path.Combine(folder, $"2.{minor}.json"), (await cloud.As("").Get($"{Index}/2.{minor}.json")).Is(200).Text);
            var script = Path.Combine(Machine.RepositoryRoot!, "Nova.Tests", "OpenApi", "validate.mjs");
            using var node = Process.Start(new ProcessStartInfo("node", [script, Machine.NpmFolder, .. Directory.GetFiles(folder)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            var problems = await node.StandardOutput.ReadToEndAsync(patience.Token) + await node.StandardError.ReadToEndAsync(patience.Token);
            await node.WaitForExitAsync(patience.Token);

            Assert.True(node.ExitCode == 0, problems);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Every_route_of_the_version_is_there_with_an_answer()
    {
        var routes = cloud.Services.GetRequiredService<RouteTable>().All.Where(r => r.Surface is ComputeSurface).ToList();
        foreach (var minor in Minors)
        {
            var paths = (await Document(minor)).GetProperty("paths");
            var there = routes.Where(r => r.FirstMinor <= minor && minor <= r.LastMinor).Select(r => $"{r.Method} {r.Template.Count(c => c == '/')}").Count();
            var operations = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation => (Name: $"2.{minor} {operation.Name} {path.Name}", operation.Value))).ToList();
            Assert.True(there >= operations.Count && operations.Count > 50, $"{there} routes, {operations.Count} operations");
            var refused = operations.Where(o => o.Value.TryGetProperty("description", out _)).Select(o => o.Name).ToList();
            Assert.Empty(operations.Where(o => !o.Value.GetProperty("responses").EnumerateObject().Any(r => r.Name is ['2' or '3', ..])).Select(o => o.Name).Except(refused));
            Assert.Empty(operations.Where(o => o.Name.Contains(" get ", StringComparison.Ordinal) && o.Value.GetProperty("responses").TryGetProperty("200", out var ok) && !ok.TryGetProperty("content", out _)).Select(o => o.Name)
                .Except([$"2.{minor} {WithoutBody}"]));
            Assert.Contains($"2.{minor} post /os-assisted-volume-snapshots", refused);
            Assert.DoesNotContain(refused, name => name.Contains("/flavors", StringComparison.Ordinal) || name.EndsWith("/servers", StringComparison.Ordinal));
            Assert.Equal(operations.Count, operations.Select(o => o.Value.GetProperty("operationId").GetString()).Distinct().Count());
        }
    }

    [Theory]
    [InlineData(1, "200", "202")]
    [InlineData(2, "201", "204")]
    public async Task A_status_is_that_of_the_version(int minor, string created, string deleted)
    {
        var paths = (await Document(minor)).GetProperty("paths");

        Assert.Equal([created], Successes(paths.GetProperty("/os-keypairs").GetProperty("post")));
        Assert.Equal([deleted], Successes(paths.GetProperty("/os-keypairs/{id}").GetProperty("delete")));
        Assert.Equal(["202"], Successes(paths.GetProperty("/servers").GetProperty("post")));
    }

    [Fact]
    public async Task Members_parameters_actions_and_security_are_those_of_the_version()
    {
        var (before, since) = (await Document(56), await Document(57));

        Assert.Contains("personality", Names(before, "NewServer", before.GetProperty("paths").GetProperty("/servers").GetProperty("post")));
        Assert.DoesNotContain("personality", Names(since, "NewServer", since.GetProperty("paths").GetProperty("/servers").GetProperty("post")));
        Assert.Contains("\"name\":\"limit\"", since.GetProperty("paths").GetProperty("/servers").GetProperty("get").GetProperty("parameters").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("\"os-stop\"", Resolved(since, since.GetProperty("paths").GetProperty("/servers/{id}/action").GetProperty("post")), StringComparison.Ordinal);
        Assert.Equal(0, since.GetProperty("paths").GetProperty("/").GetProperty("get").GetProperty("security").GetArrayLength());
        Assert.False(since.GetProperty("paths").GetProperty("/servers").GetProperty("get").TryGetProperty("security", out _));
        Assert.Equal("os_compute_api:servers:create", since.GetProperty("paths").GetProperty("/servers").GetProperty("post").GetProperty("x-policy")[0].GetString());
    }

    [Fact]
    public async Task Answers_of_the_cloud_fit_their_schemas()
    {
        var admin = cloud.As("admin").At("2.104");
        (await admin.Post("/v2.1/flavors", new { flavor = new { name = "small", ram = 128, vcpus = 1, disk = 0 } })).Is(200);
        var document = await Document(104);
        foreach (var path in (string[])["/flavors/detail", "/servers/detail", "/os-services", "/os-hypervisors/detail", "/limits", "/os-keypairs", "/os-aggregates", "/os-server-groups", "/os-availability-zone", "/"])
        {
            var answer = (await admin.Get("/v2.1" + path)).Is(200);
            var schema = document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
            Assert.Empty(JsonSchema.Problems(Whole(document, schema), answer.Json).Select(problem => $"{path} {problem}"));
        }
    }

    [Fact]
    public async Task What_a_request_schema_accepts_the_handler_accepts_and_nothing_else()
    {
        var judged = 0;
        var wrong = new List<string>();
        var mapped = RequestProbe.Routes.ToList();
        foreach (var minor in Minors)
        {
            var document = await Document(minor);
            foreach (var path in document.GetProperty("paths").EnumerateObject())
                foreach (var operation in path.Value.EnumerateObject().Where(o => o.Value.TryGetProperty("requestBody", out _)))
                {
                    var schema = Whole(document, operation.Value.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema"));
                    var routes = mapped.Where(r => r.Method.Equals(operation.Name, StringComparison.OrdinalIgnoreCase) && Shape(r.Template) == Shape(ComputeSurface.Prefix + path.Name) && r.FirstMinor <= minor && minor <= r.LastMinor).ToList();
                    foreach (var body in Mutations.Bodies(schema).Where((_, i) => i % 3 == 0))
                    {
                        if (RouteOf(routes, body) is not { } route)
                            continue;
                        judged++;
                        var isGood = JsonSchema.Problems(schema, JsonSerializer.SerializeToElement(body)).Count == 0;
                        if (await RequestProbe.Refusal(route, minor, body?.ToJsonString() ?? "null", "") is var refusal && refusal is null != isGood)
                            wrong.Add($"2.{minor} {operation.Name} {path.Name}: {(isGood ? $"refused with {refusal}" : "accepted")}: {body?.ToJsonString()}");
                    }
                }
        }

        output.WriteLine($"{judged} bodies judged");
        Assert.True(wrong.Count == 0 && judged > 5000, $"{wrong.Count} of {judged} differ: {string.Join('\n', wrong.Take(10))}");
    }

    private async Task<JsonElement> Document(int minor) => (await cloud.As("").Get($"{Index}/2.{minor}.json")).Is(200).Json;

    // The key of the body chooses the handler; a body that names none never comes to one.
    private static Route? RouteOf(List<Route> routes, JsonNode? body) =>
        routes is [{ Action: null } only] ? only : body is JsonObject { Count: 1 } named ? routes.Find(r => r.Action == named.First().Key) : null;

    private static IEnumerable<string> Successes(JsonElement operation) => operation.GetProperty("responses").EnumerateObject().Select(r => r.Name).Where(name => name[0] == '2');

    private static IEnumerable<string> Names(JsonElement document, string _, JsonElement operation) =>
        JsonNode.Parse(Resolved(document, operation.GetProperty("requestBody")))!["content"]!["application/json"]!["schema"]!["properties"]!["server"]!["properties"]!.AsObject().Select(p => p.Key);

    private static JsonElement Whole(JsonElement document, JsonElement schema) => JsonSerializer.Deserialize<JsonElement>(Resolved(document, schema));

    // With every reference replaced by what it leads to; schemas do not refer to themselves.
    private static string Resolved(JsonElement document, JsonElement part)
    {
        var node = JsonNode.Parse(part.GetRawText())!;
        Resolve(document, ref node);
        return node.ToJsonString();
    }

    private static void Resolve(JsonElement document, ref JsonNode node)
    {
        while (node is JsonObject { } reference && (string?)reference["$ref"] is { } path && path.StartsWith("#/", StringComparison.Ordinal))
            node = JsonNode.Parse(path[2..].Split('/').Aggregate(document, (at, name) => at.GetProperty(name)).GetRawText())!;
        if (node is JsonObject members)
            foreach (var (name, value) in members.ToList())
                if (value is not null)
                {
                    var inner = value.DeepClone();
                    Resolve(document, ref inner);
                    members[name] = inner;
                }

        if (node is JsonArray items)
            for (var i = 0; i < items.Count; i++)
                if (items[i] is { } value)
                {
                    var inner = value.DeepClone();
                    Resolve(document, ref inner);
                    items[i] = inner;
                }
    }

    private static string Shape(string template) => string.Join('/', template.TrimEnd('/').Split('/').Select(part => part.StartsWith('{') ? "{}" : part));
}
