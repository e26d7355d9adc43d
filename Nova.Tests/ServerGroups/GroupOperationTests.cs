using Nova.Modules.Scheduling;
using Nova.Modules.ServerGroups;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Operations;
using Nova.Tests.Support;

namespace Nova.Tests.ServerGroups;

/// <summary>Members of groups as operations create them, whole, on the three hosts of the fake cloud.</summary>
public class GroupOperationTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task As_many_members_as_the_policy_allows_become_active_and_the_others_say_why_not(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind);
        var group = await Make(cloud, GroupPolicies.AntiAffinity, 2);

        var servers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => cloud.Create(placed: i % 3 != 0, group: group)));
        await cloud.Settle();

        var rows = await Task.WhenAll(servers.Select(cloud.Server));
        Assert.Equal(6, rows.Count(r => r.VmState == VmStates.Active));
        Assert.All(rows.Where(r => r.VmState == VmStates.Active).GroupBy(r => r.HostId), host => Assert.Equal(2, host.Count()));
        Assert.All(
            rows.Where(r => r.VmState == VmStates.Error),
            r => Assert.Contains("ServerGroupAntiAffinityFilter refused 3", ServerFault.Read(r.Fault!).Fault.Details, StringComparison.Ordinal));
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_scheduler_that_does_not_know_a_member_is_told_by_the_claim(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind);
        var group = await Make(cloud, GroupPolicies.AntiAffinity, 1);
        var servers = new[] { await cloud.Create(group: group), await cloud.Create(group: group) };
        await cloud.Settle();

        // As in a process that has heard of no member: only the third host is right.
        foreach (var server in servers)
            cloud.Now.Get<Scheduler>().MemberChanged(new(group.Id, server, null));
        var third = await cloud.Create(group: group);
        await cloud.Settle();

        Assert.Equal(VmStates.Active, (await cloud.Server(third)).VmState);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_member_that_is_deleted_makes_room(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind);
        var group = await Make(cloud, GroupPolicies.AntiAffinity, 1);
        var servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cloud.Create(group: group)));
        await cloud.Settle();
        await cloud.Delete(servers[1]);
        await cloud.Settle();
        await cloud.Restart();

        var fourth = await cloud.Create(group: group);
        await cloud.Settle();

        Assert.Equal((await cloud.Server(servers[1])).HostId, (await cloud.Server(fourth)).HostId);
        await cloud.AssertNothingLeft();
    }

    private static async Task<GroupRequest> Make(FakeCloud cloud, string policy, int most)
    {
        var group = new ServerGroup { Id = Guid.CreateVersion7(), ProjectId = FakeCloud.Project, UserId = "u", Name = "group", Policy = policy, MaxServerPerHost = most };
        await cloud.Database.Write(
            tx =>
            {
                cloud.Now.Get<ServerGroupStore>().Insert(tx, group);
                tx.Run("INSERT INTO quota_usages (project_id, user_id, resource, used) VALUES ($1, '', 'server_groups', 1)", FakeCloud.Project);
            }, default);
        return group.Request;
    }
}
