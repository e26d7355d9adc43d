using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Aggregates;
using Nova.Modules.AvailabilityZones;
using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Remote;
using Nova.Modules.Servers;
using Nova.Modules.Services;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Scheduling;

/// <summary>A picture in a process of its own hears of hosts by the outbox.</summary>
public sealed class PictureFollowerTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task What_happens_to_a_host_and_its_service_is_heard_in_order(string kind)
    {
        var time = new ManualTime();
        var (ids, heard) = (new Ids(time), new Heard());
        await using var home = await TestDatabases.Create(kind, time);
        var (placement, states) = (new PlacementStore(new() { ShareUsage = true }, time, []), new HostStates([]));
        var zones = new HostZones(home.Database, states, new());
        var registry = new HostRegistry(home.Database, placement, states, zones, ids, time);
        var servers = new ServerStore(home.Database);
        var aggregates = new AggregateService(home.Database, new(home.Database), new(home.Database, ids, time), servers, placement, new([]), zones, ids, time);
        var services = new ServiceService(home.Database, new(home.Database), servers, aggregates, registry, states, new HostDirectory(time), time);
        var follower = new PictureFollower(home.Database, [heard], time, NullLogger<PictureFollower>.Instance);
        await follower.Begin(default);

        var host = ids.Next();
        await registry.Register([new(host, "host1", Inventory, [], "1")], default);
        var service = (await services.List("host1", null, default))[0];
        await services.Change(service, s => s with { Disabled = true }, default);
        await services.Change(service, s => s with { ForcedDown = true }, default);
        await services.Change(service, s => s with { Disabled = false }, default);
        await registry.SetState(host, HostHealth.Down, default);
        await home.Database.Write(tx => registry.Remove(tx, host), default);
        // A transaction that is open anywhere on the server keeps later events from readers until it ends.
        await Eventually.Is(async () =>
        {
            await follower.ReadSome(default);
            return heard.Words.Contains("removed");
        });
        Assert.Equal(["provider", "Up seen", "Up disabled seen", "Down disabled seen", "Down seen", "Down", "provider", "removed"], heard.Words);
    }

    private static HostInventory Inventory => new() { HypervisorHostname = "node1", HypervisorType = "QEMU", HypervisorVersion = 1, Vcpus = 4, MemoryMb = 4096, DiskGb = 40 };

    private sealed class Heard : IPictureFeed
    {
        public List<string> Words { get; } = [];

        public void HostChanged(HostState host) => Words.Add($"{host.Health}{(host.Disabled ? " disabled" : "")}{(host.IsSeen ? " seen" : "")}");

        public void HostRemoved(Guid hostId) => Words.Add("removed");

        public void ProviderChanged(ProviderState provider) => Words.Add("provider");

        public void UsageChanged(ProviderUsage usage) => Words.Add("usage");

        public void AggregateChanged(AggregateState aggregate) => Words.Add("aggregate");

        public void AggregateRemoved(Guid aggregateId) => Words.Add("aggregate removed");

        public void MemberChanged(GroupMember member) => Words.Add("member");

        public void GroupRemoved(Guid groupId) => Words.Add("group removed");
    }
}
