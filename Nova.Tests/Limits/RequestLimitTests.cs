using System.Net;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Limits;
using Nova.Tests.Support;

namespace Nova.Tests.Limits;

/// <summary>How many requests one client may make: counted here with a clock of the test, and seen over HTTP.</summary>
public sealed class RequestLimitTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Users_projects_and_addresses_are_counted_apart()
    {
        var limits = new RequestLimits(new() { RequestsPerUser = 2, RequestsPerProject = 3, RequestsPerAddress = 4 }, _time);

        limits.CountCaller(Of("ada", "blue"));
        limits.CountCaller(Of("ada", "blue"));
        Assert.Equal(30, Assert.Throws<Fault>(() => limits.CountCaller(Of("ada", "red"))).RetryAfterSeconds);
        limits.CountCaller(Of("bob", "blue"));
        Assert.Equal(20, Assert.Throws<Fault>(() => limits.CountCaller(Of("bob", "blue"))).RetryAfterSeconds);

        for (var i = 0; i < 4; i++)
            limits.CountAddress(IPAddress.Loopback);
        Assert.Equal((FaultKind.TooManyRequests, 15), Assert.Throws<Fault>(() => limits.CountAddress(IPAddress.Loopback)) is var fault ? (fault.Kind, fault.RetryAfterSeconds) : default);
        _time.Advance(TimeSpan.FromSeconds(15));
        limits.CountAddress(IPAddress.Loopback);
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        var limits = new RequestLimits(new() { RequestsPerUser = 0, RequestsPerProject = 0, RequestsPerAddress = 0 }, _time);
        for (var i = 0; i < 1000; i++)
        {
            limits.CountAddress(IPAddress.Loopback);
            limits.CountCaller(Of("ada", "blue"));
        }
    }

    [Theory]
    [InlineData("/v2.1/flavors", "overLimit")]
    [InlineData("/placement/resource_providers", "errors")]
    [InlineData("/network/v2.0/networks", "NeutronError")]
    [InlineData("/image/v2/images", null)]
    [InlineData("/nova-host/v1/operations", "overLimit")]
    public async Task Over_HTTP_it_is_429_in_the_form_of_each_API(string path, string? member)
    {
        await using var cloud = new Limited("limits.requests_per_user", "1");
        await cloud.As("ada:blue").Get("/v2.1/limits");

        var answer = (await cloud.As("ada:blue").Get(path)).Is(429);

        Assert.InRange(int.Parse(answer.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        if (member is not null)
            Assert.Equal(member, answer.Json.EnumerateObject().First().Name);
        if (member == "overLimit")
            Assert.Equal(429, answer["overLimit", "code"].GetInt32());
        (await cloud.As("bob:blue").Get(path)).Is(path.StartsWith("/nova-host", StringComparison.Ordinal) || path.StartsWith("/placement", StringComparison.Ordinal) ? 403 : 200);
    }

    [Fact]
    public async Task An_address_is_the_clients_only_when_a_proxy_of_ours_says_so()
    {
        await using var trusting = new Limited("limits.requests_per_address", "1", "http.trusted_proxies", "127.0.0.1,10.1.0.0/16");
        (await trusting.As("ada:blue").With("X-Forwarded-For", "192.0.2.1").Get("/v2.1/limits")).Is(200);
        (await trusting.As("ada:blue").With("X-Forwarded-For", "192.0.2.1").Get("/v2.1/limits")).Is(429);
        (await trusting.As("ada:blue").With("X-Forwarded-For", "192.0.2.2").Get("/v2.1/limits")).Is(200);

        // What the client wrote itself stands in front of what our proxies wrote.
        (await trusting.As("ada:blue").With("X-Forwarded-For", "198.51.100.7, 192.0.2.2").Get("/v2.1/limits")).Is(429);
        (await trusting.As("ada:blue").With("X-Forwarded-For", "198.51.100.8, 192.0.2.2, 10.1.2.3").Get("/v2.1/limits")).Is(429);
        (await trusting.As("ada:blue").With("X-Forwarded-For", "192.0.2.3:4711, 10.1.2.3").Get("/v2.1/limits")).Is(200);
        (await trusting.As("ada:blue").With("X-Forwarded-For", "192.0.2.3").Get("/v2.1/limits")).Is(429);

        await using var plain = new Limited("limits.requests_per_address", "1");
        (await plain.As("ada:blue").With("X-Forwarded-For", "192.0.2.1").Get("/v2.1/limits")).Is(200);
        (await plain.As("ada:blue").With("X-Forwarded-For", "192.0.2.2").Get("/v2.1/limits")).Is(429);
    }

    private static Caller Of(string user, string project) => new() { UserId = user, ProjectId = project };

    private sealed class Limited(params string[] settings) : IAsyncDisposable
    {
        private readonly Cloud _cloud = new(settings.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]));
        private bool _runs;

        public LimitedClient As(string token) => new(this, token);

        public async Task<CloudClient> Client(string token)
        {
            if (!_runs)
                await _cloud.InitializeAsync();
            _runs = true;
            return _cloud.As(token);
        }

        public async ValueTask DisposeAsync() => await _cloud.DisposeAsync();
    }

    private sealed class Cloud(IReadOnlyDictionary<string, string> changed) : TestCloud
    {
        protected override IReadOnlyDictionary<string, string> Changed => changed;
    }

    private sealed record LimitedClient(Limited Cloud, string Token, string? Header = null, string? Value = null)
    {
        public LimitedClient With(string header, string value) => this with { Header = header, Value = value };

        public async Task<CloudAnswer> Get(string path)
        {
            var client = await Cloud.Client(Token);
            return await (Header is null ? client : client.With(Header, Value!)).Get(path);
        }
    }
}
