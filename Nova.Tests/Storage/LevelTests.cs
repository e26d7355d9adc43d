using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

/// <summary>What may be used during an upgrade, with a release of level 2 that does not exist yet.</summary>
public sealed class LevelTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task What_level_2_brought_is_used_when_the_last_member_of_level_1_is_gone(string kind)
    {
        var time = new ManualTime();
        await using var home = await TestDatabases.Create(kind, time);
        await Join(home, "old", 1);
        await Join(home, "new", 2);
        var levels = new Levels(new(2, 2));
        var feature = levels.At(new(2, 2));
        Assert.False(feature.IsOn);

        using var stop = new CancellationTokenSource();
        var following = levels.Follow(home.Database, time, stop.Token);
        await Eventually.Is(() => Task.FromResult(time.Waiting > 0));
        Assert.False(feature.IsOn);

        await home.Database.Write(tx => tx.Execute("DELETE FROM services WHERE host = 'old'"), default);
        await Eventually.Is(() => { time.Advance(TimeSpan.FromSeconds(5)); return Task.FromResult(feature.IsOn); });

        await Join(home, "late", 1);
        await Eventually.Is(() => { time.Advance(TimeSpan.FromSeconds(5)); return Task.FromResult(!feature.IsOn); });
        Assert.Equal(new(1, 1), levels.Cloud);
        Assert.True(levels.At(new(1, 1)).IsOn);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    private static Task Join(TestDatabase home, string host, int level) => home.Database.Write(
        tx => tx.Execute(
            """
            INSERT INTO services (id, number, binary_name, host, disabled, forced_down, release, wire_level, schema_level, created_at, updated_at)
            VALUES (@id, (SELECT COALESCE(MAX(number), 0) + 1 FROM services), 'nova-compute', @host, FALSE, FALSE, '1', @level, @level, 0, 0)
            """, new { id = Guid.NewGuid(), host, level }), default);
}
