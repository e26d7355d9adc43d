using System.Collections.Concurrent;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

/// <summary>Identifiers are in the order of their making, whatever the clock does.</summary>
public sealed class IdsTests
{
    private const int PerMillisecond = 4096;

    private readonly ManualTime _time = new();

    [Fact]
    public void Within_a_millisecond_and_beyond_they_rise()
    {
        var ids = new Ids(_time);
        var made = Enumerable.Range(0, 3 * PerMillisecond).Select(_ => ids.Next()).ToList();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        made.Add(ids.Next());

        Assert.Equal(made.Order(), made);
        Assert.Equal(made.Count, made.Distinct().Count());
        Assert.All(made, id => Assert.Equal((7, 8), (id.Version, id.Variant & 0xC)));
    }

    [Fact]
    public void They_carry_the_time()
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var id = new Ids(_time).Next();

        Assert.True(Ids.FirstAt(now) <= id && id < Ids.FirstAt(now + 1));
    }

    [Fact]
    public void Made_at_once_they_are_different_and_each_maker_sees_them_rise()
    {
        var (ids, all) = (new Ids(_time), new ConcurrentBag<Guid>());
        Parallel.For(0, 8, _ =>
        {
            var before = Guid.Empty;
            for (var i = 0; i < 2000; i++)
            {
                var id = ids.Next();
                Assert.True(id > before);
                all.Add(before = id);
            }
        });

        Assert.Equal(16_000, all.Distinct().Count());
    }
}
