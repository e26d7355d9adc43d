using Nova.Drivers.Network.Embedded;
using Nova.Tests.Support;

namespace Nova.Tests.Network;

public class AddressTests
{
    [Theory]
    [InlineData("10.0.0.7/24", "10.0.0.0/24")]
    [InlineData("10.0.0.7", "10.0.0.7/32")]
    [InlineData("fd00::1/64", "fd00::/64")]
    [InlineData("::/0", "::/0")]
    [InlineData("10.0.0.0/33", null)]
    [InlineData("10.0.0/24", null)]
    [InlineData("fe80::1%eth0", null)]
    public void A_prefix_is_read_and_written(string text, string? canonical) =>
        Assert.Equal(canonical, Cidr.TryParse(text, out var cidr) ? cidr.ToString() : null);

    [Theory, OnSqlite, OnPostgres]
    public async Task Ranges_stay_exact_whatever_is_taken_and_given_back(string kind)
    {
        await using var lab = await NetworkLab.Start(kind);
        await lab.AddNetwork("net", "demo", "10.1.0.0/26");
        var subnet = (await lab.Pictures.Get(CancellationToken.None)).Subnets.Keys.Single();
        var random = new Random(3);
        var taken = new List<long>();
        for (var i = 0; i < 400; i++)
            await lab.Database.Write(
                tx =>
                {
                    if (random.Next(5) < 3 && AddressRanges.Take(tx, subnet) is { } offset)
                        taken.Add(offset);
                    else if (taken.Count > 0)
                        AddressRanges.Give(tx, subnet, Pull(taken, random));
                },
                default);

        Assert.Equal(taken.Count, taken.Distinct().Count());
        foreach (var offset in taken)
            await lab.Database.Write(tx => AddressRanges.Give(tx, subnet, offset), default);
        Assert.Equal(1, await lab.Count("SELECT count(*) FROM address_ranges"));
        await lab.AssertAddressesAddUp();
    }

    [Fact]
    public void A_MAC_follows_from_the_port_and_differs_at_the_next_attempt()
    {
        var port = Guid.Parse("0192aaaa-bbbb-7ccc-8ddd-0123456789ab");
        Assert.Equal("fa:16:3e:67:89:ab", MacAddresses.Of(port, 0));
        Assert.NotEqual(MacAddresses.Of(port, 1), MacAddresses.Of(port, 2));
        Assert.Equal(0xf8163efffe6789abUL, MacAddresses.InterfaceId("fa:16:3e:67:89:ab"));
        Assert.Null(MacAddresses.Normalize("01:00:00:00:00:01"));
        Assert.Equal("fa:16:3e:00:00:0a", MacAddresses.Normalize("FA-16-3E-00-00-0A"));
    }

    private static long Pull(List<long> values, Random random)
    {
        var at = random.Next(values.Count);
        var value = values[at];
        values.RemoveAt(at);
        return value;
    }

    private static IEnumerable<uint> Expand(string prefix)
    {
        Assert.True(Cidr.TryParse(prefix, out var cidr));
        for (var i = 0u; i <= (uint)cidr.LastOffset; i++)
            yield return (uint)cidr.At(i).Value;
    }
}
