using Nova.Modules.Operations;
using Nova.Modules.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

/// <summary>Two conductors on one database: who is alive, who is not, and who may still do something.</summary>
public class ConductorTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(0.5);

    [Theory, OnSqlite, OnPostgres]
    public async Task A_silent_conductor_loses_its_operations_and_what_it_still_does_has_no_effect(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var server = await cloud.Create();
        await cloud.Settle();
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        cloud.Plan.On(Moment.BeforeStep, "power", async _ =>
        {
            reached.SetResult();
            await go.Task;
        });
        await cloud.Stop(server);
        await reached.Task.WaitAsync(Eventually.Limit);
        var operation = Assert.Single(await cloud.Unfinished());

        await using var other = await cloud.AddConductor();
        var begun = cloud.Time.GetUtcNow();
        using var stop = new CancellationTokenSource();
        var watching = other.Get<Conductor>().Watch(stop.Token);
        await Eventually.Is(async () =>
        {
            cloud.Time.Advance(Tick);
            return (await Row(cloud, operation.Id)).FinishedAt is not null;
        });
        Assert.True(cloud.Time.GetUtcNow() - begun >= TimeSpan.FromSeconds(2.5));
        Assert.Equal(VmStates.Stopped, (await cloud.Server(server)).VmState);
        Assert.Equal(other.Runner.Owner, (await Row(cloud, operation.Id)).Owner);

        // The first one wakes up: its command is of an older epoch, and its save of another owner.
        var ended = cloud.Now.Runner.WhenEnded(operation.Id);
        go.SetResult();
        await ended.WaitAsync(Eventually.Limit);
        Assert.Equal(0, cloud.Now.Runner.DrivenCount);
        Assert.Contains(cloud.Log.Lines, line => line.StartsWith("Refused a command", StringComparison.Ordinal));
        Assert.Contains(cloud.Log.Lines, line => line.EndsWith("belongs to another conductor now", StringComparison.Ordinal));
        var awake = cloud.Now.Get<Conductor>().Watch(stop.Token);
        cloud.Time.Advance(Tick);
        await Eventually.Is(async () => (await Counters(cloud)).Count == 2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => awake);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_conductor_that_renews_its_lease_keeps_its_operations(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var server = await cloud.Create();
        await cloud.Settle();
        var (reached, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        cloud.Plan.On(Moment.BeforeStep, "power", async _ =>
        {
            reached.SetResult();
            await go.Task;
        });
        await cloud.Stop(server);
        await reached.Task.WaitAsync(Eventually.Limit);
        await using var other = await cloud.AddConductor();
        using var stop = new CancellationTokenSource();
        Task[] watching = [cloud.Now.Get<Conductor>().Watch(stop.Token), other.Get<Conductor>().Watch(stop.Token)];

        for (var tick = 1; tick <= 20; tick++)
        {
            var before = await Counters(cloud);
            cloud.Time.Advance(Tick);
            await Eventually.Is(async () => (await Counters(cloud)).Zip(before).All(c => c.First > c.Second));
        }

        Assert.Equal(cloud.Now.Runner.Owner, Assert.Single(await cloud.Unfinished()).Owner);
        go.SetResult();
        await Eventually.Is(async () => (await cloud.Unfinished()).Count == 0);
        await stop.CancelAsync();
        foreach (var one in watching)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Operations_of_an_owner_that_is_known_no_more_are_taken_at_a_start(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        cloud.Plan.On(Moment.BeforeStep, "spawn", () => throw cloud.Now.Life.Die());
        var server = await cloud.Create();
        await cloud.Now.Life.Died.WaitAsync(Eventually.Limit);
        await cloud.Database.Write(tx => tx.Execute("DELETE FROM instances"), default);

        await cloud.Settle();

        Assert.Equal(VmStates.Active, (await cloud.Server(server)).VmState);
        await cloud.AssertNothingLeft();
    }

    private static async Task<OperationRow> Row(FakeCloud cloud, Guid id) => (await new OperationStore(cloud.Database).Find(id, default))!;

    private static Task<IReadOnlyList<long>> Counters(FakeCloud cloud) =>
        cloud.Database.Read(rows => rows.Query<long>("SELECT counter FROM instances ORDER BY id"), default);
}
