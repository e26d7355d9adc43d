using Nova.Modules.Operations;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Audit;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

/// <summary>Patience with what passes, and what is done about what does not.</summary>
public class StuckTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_step_is_tried_for_an_hour_with_growing_pauses_and_is_then_stuck(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var tries = new List<DateTimeOffset>();
        var server = await StopThatNeverWorks(cloud, () => tries.Add(cloud.Time.GetUtcNow()));

        var pauses = tries.Zip(tries.Skip(1), (a, b) => (b - a).TotalSeconds).ToList();
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], pauses.Take(8));
        Assert.All(pauses.Skip(6), pause => Assert.Equal(60, pause));
        Assert.InRange((tries[^1] - tries[0]).TotalMinutes, 60, 62);
        Assert.Equal(TaskStates.PoweringOff, (await cloud.Server(server)).TaskState);
        var finding = Assert.Single((await cloud.Now.Get<ServerAudit>().Run(default)).Findings);
        Assert.Contains("stuck", finding.Problem, StringComparison.Ordinal);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_stuck_operation_stays_so_over_a_restart_and_can_be_resumed(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var server = await StopThatNeverWorks(cloud);
        await cloud.Restart();
        await cloud.Settle();
        var stuck = Assert.Single(await cloud.Unfinished());
        Assert.Equal(OperationStatus.Stuck, stuck.Status);

        cloud.Plan.Clear();
        await cloud.Now.Get<OperationRescue>().Resume(stuck.Id, default);
        await cloud.Settle();

        Assert.Equal(VmStates.Stopped, (await cloud.Server(server)).VmState);
        await cloud.AssertNothingLeft();
        await Assert.ThrowsAsync<Fault>(() => cloud.Now.Get<OperationRescue>().Resume(stuck.Id, default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_stuck_operation_can_be_unwound(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var server = await StopThatNeverWorks(cloud);

        await cloud.Now.Get<OperationRescue>().Unwind(Assert.Single(await cloud.Unfinished()).Id, default);
        await cloud.Settle();

        var row = await cloud.Server(server);
        Assert.Equal((VmStates.Active, null), (row.VmState, row.TaskState));
        Assert.NotNull(row.Fault);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task An_operation_past_the_point_of_no_return_can_only_be_resumed(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var server = await cloud.Create();
        await cloud.Settle();
        cloud.Plan.On(Moment.BeforeStep, "finish", () => throw new InvalidOperationException("a bug"), int.MaxValue);
        await cloud.Stop(server);
        await cloud.Settle();
        var stuck = Assert.Single(await cloud.Unfinished());

        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => cloud.Now.Get<OperationRescue>().Unwind(stuck.Id, default))).Kind);
        cloud.Plan.Clear();
        await cloud.Now.Get<OperationRescue>().Resume(stuck.Id, default);
        await cloud.Settle();

        Assert.Equal(VmStates.Stopped, (await cloud.Server(server)).VmState);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_delete_ends_a_stuck_operation(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var server = await StopThatNeverWorks(cloud);

        await cloud.Delete(server);
        await cloud.Settle();

        Assert.Equal(VmStates.Deleted, (await cloud.Server(server)).VmState);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task An_undo_that_fails_for_good_is_stuck_until_it_is_resumed(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        cloud.Plan.On(Moment.BeforeStep, "finish", () => throw new InvalidOperationException("a bug"));
        cloud.Plan.On(Moment.BeforeUndo, "spawn", () => throw new Fault(FaultKind.Internal, Message.Of($"This was meant to fail.")), int.MaxValue);
        var server = await cloud.Create();
        await cloud.Settle();
        var stuck = Assert.Single(await cloud.Unfinished());
        Assert.Equal((OperationStatus.Stuck, "spawn"), (stuck.Status, stuck.Step));

        cloud.Plan.Clear();
        await cloud.Now.Get<OperationRescue>().Resume(stuck.Id, default);
        await cloud.Settle();

        Assert.Equal(VmStates.Error, (await cloud.Server(server)).VmState);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_delete_that_waits_keeps_its_task_state_while_the_other_operation_finishes(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        var server = await cloud.Create();
        await cloud.Settle();
        (string VmState, string? TaskState) seen = default;
        cloud.Plan.On(Moment.AfterStep, "power", _ => cloud.DeleteTheOne());
        cloud.Plan.On(Moment.BeforeStep, "destroy", async _ => seen = await cloud.Server(server) is var row ? (row.VmState, row.TaskState) : default);

        await cloud.Stop(server);
        await cloud.Settle();

        Assert.Equal((VmStates.Stopped, TaskStates.Deleting), seen);
        await cloud.AssertNothingLeft();
    }

    private static async Task<Guid> StopThatNeverWorks(FakeCloud cloud, Action? seen = null)
    {
        var server = await cloud.Create();
        await cloud.Settle();
        cloud.Plan.On(Moment.BeforeStep, "power", () =>
        {
            seen?.Invoke();
            throw Fault.Unavailable($"This was meant to fail in passing.");
        }, int.MaxValue);
        await cloud.Stop(server);
        await cloud.Settle();
        return server;
    }
}
