using FluentAssertions;
using Nova.Modules.Aggregates;
using Nova.Modules.AvailabilityZones;
using Nova.Modules.Hosts;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Aggregates;

/// <summary>What pictures know of aggregates and zones, by what they were told and by what a restart reads, on both databases.</summary>
public abstract class AggregateServiceContract(string kind) : IAsyncLifetime
{
    private readonly Ids _ids = new(TimeProvider.System);
    private readonly PictureFeed _told = new();
    private TestDatabase _home = null!;
    private AggregateService _aggregates = null!;
    private Guid[] _hosts = [];

    public async Task InitializeAsync()
    {
        _home = await TestDatabases.Create(kind);
        _hosts = [.. Enumerable.Range(0, 3).Select(_ => _ids.Next())];
        var (placement, states) = (new PlacementStore(new(), TimeProvider.System, [_told]), new HostStates([_told]));
        var zones = new HostZones(Database, states, new());
        await new HostRegistry(Database, placement, states, zones, _ids, TimeProvider.System).Register([.. _hosts.Select(Report)], default);
        _aggregates = new(
            Database, new(Database), new(Database, _ids, TimeProvider.System), new(Database), placement, new AggregateStates([_told]), zones, _ids, TimeProvider.System);
    }

    public async Task DisposeAsync() => await _home.DisposeAsync();

    [ContractFact]
    public async Task What_was_told_and_what_a_restart_reads_are_the_same()
    {
        var rack = await Make("rack", "east", 0, 1);
        var ssd = await Make("ssd", null, 1, 2);
        await _aggregates.SetMetadata(Id(ssd), new Dictionary<string, string?> { ["ssd"] = "true" }, default);
        await _aggregates.Update(Id(rack), "rack-1", new("west"), default);
        await _aggregates.RemoveHost(Id(ssd), "host-2", default);

        foreach (var picture in new[] { _told.Picture, await Restarted() })
        {
            Hosts(picture, picture.InAggregate(rack.Id)).Should().Equal(0, 1);
            Hosts(picture, picture.InProviderAggregate(rack.Id)).Should().Equal(0, 1);
            Hosts(picture, picture.InAggregate(ssd.Id)).Should().Equal(1);
            Hosts(picture, picture.InProviderAggregate(ssd.Id)).Should().Equal(1);
            Hosts(picture, picture.InZone("west")).Should().Equal(0, 1);
            Hosts(picture, picture.InZone("nova")).Should().Equal(2);
            picture.InZone("east").IsEmpty.Should().BeTrue();
            picture.Aggregates[rack.Id].Name.Should().Be("rack-1");
            picture.Aggregates[ssd.Id].Metadata.Should().Equal(new Dictionary<string, string> { ["ssd"] = "true" });
        }
    }

    [ContractFact]
    public async Task A_host_that_two_zones_want_at_once_is_in_one()
    {
        var (east, west) = (await Make("a", "east"), await Make("b", "west"));

        var answers = await Task.WhenAll(new[] { east, west }.Select(async aggregate =>
        {
            try
            {
                await _aggregates.AddHost(Id(aggregate), "host-0", default);
                return true;
            }
            catch (Fault fault) when (fault.Kind == FaultKind.Conflict)
            {
                return false;
            }
        }));

        answers.Count(a => a).Should().Be(1);
    }

    [ContractFact]
    public async Task Another_default_zone_is_followed_by_hosts_without_one_and_by_their_servers()
    {
        await Make("rack", "east", 0);
        await Server(0, "east");
        await Server(1, "nova");

        await new HostZones(Database, new([_told]), new() { Default = "home" }).SettleDefault(default);

        Hosts(_told.Picture, _told.Picture.InZone("home")).Should().Equal(1, 2);
        Hosts(_told.Picture, _told.Picture.InZone("east")).Should().Equal(0);
        (await Database.Read(rows => rows.Query<string>("SELECT zone FROM servers ORDER BY zone"), default)).Should().Equal("east", "home");
    }

    [ContractFact]
    public async Task An_aggregate_that_is_gone_is_forgotten()
    {
        var rack = await Make("rack", null, 0);
        await _aggregates.RemoveHost(Id(rack), "host-0", default);
        await _aggregates.Delete(Id(rack), default);

        _told.Picture.Aggregates.Should().BeEmpty();
        (await Restarted()).Aggregates.Should().BeEmpty();
    }

    private Modules.Shared.Database.Database Database => _home.Database;

    private static string Id(Aggregate aggregate) => aggregate.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task<Aggregate> Make(string name, string? zone, params int[] hosts)
    {
        var made = await _aggregates.Create(name, zone, default);
        foreach (var host in hosts)
            await _aggregates.AddHost(Id(made), $"host-{host}", default);
        return made;
    }

    private IEnumerable<int> Hosts(Picture picture, BitSet set) => Enumerable.Range(0, _hosts.Length).Where(n => set[picture.SlotOf(_hosts[n])]);

    private async Task<Picture> Restarted()
    {
        var snapshot = await Database.Read(PictureSnapshot.Read, default);
        var picture = new Picture();
        foreach (var aggregate in snapshot.Aggregates)
            picture.Apply(aggregate);
        foreach (var host in snapshot.Hosts)
            picture.Apply(host);
        foreach (var provider in snapshot.Providers)
            picture.Apply(provider);
        return picture;
    }

    private Task Server(int host, string zone) => Database.Write(
        tx => new ServerStore(Database).Insert(tx, new()
        {
            Id = _ids.Next(), ProjectId = "demo", UserId = "ada", Name = "vm", Hostname = "vm", VmState = VmStates.Active, ReservationId = "r",
            HostId = _hosts[host], Host = $"host-{host}", Zone = zone, CreatedAt = 1,
        }), default);

    private HostReport Report(Guid id) => new(
        id, $"host-{Array.IndexOf(_hosts, id)}",
        new() { HypervisorHostname = $"node-{Array.IndexOf(_hosts, id)}", HypervisorType = "fake", HypervisorVersion = 1, Vcpus = 8, MemoryMb = 4096, DiskGb = 10 },
        [], Release.Version);

    /// <summary>A picture that is told directly; what concerns servers is not looked at.</summary>
    private sealed class PictureFeed : IPictureFeed
    {
        public Picture Picture { get; } = new();

        public void HostChanged(HostState host) => Picture.Apply(host);

        public void HostRemoved(Guid hostId) => Picture.Remove(hostId);

        public void AggregateChanged(AggregateState aggregate) => Picture.Apply(aggregate);

        public void AggregateRemoved(Guid aggregateId) => Picture.RemoveAggregate(aggregateId);

        public void MemberChanged(GroupMember member) => Picture.Apply(member);

        public void GroupRemoved(Guid groupId) => Picture.RemoveGroup(groupId);

        public void ProviderChanged(ProviderState provider) => Picture.Apply(provider);

        public void UsageChanged(ProviderUsage usage) => Picture.ApplyUsage(usage);
    }
}

public sealed class SqliteAggregateServiceTests() : AggregateServiceContract("sqlite");

[Needs(Need.Postgres)]
public sealed class PostgresAggregateServiceTests() : AggregateServiceContract("postgres");
