using System.Net;
using Nova.Modules.Shared.Limits;
using Nova.Tests.Support;

namespace Nova.Tests.Limits;

public sealed class RateLimitTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void So_many_in_a_minute_all_at_once_or_spread()
    {
        var limit = new RateLimit<string>(_time);

        for (var i = 0; i < 60; i++)
            Assert.Equal(TimeSpan.Zero, limit.Take("ada", 60));
        Assert.Equal(TimeSpan.FromSeconds(1), limit.Take("ada", 60));
        Assert.Equal(TimeSpan.FromSeconds(1), limit.WaitOf("ada", 60));
        Assert.Equal(TimeSpan.Zero, limit.Take("bob", 60));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, limit.WaitOf("ada", 60));
        Assert.Equal(TimeSpan.Zero, limit.Take("ada", 60));
        Assert.Equal(TimeSpan.FromSeconds(1), limit.Take("ada", 60));

        _time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 60; i++)
            Assert.Equal(TimeSpan.Zero, limit.Take("ada", 60));
        Assert.NotEqual(TimeSpan.Zero, limit.Take("ada", 60));
    }

    [Fact]
    public void Keys_that_used_nothing_lately_make_room()
    {
        var limit = new RateLimit<int>(_time, mostKeys: 100);
        for (var key = 0; key < 100; key++)
            limit.Take(key, 60);

        _time.Advance(TimeSpan.FromMinutes(1));
        limit.Take(100, 60);

        Assert.Equal(1, limit.Count);
    }

    [Fact]
    public void Too_many_keys_share_places_and_are_limited_all_the_same()
    {
        var limit = new RateLimit<int>(_time, mostKeys: 100);
        for (var key = 0; key < 100_000; key++)
            limit.Take(key, 1);

        Assert.Equal(100, limit.Count);
        Assert.NotEqual(TimeSpan.Zero, limit.Take(5, 1));
        Assert.NotEqual(TimeSpan.Zero, limit.Take(99_999, 1));
    }

    [Fact]
    public async Task Exactly_as_many_pass_when_all_come_at_once()
    {
        var limit = new RateLimit<string>(_time);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Count(_ => limit.Take("ada", 500) == TimeSpan.Zero))));

        Assert.Equal(500, taken.Sum());
    }

    [Theory]
    [InlineData("10.0.0.5", "10.0.0.5")]
    [InlineData("::ffff:10.0.0.5", "10.0.0.5")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public void A_host_has_all_64_bits_of_its_network(string address, string key) => Assert.Equal(key, AddressKey.Of(IPAddress.Parse(address)).ToString());
}
