using FluentAssertions;
using Nova.Modules.Quotas;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Operations;

/// <summary>Many servers with one request: one choice, a transaction for each hundred.</summary>
public sealed class MultiCreateTests
{
    private const string ManySmall = """[{"vcpus": 64, "memory_mb": 262144, "disk_gb": 4000}]""";

    [Theory, OnSqlite, OnPostgres]
    public async Task A_request_for_many_is_accepted_slice_by_slice(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind, profiles: ManySmall);

        var servers = await cloud.Create(FakeCloud.Flavor with { MemoryMb = 64 }, 230);
        await cloud.Settle();

        servers.Select(s => s.LaunchIndex).Should().Equal(Enumerable.Range(0, 230));
        servers.Select(s => s.ReservationId).Distinct().Should().ContainSingle();
        var now = new List<Server>();
        foreach (var server in servers)
            now.Add(await cloud.Server(server.Id));
        now.Should().OnlyContain(s => s.VmState == VmStates.Active);
        now.CountBy(s => s.Host!).Should().HaveCount(3, "they spread over all hosts");
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_was_accepted_stays_when_others_take_the_quota_meanwhile_and_it_is_enough(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind, profiles: ManySmall);
        await Limit(cloud, 230);

        var accepted = await CreateWhileOthersTake(cloud, least: 100, most: 230, others: 50);
        await cloud.Settle();

        accepted.Should().HaveCount(100, "the second hundred does not fit any more");
        (await Task.WhenAll(accepted.Select(s => cloud.Server(s.Id)))).Should().OnlyContain(s => s.VmState == VmStates.Active);
        await GiveBack(cloud, 50);
        await cloud.AssertNothingLeft();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task All_is_given_back_when_others_take_the_quota_meanwhile_and_it_is_not_enough(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind, profiles: ManySmall);
        await Limit(cloud, 230);

        var refused = await FluentActions.Awaiting(() => CreateWhileOthersTake(cloud, least: 230, most: 230, others: 50)).Should().ThrowAsync<Fault>();
        await cloud.Settle();

        refused.Which.Kind.Should().Be(FaultKind.Forbidden);
        refused.Which.Message.Should().StartWith("Quota exceeded for instances: Requested 230, but already used ").And.EndWith(" of 230 instances");
        await GiveBack(cloud, 50);
        await cloud.AssertNothingLeft();
        (await cloud.Database.Read(rows => rows.Value<long>("SELECT COUNT(*) FROM servers WHERE deleted_at IS NULL"), default)).Should().Be(0);
    }

    private static async Task<IReadOnlyList<Server>> CreateWhileOthersTake(FakeCloud cloud, int least, int most, int others)
    {
        var flavor = FakeCloud.Flavor with { MemoryMb = 64 };
        var request = new NewServers
        {
            Name = "vm", Flavor = flavor, Needs = cloud.Now.Get<NeedsReader>().Of(flavor, OneImage.Info, null, false), MinCount = least, MaxCount = most,
            Image = OneImage.Info, Networks = new() { Nics = [new(cloud.NetworkId.ToString(), null, null, null)] },
        };
        var accepted = await cloud.Now.Get<CreateService>().Create(
            FakeCloud.Caller(), request, default, (tx, _) => cloud.Now.Get<QuotaStore>().Take(tx, [new(FakeCloud.Project, null, FakeCloud.NoLimits)], new(others, 0, 0)));
        return accepted.Servers;
    }

    private static Task Limit(FakeCloud cloud, long instances) =>
        cloud.Database.Write(tx => cloud.Now.Get<QuotaLimitStore>().Set(tx, FakeCloud.Project, null, [new("instances", instances)]), default);

    private static Task GiveBack(FakeCloud cloud, int instances) =>
        cloud.Database.Write(tx => cloud.Now.Get<QuotaStore>().Give(tx, FakeCloud.Project, new(instances, 0, 0)), default);
}
