using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Nova.Drivers.Database.Migrations;
using Nova.Host;
using Nova.Host.Configuration;

namespace Nova.Tests.Support;

/// <summary>
/// The whole program in this process: SQLite in a temporary directory, the test identity, a free port on loopback. As
/// readable as the API itself: <c>await cloud.As("admin").At("2.90").Get("/v2.1/flavors")</c>. Every answer is checked
/// against the published response schemas.
/// </summary>
public class TestCloud : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("nova-test-");
    private WebApplication? _app;
    private HttpClient? _http;

    /// <summary>The services of the program.</summary>
    public IServiceProvider Services => _app!.Services;

    /// <summary>Where it listens, such as <c>http://127.0.0.1:41234</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Where the admin listener is.</summary>
    public string AdminUrl { get; private set; } = "";

    /// <summary>For requests that the helpers cannot make.</summary>
    public HttpClient Http => _http!;

    /// <inheritdoc />
    public virtual async Task InitializeAsync()
    {
        _app = NovaApp.Build(Settings(), _data.FullName);
        await _app.Services.GetRequiredService<MigrationRunner>().Expand(default);
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        (Url, AdminUrl) = (addresses.First(), addresses.Last());
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Url) };
    }

    /// <summary>Settings that differ from those of every test cloud, as <c>section.name</c> and text.</summary>
    protected virtual IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string>();

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        _http?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _data.Delete(recursive: true);
    }

    private BoundSettings Settings()
    {
        var settings = new Dictionary<string, string>(Changed) { ["server.port"] = "0", ["compute.driver"] = "fake", ["log.level"] = "Warning" };
        settings.TryAdd("identity.kind", "test");
        return new SettingsBinder(SettingsCatalog.OfProgram()).Bind(settings.Select(s => new RawSetting(s.Key, new(s.Value), "test")));
    }

    /// <summary>Requests with this token: <c>admin</c>, <c>USER:PROJECT</c> or <c>USER</c>; empty for none.</summary>
    public CloudClient As(string token) => new(this, token, null, []);
}

/// <summary>Requests in one caller's name and at one microversion.</summary>
public sealed record CloudClient(TestCloud Cloud, string Token, string? Version, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    /// <summary>The same caller at a microversion, such as <c>2.90</c> or <c>latest</c>.</summary>
    public CloudClient At(string version) => this with { Version = version };

    /// <summary>The same caller with one more header.</summary>
    public CloudClient With(string header, string value) => this with { Headers = [.. Headers, new(header, value)] };

    /// <summary>GET.</summary>
    public Task<CloudAnswer> Get(string path) => Send(HttpMethod.Get, path, null);

    /// <summary>DELETE.</summary>
    public Task<CloudAnswer> Delete(string path) => Send(HttpMethod.Delete, path, null);

    /// <summary>POST of a JSON text or of an object.</summary>
    public Task<CloudAnswer> Post(string path, object? body) => Send(HttpMethod.Post, path, body);

    /// <summary>PUT of a JSON text or of an object.</summary>
    public Task<CloudAnswer> Put(string path, object? body) => Send(HttpMethod.Put, path, body);

    /// <summary>Any method; a string is sent as it is, anything else as JSON.</summary>
    public async Task<CloudAnswer> Send(HttpMethod method, string path, object? body, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (Token.Length > 0)
            request.Headers.Add("X-Auth-Token", Token);
        if (Version is not null)
            request.Headers.Add("OpenStack-API-Version", "compute " + Version);
        foreach (var (name, value) in Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await Cloud.Http.SendAsync(request);
        var answer = new CloudAnswer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), HeadersOf(response));
        ResponseSchemas.Check(method.Method, new Uri(Cloud.Http.BaseAddress!, path).AbsolutePath, answer, body as string ?? JsonSerializer.Serialize(body));
        return answer;
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response) =>
        response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
}

/// <summary>One answer, read completely.</summary>
public sealed record CloudAnswer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    private readonly Lazy<JsonElement> _json = new(() => JsonSerializer.Deserialize<JsonElement>(Text));

    /// <summary>The body as JSON.</summary>
    public JsonElement Json => _json.Value;

    /// <summary>A part of the body: <c>answer["flavor", "name"]</c>.</summary>
    public JsonElement this[params string[] path] => path.Aggregate(Json, (at, name) => at.GetProperty(name));

    /// <summary>The message of a fault document.</summary>
    public string Fault => Json.EnumerateObject().Single().Value.GetProperty("message").GetString()!;

    /// <summary>The name of a fault document.</summary>
    public string FaultName => Json.EnumerateObject().Single().Name;

    /// <summary>The answer when it has this status, else a failure that shows what was said instead.</summary>
    public CloudAnswer Is(int status)
    {
        Assert.True(Status == status, $"expected {status}, got {Status}: {Text}");
        return this;
    }

    /// <summary>As <see cref="Is(int)"/>, with the sentence of the fault.</summary>
    public CloudAnswer Is(int status, string fault)
    {
        Is(status);
        Assert.Equal(fault, Fault);
        return this;
    }
}
