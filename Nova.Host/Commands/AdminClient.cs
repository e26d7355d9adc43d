using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Host.Configuration;
using Nova.Host.Tls;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary>Asks the admin API of the running instance, in the name of the administrator.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly BoundSettings _settings;

    public AdminClient(BoundSettings settings)
    {
        var server = settings.Get<ServerSettings>();
        var host = server.Address.Equals(System.Net.IPAddress.Any) ? "127.0.0.1" : server.Address.Equals(System.Net.IPAddress.IPv6Any) ? "[::1]" : server.Address.ToString();
        var tls = settings.Get<TlsSettings>();
        _settings = settings;
        _http = TlsTrust.Client(tls, Variables().GetValueOrDefault("OS_CACERT"));
        _http.BaseAddress = new($"{(tls.IsOn ? "https" : "http")}://{host}:{server.Port}");
        _http.Timeout = TimeSpan.FromSeconds(30);
    }

    /// <summary>The answer's document.</summary>
    /// <exception cref="StartupFailure">Nobody answers, or the answer is a refusal.</exception>
    public async Task<JsonNode> Ask(HttpMethod method, string path, CancellationToken ct, JsonObject? body = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Add("X-Auth-Token", await Token(ct));
            request.Content = body is null ? null : JsonContent.Create(body);
            using var answer = await _http.SendAsync(request, ct);
            return await Document(answer, ct);
        }
        catch (HttpRequestException e)
        {
            throw new StartupFailure(
                ExitCode.Refused, $"no instance answers at {_http.BaseAddress}: {e.Message}. Say where it is with --port, --listen, --config and --data, as it was started.", e);
        }
        catch (TaskCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new StartupFailure(ExitCode.Refused, $"the instance at {_http.BaseAddress} did not answer within 30 s.", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> Token(CancellationToken ct)
    {
        if (_settings.Get<IdentitySettings>().Kind == IdentityKind.Test)
            return "admin";

        var variables = Variables();
        if (variables.Count == 0)
            throw new StartupFailure(ExitCode.Refused, $"no credentials: the shell has no OS_* variables, and {CredentialsFile} cannot be read.");
        if (variables.GetValueOrDefault("OS_TOKEN") is { } token)
            return token;

        var login = new JsonObject
        {
            ["auth"] = new JsonObject
            {
                ["identity"] = new JsonObject
                {
                    ["methods"] = new JsonArray("password"),
                    ["password"] = new JsonObject
                    {
                        ["user"] = new JsonObject
                        {
                            ["name"] = variables["OS_USERNAME"],
                            ["password"] = variables["OS_PASSWORD"],
                            ["domain"] = new JsonObject { ["id"] = variables.GetValueOrDefault("OS_USER_DOMAIN_ID", "default") },
                        },
                    },
                },
                ["scope"] = new JsonObject
                {
                    ["project"] = new JsonObject
                    {
                        ["name"] = variables["OS_PROJECT_NAME"],
                        ["domain"] = new JsonObject { ["id"] = variables.GetValueOrDefault("OS_PROJECT_DOMAIN_ID", "default") },
                    },
                },
            },
        };
        using var answer = await _http.PostAsJsonAsync($"{variables["OS_AUTH_URL"].TrimEnd('/')}/auth/tokens", login, ct);
        await Document(answer, ct);
        return answer.Headers.GetValues("X-Subject-Token").First();
    }

    private string CredentialsFile => Path.Combine(_settings.Get<ServerSettings>().Data, "openrc");

    /// <summary>The OS_* variables of the shell, where it has them all; else those of DIR/openrc; none when that cannot be read.</summary>
    private IReadOnlyDictionary<string, string> Variables()
    {
        string[] names = ["OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID", "OS_TOKEN", "OS_CACERT"];
        var shell = names.Select(name => (name, value: Environment.GetEnvironmentVariable(name))).Where(v => v.value is not null).ToDictionary(v => v.name, v => v.value!);
        if (shell.ContainsKey("OS_TOKEN") || names[..4].All(shell.ContainsKey))
            return shell;

        try
        {
            return OpenRc.Read(CredentialsFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Dictionary<string, string>();
        }
    }

    private static async Task<JsonNode> Document(HttpResponseMessage answer, CancellationToken ct)
    {
        var text = await answer.Content.ReadAsStringAsync(ct);
        if (answer.IsSuccessStatusCode)
            return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text) ?? new JsonObject();

        throw new StartupFailure(ExitCode.Refused, $"the instance refused ({(int)answer.StatusCode}): {Sentence(text)}");
    }

    // Every fault document is an object with one member whose value has a message.
    private static string Sentence(string text)
    {
        try
        {
            return (JsonNode.Parse(text) as JsonObject)?.FirstOrDefault().Value?["message"]?.GetValue<string>() ?? text;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return text;
        }
    }
}
