using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours.Keystone;

/// <summary>A real Keystone, Debian's, in a directory of its own on a free port of loopback, with one administrator.</summary>
public sealed class KeystoneServer : IAsyncLifetime
{
    /// <summary>The administrator's password; the user, its project and its role are called admin.</summary>
    public const string Password = "canary-keystone-admin";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("nova-keystone-");
    private readonly HttpClient _http = new(NewHandler());
    private Process? _process;
    private string _admin = "";

    /// <summary>
    /// A connection for each request: Keystone's test server serves one connection at a time, and is killed and started again
    /// while others would keep theirs.
    /// </summary>
    public static SocketsHttpHandler NewHandler() => new() { PooledConnectionLifetime = TimeSpan.Zero };

    /// <summary>The address, with its version.</summary>
    public string Url { get; private set; } = "";

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        if (Machine.ReasonToSkip(Need.Keystone) is not null)
            return;

        var port = FreePort();
        Url = $"http://127.0.0.1:{port}/v3";
        await File.WriteAllTextAsync(Config, $"""
            [database]
            connection = sqlite:///{_directory.FullName}/keystone.db
            [fernet_tokens]
            key_repository = {_directory.FullName}/tokens
            [credential]
            key_repository = {_directory.FullName}/credentials
            [cache]
            enabled = false
            """);
        foreach (var keys in (string[])["tokens", "credentials"])
            Directory.CreateDirectory(Path.Combine(_directory.FullName, keys), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await Manage("db_sync");
        await LetReadersBeBesideWriters();
        await Manage("fernet_setup", "--keystone-user", Environment.UserName, "--keystone-group", Environment.UserName);
        await Manage("credential_setup", "--keystone-user", Environment.UserName, "--keystone-group", Environment.UserName);
        await Manage("bootstrap", "--bootstrap-password", Password, "--bootstrap-public-url", Url, "--bootstrap-admin-url", Url, "--bootstrap-region-id", "RegionOne");
        await Start();
        _admin = await Token("admin", Password, Project("admin"));
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await Stop();
        _http.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>Starts it on the port that it had.</summary>
    public async Task Start()
    {
        var port = new Uri(Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _process = Process.Start(new ProcessStartInfo("/usr/bin/keystone-wsgi-public", ["-b", "127.0.0.1", "-p", port, "--", "--config-file", Config]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Eventually.Is(async () =>
        {
            Assert.False(_process.HasExited, "Keystone ended instead of starting.");
            try
            {
                return (await _http.GetAsync(new Uri(Url))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    /// <summary>Ends it; nothing answers at its address any more.</summary>
    public async Task Stop()
    {
        if (_process is null)
            return;

        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>A token by password.</summary>
    public async Task<string> Token(string user, string password, object? scope)
    {
        var identity = new { methods = new[] { "password" }, password = new { user = new { name = user, domain = new { id = "default" }, password } } };
        object auth = scope is null ? new { identity, scope = "unscoped" } : new { identity, scope };
        using var answer = await _http.PostAsync(Url + "/auth/tokens", Json(new { auth }));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return answer.Headers.GetValues("X-Subject-Token").Single();
    }

    /// <summary>The scope of a project in the domain default.</summary>
    public static object Project(string name) => new { project = new { name, domain = new { id = "default" } } };

    /// <summary>A request of the administrator.</summary>
    public async Task<JsonElement> Ask(HttpMethod method, string path, object? body = null, string? subject = null)
    {
        using var request = new HttpRequestMessage(method, Url + path) { Content = body is null ? null : Json(body) };
        request.Headers.Add("X-Auth-Token", _admin);
        if (subject is not null)
            request.Headers.Add("X-Subject-Token", subject);
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>A project with a user who is member there; the answers are their ids.</summary>
    public async Task<(string Project, string User)> AddMember(string name, string password)
    {
        var project = (await Ask(HttpMethod.Post, "/projects", new { project = new { name } })).GetProperty("project").GetProperty("id").GetString()!;
        var user = (await Ask(HttpMethod.Post, "/users", new { user = new { name, password } })).GetProperty("user").GetProperty("id").GetString()!;
        var role = (await Ask(HttpMethod.Get, "/roles?name=member")).GetProperty("roles")[0].GetProperty("id").GetString();
        await Ask(HttpMethod.Put, $"/projects/{project}/users/{user}/roles/{role}");
        return (project, user);
    }

    // With its length: Keystone's test server does not take a body in chunks.
    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), System.Text.Encoding.UTF8, "application/json");

    private string Config => Path.Combine(_directory.FullName, "keystone.conf");

    // Keystone reads in one connection what it changes in another; without WAL the commit waits for itself.
    private async Task LetReadersBeBesideWriters()
    {
        await using var connection = new SqliteConnection($"Data Source={_directory.FullName}/keystone.db;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        Assert.Equal("wal", await command.ExecuteScalarAsync());
    }

    private async Task Manage(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/keystone-manage", ["--config-file", Config, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var (errors, output) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"keystone-manage {arguments[0]}: {await output}{await errors}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Its tests share one and run one after another, because some of them stop it.</summary>
[CollectionDefinition(nameof(KeystoneServer))]
public sealed class KeystoneServerGroup : ICollectionFixture<KeystoneServer>;
