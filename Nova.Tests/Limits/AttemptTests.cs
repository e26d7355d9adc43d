using Nova.Drivers.Identity.Embedded;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Limits;

/// <summary>Guessing passwords.</summary>
public sealed class AttemptTests : IAsyncLifetime
{
    private const string Here = "10.0.0.5";
    private static readonly IdentitySettings Settings = new() { PasswordRounds = 1000, FailuresPerMinute = 3, FailuresPerUser = 6, FailuresPerAddress = 9 };

    private readonly ManualTime _time = new();
    private readonly Passwords _passwords;
    private string _stored = "";

    public AttemptTests()
    {
        _passwords = new(Settings, new(new byte[32]), _time);
        _time.Advance(TimeSpan.FromHours(1));
    }

    public async Task InitializeAsync() => _stored = await _passwords.Hash("right", default);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task One_user_from_one_address()
    {
        await Fail("ada", Here, 3);

        Assert.Equal(20, (await Refused("ada", Here)).RetryAfterSeconds);
        Assert.True(await Right("ada", "10.0.0.6"));
        Assert.True(await Right("bob", Here));

        _time.Advance(TimeSpan.FromSeconds(20));
        await Fail("ada", Here, 1);
        await Refused("ada", Here);
    }

    [Fact]
    public async Task One_user_from_many_addresses()
    {
        for (var i = 0; i < 6; i++)
            await Fail("ada", $"10.0.1.{i}", 1);

        await Refused("ada", "10.0.1.99");
        Assert.True(await Right("bob", "10.0.1.99"));
    }

    [Fact]
    public async Task Many_users_from_one_address_also_within_one_network_of_IPv6()
    {
        for (var i = 0; i < 9; i++)
            await Fail($"user-{i}", $"2001:db8::{i + 1}", 1);

        await Refused("somebody", "2001:db8::ffff");
        Assert.True(await Right("somebody", "2001:db8:0:1::1"));
    }

    [Fact]
    public async Task Who_knows_the_password_is_neither_counted_nor_kept_out_by_guesses()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.True(await Right("ada", Here));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        for (var i = 0; i < 6; i++)
            await Fail("ada", $"10.0.1.{i}", 1);
        Assert.True(await Right("ada", Here));
    }

    [Fact]
    public async Task Guesses_that_come_at_once_do_not_pass_together()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            try
            {
                return await _passwords.Check("ada", Here, _stored, $"guess-{i}", default);
            }
            catch (Fault fault) when (fault.Kind == FaultKind.TooManyRequests)
            {
                return (bool?)null;
            }
        }));

        Assert.InRange(answers.Count(a => a == false), 3, 3 + Environment.ProcessorCount);
    }

    private Task<bool> Right(string user, string address) => _passwords.Check(user, address, _stored, "right", default);

    private async Task<Fault> Refused(string user, string address)
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => _passwords.Check(user, address, _stored, "wrong", default));
        Assert.Equal(FaultKind.TooManyRequests, fault.Kind);
        return fault;
    }

    private async Task Fail(string user, string address, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.False(await _passwords.Check(user, address, _stored, "wrong", default));
    }
}
