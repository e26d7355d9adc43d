using FluentAssertions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Identity.Keystone;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours.Keystone;

/// <summary>Tokens of a real Keystone: believed for a while, refused when it refuses, never open when it is away.</summary>
[Collection(nameof(KeystoneServer))]
public sealed class KeystoneIdentityTests(KeystoneServer keystone) : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Counter _counter = new();
    private readonly List<IDisposable> _made = [];

    [NeedsFact(Need.Keystone)]
    public async Task A_token_says_who_asks_for_what()
    {
        var (project, user) = await keystone.AddMember("who", "pw-who");
        var identity = New();

        var member = await Authenticate(identity, await keystone.Token("who", "pw-who", KeystoneServer.Project("who")));
        member.Should().BeEquivalentTo(
            new Caller { UserId = user, UserName = "who", UserDomainId = "default", ProjectId = project, ProjectName = "who", ProjectDomainId = "default", Roles = ["member", "reader"], ExpiresAt = member!.ExpiresAt },
            "the role reader is implied");
        member.ExpiresAt.Should().BeGreaterThan(_time.GetUtcNow().ToUnixTimeMilliseconds());

        var system = await Authenticate(identity, await keystone.Token("admin", KeystoneServer.Password, new { system = new { all = true } }));
        (system!.SystemScope, system.ProjectId, system.DomainId).Should().Be((true, null, null));
        system.Roles.Should().Contain("admin");
        var unscoped = await Authenticate(identity, await keystone.Token("who", "pw-who", null));
        (unscoped!.UserId, unscoped.ProjectId, unscoped.Roles.Count).Should().Be((user, null, 0));
    }

    [NeedsTheory(Need.Keystone)]
    [InlineData("nonsense")]
    [InlineData("gAAAAABrAb-Hq7t5xoSmwa8gM48EsBc26hZ0Jeo_-08gmIEdeWvPgvifq5uxKy0ylR31GRhYCYhH7O_26wlESotB")]
    [InlineData("")]
    [InlineData("naïve")]
    public async Task What_keystone_does_not_know_is_refused_and_asked_once(string token)
    {
        var identity = New();
        var before = _counter.Questions;

        (await Authenticate(identity, token)).Should().BeNull();
        (await Authenticate(identity, token)).Should().BeNull();
        (_counter.Questions - before).Should().BeLessThanOrEqualTo(1);
        (await Authenticate(identity, new string('x', 9000))).Should().BeNull();
    }

    [NeedsFact(Need.Keystone)]
    public async Task Requests_with_one_token_ask_once_and_again_when_the_answer_is_old()
    {
        var token = await keystone.Token("admin", KeystoneServer.Password, KeystoneServer.Project("admin"));
        var identity = New();

        var callers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Authenticate(identity, token)));
        callers.Should().NotContainNulls();
        _counter.Questions.Should().Be(1);

        _time.Advance(TimeSpan.FromSeconds(59));
        await Authenticate(identity, token);
        _counter.Questions.Should().Be(1);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Authenticate(identity, token);
        _counter.Questions.Should().Be(2);
    }

    [NeedsFact(Need.Keystone)]
    public async Task A_revoked_token_is_refused_when_the_answer_is_old()
    {
        await keystone.AddMember("gone", "pw-gone");
        var token = await keystone.Token("gone", "pw-gone", KeystoneServer.Project("gone"));
        var identity = New();
        (await Authenticate(identity, token)).Should().NotBeNull();

        await keystone.Ask(HttpMethod.Delete, "/auth/tokens", subject: token);
        (await Authenticate(identity, token)).Should().NotBeNull("the answer is believed for a minute");
        _time.Advance(TimeSpan.FromSeconds(61));
        (await Authenticate(identity, token)).Should().BeNull();
        (await Authenticate(New(new KeystoneSettings { CacheSeconds = 0 }), token)).Should().BeNull();
    }

    [NeedsFact(Need.Keystone)]
    public async Task While_keystone_is_away_known_tokens_hold_for_a_while_and_all_others_are_503()
    {
        var (known, other) = (
            await keystone.Token("admin", KeystoneServer.Password, KeystoneServer.Project("admin")),
            await keystone.Token("admin", KeystoneServer.Password, KeystoneServer.Project("admin")));
        var identity = New();
        (await Authenticate(identity, known)).Should().NotBeNull();
        await keystone.Stop();
        try
        {
            (await Authenticate(identity, known)).Should().NotBeNull();
            (await identity.Awaiting(i => Authenticate(i, other)).Should().ThrowAsync<Fault>()).Which.Kind.Should().Be(FaultKind.Unavailable);
            _time.Advance(TimeSpan.FromSeconds(61));
            (await identity.Awaiting(i => Authenticate(i, known)).Should().ThrowAsync<Fault>()).Which.RetryAfterSeconds.Should().Be(1);
        }
        finally
        {
            await keystone.Start();
        }

        (await Authenticate(identity, known)).Should().NotBeNull();
        (await Authenticate(identity, other)).Should().NotBeNull();
    }

    [NeedsFact(Need.Keystone)]
    public async Task When_this_services_token_is_revoked_it_gets_another()
    {
        var (token, second) = (
            await keystone.Token("admin", KeystoneServer.Password, KeystoneServer.Project("admin")),
            await keystone.Token("admin", KeystoneServer.Password, new { system = new { all = true } }));
        var identity = New();
        (await Authenticate(identity, token)).Should().NotBeNull();

        await keystone.Ask(HttpMethod.Delete, "/auth/tokens", subject: _counter.LastOwnToken);
        (await Authenticate(identity, second)).Should().NotBeNull();
    }

    [NeedsFact(Need.Keystone)]
    public async Task With_a_wrong_password_of_its_own_everything_is_503()
    {
        var token = await keystone.Token("admin", KeystoneServer.Password, KeystoneServer.Project("admin"));
        var identity = New(new KeystoneSettings { Password = new("wrong") });

        (await identity.Awaiting(i => Authenticate(i, token)).Should().ThrowAsync<Fault>()).Which.Kind.Should().Be(FaultKind.Unavailable);
    }

    [NeedsFact(Need.Keystone)]
    public async Task It_knows_which_projects_there_are()
    {
        var (project, _) = await keystone.AddMember("there", "pw-there");
        var projects = new KeystoneProjects(Client(new()));

        (await projects.Exists(project, default)).Should().BeTrue();
        (await projects.Exists("not-there", default)).Should().BeFalse();
        (await projects.Exists("../users", default)).Should().BeFalse();
    }

    public void Dispose() => _made.ForEach(m => m.Dispose());

    private KeystoneIdentity New(KeystoneSettings? settings = null)
    {
        settings ??= new();
        return new(Client(settings), settings, _time);
    }

    private KeystoneClient Client(KeystoneSettings settings)
    {
        var complete = settings with { Url = keystone.Url, Username = "admin", Project = "admin", Password = settings.Password ?? new Secret(KeystoneServer.Password) };
        var client = new KeystoneClient(complete, _time, NullLogger<KeystoneClient>.Instance, _counter.Over(KeystoneServer.NewHandler()));
        _made.Add(client);
        return client;
    }

    private static async Task<Caller?> Authenticate(KeystoneIdentity identity, string token) => await identity.Authenticate(token, new HeaderDictionary(), default);

    private sealed class Counter
    {
        private int _questions;

        public int Questions => _questions;

        public string LastOwnToken { get; private set; } = "";

        public HttpMessageHandler Over(HttpMessageHandler inner) => new Counting(this, inner);

        private sealed class Counting(Counter counter, HttpMessageHandler inner) : DelegatingHandler(inner)
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                if (request.Method == HttpMethod.Get)
                {
                    Interlocked.Increment(ref counter._questions);
                    counter.LastOwnToken = request.Headers.GetValues("X-Auth-Token").Single();
                }

                return base.SendAsync(request, cancellationToken);
            }
        }
    }
}
