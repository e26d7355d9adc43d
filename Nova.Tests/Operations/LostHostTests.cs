using Nova.Modules.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

/// <summary>Hosts that are away for a moment are waited for: nobody gets an error only because a compute restarted.</summary>
public class LostHostTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_create_waits_for_hosts_that_restart(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        foreach (var host in cloud.HostIds)
            await cloud.LoseHost(host);

        var server = await cloud.Create();
        await cloud.Settle();

        Assert.Equal(VmStates.Active, (await cloud.Server(server)).VmState);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_create_that_lost_every_host_in_turn_goes_back_to_one_that_returned(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        cloud.Plan.On(Moment.BeforeStep, "spawn", _ => cloud.LoseTheHost(), FakeCloud.HostCount);

        var server = await cloud.Create();
        await cloud.Settle();

        Assert.Equal(FakeCloud.HostCount, cloud.Plan.Struck);
        Assert.Equal(VmStates.Active, (await cloud.Server(server)).VmState);
        await cloud.HostsComeBack();
        await cloud.Reconcile();
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Hosts_that_stay_away_end_in_no_valid_host_after_the_wait(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        foreach (var host in cloud.HostIds)
            await cloud.LoseHost(host, TimeSpan.FromHours(1));
        var began = cloud.Time.GetUtcNow();

        var server = await cloud.Create();
        await cloud.Settle();

        var row = await cloud.Server(server);
        Assert.Equal(VmStates.Error, row.VmState);
        Assert.Contains("No valid host was found.", row.Fault, StringComparison.Ordinal);
        Assert.Contains("3 are down", row.Fault, StringComparison.Ordinal);
        Assert.InRange((cloud.Time.GetUtcNow() - began).TotalSeconds, 60, 130);
        await cloud.HostsComeBack();
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_create_that_no_host_could_take_does_not_wait(string database)
    {
        await using var cloud = await FakeCloud.Start(database);
        foreach (var host in cloud.HostIds)
            await cloud.LoseHost(host, TimeSpan.FromHours(1));
        var began = cloud.Time.GetUtcNow();

        var server = await cloud.Create(memoryMb: 100_000_000);
        await cloud.Settle();

        Assert.Equal(VmStates.Error, (await cloud.Server(server)).VmState);
        Assert.Equal(began, cloud.Time.GetUtcNow());
        await cloud.HostsComeBack();
        await cloud.AssertNothingLeft();
    }
}
