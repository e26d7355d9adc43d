using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Host;
using Nova.Tests.Support;
using Npgsql;
using Xunit.Abstractions;

namespace Nova.Tests.Secrets;

/// <summary>
/// A different word is given in every secret input, with success and with failure, while the log is at its most talkative.
/// Then log, tables and files are searched for the words.
/// </summary>
public sealed class SecretTests(ITestOutputHelper output) : IDisposable
{
    private const string Flavor = "canary-flavor";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _folder = Directory.CreateTempSubdirectory("nova-secrets").FullName;
    private readonly Canaries _canaries = new();

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("direct", "text")]
    [InlineData("grpc", "json")]
    public async Task No_secret_is_in_the_log_a_table_the_journal_or_any_other_file(string wire, string format)
    {
        using var pem = new PemFiles(_folder);
        pem.Issue("canaries").Dispose();
        foreach (var (number, line) in (await File.ReadAllLinesAsync(pem.Key)).Where(line => !line.StartsWith('-')).Index())
            _canaries.Learn($"TLS key, line {number}", line);

        await Serve(["--wire", wire, "--log", format, "--tls-certificate", pem.Certificate, "--tls-key", pem.Key]);

        Assert.Empty(FoundInFiles());

        // What is allowed to be there is found, so the search finds what is there.
        Assert.Contains("user data", _canaries.FoundIn(await File.ReadAllBytesAsync(Path.Combine(Data, "nova.db"))));
        output.WriteLine($"{Directory.GetFiles(Data, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length)} bytes searched");
    }

    [NeedsFact(Need.Postgres)]
    public async Task Nor_with_PostgreSQL_whose_own_password_is_one_of_them()
    {
        var database = PostgresServer.Shared.ConnectionString(await PostgresServer.Shared.CreateEmpty());
        await Serve(["--database", "postgres", "--connection", $"{database};Password={_canaries.Of("database password")}"]);

        var rows = new StringBuilder();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        foreach (var table in await Column(connection, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"))
            foreach (var row in await Column(connection, $"SELECT t::text FROM {table} t"))
                rows.AppendLine(row);

        Assert.True(rows.Length > 10_000, $"{rows.Length} characters of rows");
        Assert.Empty(_canaries.FoundIn(Encoding.UTF8.GetBytes(rows.ToString()), IsForOwner));
        Assert.Empty(FoundInFiles());
    }

    private IEnumerable<string> FoundInFiles() => Directory.GetFiles(Data, "*", SearchOption.AllDirectories)
        .SelectMany(file => _canaries.FoundIn(File.ReadAllBytes(file), Path.GetFileName(file).StartsWith("nova-host.", StringComparison.Ordinal) ? null : IsForOwner)
            .Select(input => $"{input} in {Path.GetRelativePath(Data, file)}"));

    // User data is shown to its owner and served to the guest, so it is kept; it is in no log.
    private static bool IsForOwner(string input) => input == "user data";

    private static async Task<List<string>> Column(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
            values.Add(reader.GetString(0));
        return values;
    }

    private async Task Serve(string[] options)
    {
        Directory.CreateDirectory(Data);
        var start = new ProcessStartInfo("dotnet", [typeof(Server).Assembly.Location, "--data", Data, "--driver", "fake", "--port", "0", "--admin-listen", "127.0.0.1:0", .. options])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder,
            Environment = { ["NOVA__LOG__LEVEL"] = "trace", ["NOVA__LOG__FILE"] = Path.Combine(Data, "nova-host.log"), ["NOVA__LOG__FILE_MB"] = "1024" },
        };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        var url = (await process.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException(await errors)).Split(' ')[1];
        try
        {
            using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
            using var http = new HttpClient(handler) { BaseAddress = new(url) };
            await GiveEverySecret(new(http, _canaries, OpenRc.Read(Path.Combine(Data, "openrc"))["OS_PASSWORD"]));
        }
        finally
        {
            using (var kill = Process.Start("kill", $"-TERM {process.Id}"))
                await kill.WaitForExitAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        // The log must be there, and talkative, for the search to mean anything.
        Assert.True(new FileInfo(Path.Combine(Data, "nova-host.log")).Length > 100_000);
        await File.WriteAllTextAsync(Path.Combine(Data, "nova-host.errors"), await errors, CancellationToken.None);
    }

    private static async Task GiveEverySecret(Client cloud)
    {
        await cloud.Begin(Flavor);
        await Users(cloud);
        await cloud.Post("/v2.1/os-keypairs", """{"keypair": {"name": "made"}}""", 201, "2.2", ("private key", ["keypair", "private_key"]));
        var server = await cloud.Create("good", "2.1", "");
        await cloud.Until(server, "ACTIVE");
        await Act(cloud, server, isGood: true);

        // The same where hosts fail, because what failed is told.
        foreach (var at in (string[])["spawn", "password", "rescue"])
        {
            var failing = await cloud.Create($"fails at {at}", "2.1", $$""", "metadata": {"fake:fail_at": "{{at}}"}""");
            await cloud.Until(failing, at == "spawn" ? "ERROR" : "ACTIVE");
            if (at != "spawn")
                await Act(cloud, failing, isGood: false);
            await cloud.Send(HttpMethod.Delete, $"/v2.1/servers/{failing}", null, null);
        }

        // And where nothing is done, because the request is refused.
        await cloud.Send(HttpMethod.Post, "/v2.1/servers", cloud.ServerBody("refused", $$""", "imageRef": "{{Guid.NewGuid()}}" """), null);
        await cloud.Send(HttpMethod.Post, "/v2.1/servers", cloud.ServerBody("broken", "")[..^3], null);
        await cloud.Send(HttpMethod.Post, "/v2.1/servers", cloud.ServerBody("wrong type", """, "min_count": {}"""), null);
        await cloud.Send(HttpMethod.Delete, $"/v2.1/servers/{server}", null, null);
    }

    private static async Task Users(Client cloud)
    {
        var words = cloud.Canaries;
        var user = await cloud.Post("/identity/v3/users", $$$"""{"user": {"name": "eve", "password": "{{{words.Of("user password")}}}"}}""", 201, null);
        var id = JsonNode.Parse(user)!["user"]!["id"]!.GetValue<string>();
        await cloud.Login("eve", words.Of("user password"), null, "user token");
        await cloud.Login("eve", words.Of("wrong password"), null, null);
        await cloud.Login("nobody", words.Of("password of nobody"), null, null);
        await cloud.Send(HttpMethod.Post, $"/identity/v3/users/{id}/password", $$$"""{"user": {"original_password": "{{{words.Of("user password")}}}", "password": "{{{words.Of("changed password")}}}"}}""", null);
        await cloud.Send(HttpMethod.Post, $"/identity/v3/users/{id}/password", $$$"""{"user": {"original_password": "{{{words.Of("wrong original")}}}", "password": "{{{words.Of("password not taken")}}}"}}""", null);
        await cloud.Send(HttpMethod.Patch, $"/identity/v3/users/{id}", $$$"""{"user": {"password": "{{{words.Of("set password")}}}"}}""", null);
        var token = await cloud.Login("eve", words.Of("set password"), null, "second user token");
        await cloud.Send(HttpMethod.Post, $"/identity/v3/users/{id}/application_credentials",
            $$$"""{"application_credential": {"name": "app", "secret": "{{{words.Of("application secret")}}}"}}""", null);
        await cloud.Send(HttpMethod.Post, "/identity/v3/auth/tokens",
            $$$$$"""{"auth": {"identity": {"methods": ["application_credential"], "application_credential": {"id": "none", "secret": "{{{{{words.Of("wrong application secret")}}}}}"}}}}""", null);
        await cloud.Send(HttpMethod.Post, "/identity/v3/auth/tokens", $$$$$"""{"auth": {"identity": {"methods": ["token"], "token": {"id": "{{{{{words.Of("token that is none")}}}}}"}}}}""", null);
        using var forged = new HttpRequestMessage(HttpMethod.Get, "/v2.1/servers") { Headers = { { "X-Auth-Token", words.Of("forged token") } } };
        using var refused = await cloud.Http.SendAsync(forged);
        using var revoke = new HttpRequestMessage(HttpMethod.Delete, "/identity/v3/auth/tokens") { Headers = { { "X-Auth-Token", token }, { "X-Subject-Token", token } } };
        using var revoked = await cloud.Http.SendAsync(revoke);
    }

    private static async Task Act(Client cloud, string server, bool isGood)
    {
        var words = cloud.Canaries;
        foreach (var (action, body) in (Dictionary<string, string>)new()
        {
            ["changed adminPass"] = $$$"""{"changePassword": {"adminPass": "{{{words.Of("changed adminPass")}}}"}}""",
            ["rebuilt adminPass"] = $$$"""{"rebuild": {"imageRef": "{{{cloud.Image}}}", "adminPass": "{{{words.Of("rebuilt adminPass")}}}", "personality": [{"path": "/root/key", "contents": "{{{Base64(words.Of("rebuilt personality"))}}}"}]}}""",
            ["rescue adminPass"] = $$$"""{"rescue": {"adminPass": "{{{words.Of("rescue adminPass")}}}"}}""",
            ["refused adminPass"] = $$$"""{"changePassword": {"adminPass": "{{{words.Of("refused adminPass")}}}", "unknown": 1}}""",
        })
        {
            var (code, text) = await cloud.Send(HttpMethod.Post, $"/v2.1/servers/{server}/action", body, null);
            Assert.True(!isGood || code == (action.StartsWith("refused", StringComparison.Ordinal) ? 400 : action.StartsWith("rescue", StringComparison.Ordinal) ? 200 : 202), $"{action}: {code} {text}");
            await cloud.UntilIdle(server);
        }
    }

    internal static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>The administrator, with the words.</summary>
    private sealed class Client(HttpClient http, Canaries canaries, string password)
    {
        private string _token = "";

        public HttpClient Http => http;

        public Canaries Canaries => canaries;

        public string Image { get; private set; } = "";

        public async Task Begin(string flavor)
        {
            _token = await Login("admin", password, "admin", "admin token");
            await Post("/v2.1/flavors", $$$"""{"flavor": {"id": "{{{flavor}}}", "name": "{{{flavor}}}", "ram": 64, "vcpus": 1, "disk": 0}}""", 200, null);
            var image = await Post("/image/v2/images", """{"name": "guest", "disk_format": "raw", "container_format": "bare"}""", 201, null);
            Image = JsonNode.Parse(image)!["id"]!.GetValue<string>();
            using var bytes = new HttpRequestMessage(HttpMethod.Put, $"/image/v2/images/{Image}/file") { Content = new ByteArrayContent(new byte[1024]), Headers = { { "X-Auth-Token", _token } } };
            bytes.Content.Headers.ContentType = new("application/octet-stream");
            using var answer = await http.SendAsync(bytes);
            Assert.True(answer.IsSuccessStatusCode);
        }

        public async Task<string> Login(string user, string secret, string? project, string? learn)
        {
            object identity = new { methods = new[] { "password" }, password = new { user = new { name = user, domain = new { id = "default" }, password = secret } } };
            object auth = project is null ? new { identity } : new { identity, scope = new { project = new { name = project, domain = new { id = "default" } } } };
            using var answer = await http.PostAsJsonAsync("/identity/v3/auth/tokens", new { auth });
            if (learn is null)
                return "";

            var token = answer.Headers.GetValues("X-Subject-Token").Single();
            canaries.Learn(learn, token[^40..]);
            return token;
        }

        public string ServerBody(string name, string more) =>
            $$$"""
            {"server": {"name": "{{{name}}}", "flavorRef": "{{{Flavor}}}", "imageRef": "{{{Image}}}", "adminPass": "{{{canaries.Of("adminPass")}}}",
             "user_data": "{{{Base64(canaries.Of("user data"))}}}", "personality": [{"path": "/etc/secret", "contents": "{{{Base64(canaries.Of("personality"))}}}"}]{{{more}}}}}
            """;

        public async Task<string> Create(string name, string version, string more) =>
            JsonNode.Parse(await Post("/v2.1/servers", ServerBody(name, more), 202, version))!["server"]!["id"]!.GetValue<string>();

        public async Task<string> Post(string path, string body, int status, string? version, params (string Input, string[] Way)[] learn)
        {
            var (code, text) = await Send(HttpMethod.Post, path, body, version);
            Assert.True(code == status, $"{path}: {code} {text}");
            foreach (var (input, way) in learn)
                canaries.Learn(input, LongestLine(way.Aggregate(JsonNode.Parse(text)!, (at, name) => at[name]!).GetValue<string>()));
            return text;
        }

        public async Task<(int Code, string Text)> Send(HttpMethod method, string path, string? body, string? version)
        {
            using var request = new HttpRequestMessage(method, path) { Headers = { { "X-Auth-Token", _token } } };
            if (version is not null)
                request.Headers.Add("OpenStack-API-Version", "compute " + version);
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await http.SendAsync(request);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        public Task Until(string server, string status) => Eventually.Is(async () => (await Server(server)).GetProperty("status").GetString() == status);

        public Task UntilIdle(string server) => Eventually.Is(async () => (await Server(server)).GetProperty("OS-EXT-STS:task_state").ValueKind == JsonValueKind.Null);

        private async Task<JsonElement> Server(string id) => JsonSerializer.Deserialize<JsonElement>((await Send(HttpMethod.Get, $"/v2.1/servers/{id}", null, null)).Text).GetProperty("server");

        private static string LongestLine(string text) => text.Split('\n').Skip(2).MaxBy(line => line.Length)!;
    }
}
