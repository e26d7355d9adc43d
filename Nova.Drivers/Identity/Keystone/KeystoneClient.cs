using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;

namespace Nova.Drivers.Identity.Keystone;

/// <summary>
/// Questions to Keystone in the name of this service. Its own token is fetched when it is first needed, renewed before its
/// end, and once more when Keystone does not know it any longer.
/// </summary>
public sealed class KeystoneClient : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(2);

    private readonly KeystoneSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<KeystoneClient> _logger;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _questions;
    private readonly SemaphoreSlim _renewing = new(1);
    private volatile OwnToken? _own;

    /// <summary>Prepares the connections; the first question connects.</summary>
    /// <param name="settings">With address and password.</param>
    /// <param name="time">Says when the own token ends.</param>
    /// <param name="logger">Told why Keystone cannot be asked.</param>
    /// <param name="handler">Instead of sockets, for tests.</param>
    public KeystoneClient(KeystoneSettings settings, TimeProvider time, ILogger<KeystoneClient> logger, HttpMessageHandler? handler = null)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _questions = new(settings.ParallelQuestions);
        var address = settings.Url!.TrimEnd('/');
        _http = new(handler ?? Handler(settings))
        {
            BaseAddress = new((address.EndsWith("/v3", StringComparison.Ordinal) ? address : address + "/v3") + "/"),
            Timeout = TimeSpan.FromSeconds(settings.TimeoutSeconds),
        };
    }

    /// <summary>GET in this service's name; null when Keystone says that there is no such thing (404).</summary>
    /// <param name="path">Below <c>/v3/</c>.</param>
    /// <param name="subject">The token that is asked about, or null.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="Fault">503 when Keystone does not answer, answers an error of its own, or does not let this service ask.</exception>
    internal async Task<T?> Get<T>(string path, string? subject, CancellationToken ct) where T : class
    {
        await _questions.WaitAsync(ct);
        try
        {
            var own = await Own(null, ct);
            using var first = await Ask(path, own, subject, ct);
            if (first.StatusCode != HttpStatusCode.Unauthorized)
                return await Read<T>(first, ct);

            using var second = await Ask(path, await Own(own, ct), subject, ct);
            return await Read<T>(second, ct);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw Unavailable(e.Message);
        }
        finally
        {
            _questions.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        _questions.Dispose();
        _renewing.Dispose();
    }

    private Task<HttpResponseMessage> Ask(string path, string own, string? subject, CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Auth-Token", own);
        if (subject is not null && !request.Headers.TryAddWithoutValidation("X-Subject-Token", subject))
            throw new HttpRequestException("The token cannot be sent.");
        return _http.SendAsync(request, ct);
    }

    private async Task<T?> Read<T>(HttpResponseMessage answer, CancellationToken ct) where T : class => answer.StatusCode switch
    {
        HttpStatusCode.OK => await answer.Content.ReadFromJsonAsync<T>(Json, ct) ?? throw new JsonException("The answer is null."),
        HttpStatusCode.NotFound => null,
        _ => throw Unavailable($"{answer.RequestMessage?.RequestUri} was answered {(int)answer.StatusCode}."),
    };

    // The token of this service; another than the given one, which Keystone refused.
    private async Task<string> Own(string? refused, CancellationToken ct)
    {
        if (IsGood(_own, refused))
            return _own!.Text;

        await _renewing.WaitAsync(ct);
        try
        {
            return (IsGood(_own, refused) ? _own! : _own = await Login(ct)).Text;
        }
        finally
        {
            _renewing.Release();
        }
    }

    private bool IsGood(OwnToken? own, string? refused) => own is not null && own.Text != refused && _time.GetUtcNow() < own.RenewAt;

    private async Task<OwnToken> Login(CancellationToken ct)
    {
        var login = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                auth = new
                {
                    identity = new
                    {
                        methods = new[] { "password" },
                        password = new { user = new { name = _settings.Username, domain = new { name = _settings.UserDomain }, password = _settings.Password!.Value.Reveal } },
                    },
                    scope = new { project = new { name = _settings.Project, domain = new { name = _settings.ProjectDomain } } },
                },
            },
            Json);
        using var answer = await Post(login, ct);
        if (answer.StatusCode != HttpStatusCode.Created || !answer.Headers.TryGetValues("X-Subject-Token", out var tokens))
            throw Unavailable($"The login of user {_settings.Username} was answered {(int)answer.StatusCode}.");

        var token = await answer.Content.ReadFromJsonAsync<TokenAnswer>(Json, ct) ?? throw new JsonException("The answer is null.");
        var (now, left) = (_time.GetUtcNow(), token.Token.ExpiresAt - _time.GetUtcNow());
        return new(tokens.First(), now + (left > 2 * RenewBefore ? left - RenewBefore : left / 2));
    }

    // A connection that was kept may be closed by Keystone when it is used again: the library asks GETs once more by itself.
    private async Task<HttpResponseMessage> Post(byte[] login, CancellationToken ct)
    {
        try
        {
            return await Send();
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ResponseEnded)
        {
            return await Send();
        }

        // With its length: application servers that Keystone runs in do not take a body in chunks.
        async Task<HttpResponseMessage> Send()
        {
            using var body = new ByteArrayContent(login) { Headers = { ContentType = new("application/json") } };
            return await _http.PostAsync("auth/tokens?nocatalog", body, ct);
        }
    }

    private Fault Unavailable(string reason)
    {
        _logger.CannotAsk(_settings.Url!, reason);
        return new(FaultKind.Unavailable, Message.Of($"The identity service cannot be reached. Please try again."), reason) { RetryAfterSeconds = 1 };
    }

    private static SocketsHttpHandler Handler(KeystoneSettings settings)
    {
        // Connections end after a while, so that a name that moved is looked up again.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (settings.CaFile is { } file)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(file);
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }

        return handler;
    }

    private sealed record OwnToken(string Text, DateTimeOffset RenewAt);
}

internal static partial class KeystoneLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Keystone at {Url} cannot be asked: {Reason}")]
    public static partial void CannotAsk(this ILogger logger, string url, string reason);
}
