using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nova.Drivers.Database.Migrations;
using Nova.Drivers.Database.Postgres;
using Nova.Drivers.Database.Sqlite;
using Nova.Drivers.Identity.Embedded;
using Nova.Drivers.Image.Embedded;
using Nova.Drivers.Network.Embedded;
using Nova.Host;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hosts;
using Nova.Modules.Servers;
using Nova.Modules.Identity;
using Nova.Modules.Placement;
using Nova.Modules.Placement.Api;
using Nova.Modules.Policy;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

/// <summary>The embedded neighbours on a port of their own, as clients see them.</summary>
internal sealed class NeighbourCloud : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nbcloud").FullName;
    private readonly WebApplication _app;
    private string? _address;

    private NeighbourCloud(Func<string, Nova.Modules.Shared.Database.Database> database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Ids>();
        builder.Services.AddSingleton(_ => database(_directory));
        builder.Services.AddSingleton(new SecretBox(new byte[32]));
        builder.Services.AddSingleton<IPolicy, PolicyRules>();
        builder.Services.AddSingleton(new HttpSettings());
        builder.Services.AddSingleton<InFlight>();
        builder.Services.AddSingleton<RouteTable>();

        // Few rounds: these tests are about everything else.
        builder.Services.AddSingleton(new IdentitySettings { PasswordRounds = 1000 });
        builder.Services.AddEmbeddedIdentity();
        builder.Services.AddSingleton(new ImageSettings { Directory = Path.Combine(_directory, "images"), MaxMb = 16, KeepFreeMb = 0 });
        builder.Services.AddEmbeddedImages();
        builder.Services.AddSingleton(new LiveChanges(isShared: false)).AddSingleton<ServerStore>();
        builder.Services.AddSingleton<IHostLiveness, HostDirectory>();
        builder.Services.AddEmbeddedNetwork();
        builder.Services.AddSingleton(new PlacementOptions());
        builder.Services.AddPlacement().AddPlacementApi();
        _app = builder.Build();
    }

    public string Url { get; private set; } = "";

    public string AdminPassword { get; private set; } = "";

    public string DemoPassword { get; private set; } = "";

    public string DataDirectory => _directory;

    public IServiceProvider Services => _app.Services;

    public HttpClient Anonymous { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public HttpClient Demo { get; private set; } = null!;

    public static async Task<NeighbourCloud> Start(string kind = "sqlite")
    {
        var address = kind == "postgres" ? await PostgresServer.Shared.CreateEmpty() : null;
        var cloud = new NeighbourCloud(directory => address is null ? new SqliteDatabase(Path.Combine(directory, "nova.db")) : new PostgresDatabase(address)) { _address = address };
        await cloud.Run();
        return cloud;
    }

    public Task<HttpClient> Login(string user, string password, string project) => Login(PasswordRequest(user, password, project));

    /// <summary>A client with the token that an authentication request gives.</summary>
    public async Task<HttpClient> Login(object request)
    {
        var response = await Anonymous.PostAsJsonAsync("/identity/v3/auth/tokens", request);
        await response.Json(201);
        return Client(response.Headers.GetValues("X-Subject-Token").Single());
    }

    /// <summary>A request for a token with any scope.</summary>
    public static object Request(string user, string password, object scope, string domain = "default") => new
    {
        auth = new { identity = new { methods = new[] { "password" }, password = new { user = new { name = user, domain = new { id = domain }, password } } }, scope },
    };

    public HttpClient Client(string? token)
    {
        var client = new HttpClient { BaseAddress = new(Url) };
        if (token is not null)
            client.DefaultRequestHeaders.Add("X-Auth-Token", token);
        return client;
    }

    public static object PasswordRequest(string user, string password, string? project) => new
    {
        auth = new Dictionary<string, object>
        {
            ["identity"] = new { methods = new[] { "password" }, password = new { user = new { name = user, domain = new { id = "default" }, password } } },
            ["scope"] = project is null ? "unscoped" : new { project = new { name = project, domain = new { name = "Default" } } },
        },
    };

    /// <summary>Runs the stock client as the admin (or demo); returns what it printed as JSON, or fails with what it said.</summary>
    public async Task<JsonElement> OpenStack(params string[] arguments)
    {
        var output = await Run([.. arguments, "-f", "json"]);
        return JsonSerializer.Deserialize<JsonElement>(output);
    }

    /// <summary>Runs the stock client for a command that prints nothing of interest.</summary>
    public Task<string> Run(params string[] arguments) => RunAs(new(), arguments);

    /// <summary>The same with other variables of the environment; an empty one is taken away.</summary>
    public async Task<string> RunAs(Dictionary<string, string> environment, params string[] arguments)
    {
        var (code, output, errors) = await Execute(environment, arguments);
        Assert.True(code == 0, $"openstack {string.Join(' ', arguments)}: {errors}");
        return output;
    }

    /// <summary>What the stock client says when it fails.</summary>
    public async Task<string> RunFailing(Dictionary<string, string> environment, params string[] arguments)
    {
        var (code, output, errors) = await Execute(environment, arguments);
        Assert.True(code != 0, $"openstack {string.Join(' ', arguments)} did not fail: {output}");
        return errors;
    }

    private async Task<(int Code, string Output, string Errors)> Execute(Dictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/openstack", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["OS_AUTH_URL"] = Url + "/identity",
            ["OS_USERNAME"] = "admin",
            ["OS_PASSWORD"] = AdminPassword,
            ["OS_PROJECT_NAME"] = "admin",
            ["OS_USER_DOMAIN_ID"] = "default",
            ["OS_PROJECT_DOMAIN_ID"] = "default",
            ["OS_IDENTITY_API_VERSION"] = "3",
        })
            start.Environment[name] = value;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        foreach (var name in environment.Where(e => e.Value.Length == 0).Select(e => e.Key))
            start.Environment.Remove(name);

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await errors);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        if (_address is { } address)
            await PostgresServer.Shared.Drop(address);
    }

    private async Task Run()
    {
        await new MigrationRunner(Services.GetRequiredService<Nova.Modules.Shared.Database.Database>(), Migration.In(typeof(NovaApp).Assembly), TimeProvider.System).Expand(default);
        var first = await Services.GetRequiredService<IdentityBootstrap>().Run(default);
        (AdminPassword, DemoPassword) = (first!.AdminPassword.Reveal, first.DemoPassword.Reveal);

        var routes = Services.GetRequiredService<RouteTable>();
        routes.AddEmbeddedIdentity(Services);
        routes.AddEmbeddedImages(Services);
        routes.AddEmbeddedNetwork(Services);
        routes.AddPlacement(Services);
        routes.MapTo(_app);
        await _app.StartAsync();
        Url = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Anonymous = Client(token: null);
        Admin = await Login("admin", AdminPassword, "admin");
        Demo = await Login("demo", DemoPassword, "demo");
    }
}

/// <summary>Short ways to ask and to look at an answer.</summary>
internal static class Http
{
    public static async Task<JsonElement> Json(this HttpClient client, string path, int status = 200) =>
        await (await client.GetAsync(path)).Json(status);

    public static async Task<JsonElement> Send(this HttpClient client, HttpMethod method, string path, object? body, int status)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        return await (await client.SendAsync(request)).Json(status);
    }

    public static async Task<JsonElement> Json(this HttpResponseMessage response, int status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} instead of {status}: {text}");
        return text.Length == 0 || text[0] == '<' ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    public static string Text(this JsonElement element, string path)
    {
        foreach (var part in path.Split('.'))
            element = int.TryParse(part, out var index) ? element[index] : element.GetProperty(part);
        return element.ToString();
    }

    public static JsonElement At(this JsonElement element, string name) => element.GetProperty(name);

    public static IEnumerable<string> Names(this JsonElement list, string member = "name") => list.EnumerateArray().Select(e => e.GetProperty(member).ToString());
}
