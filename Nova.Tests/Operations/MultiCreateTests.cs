using FluentAssertions;
using Nova.Modules.Servers;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Operations;

/// <summary>Many servers with one request: one choice, a transaction for each hundred.</summary>
public sealed class MultiCreateTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_request_for_many_is_accepted_slice_by_slice(string kind)
    {
        await using var cloud = await FakeCloud.Start(kind, profiles: """[{"vcpus": 64, "memory_mb": 262144, "disk_gb": 4000}]""");

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
}
