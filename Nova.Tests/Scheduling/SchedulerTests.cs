using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Compute;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Scheduling;

/// <summary>The thread, the hand-over and the picture's way from the database.</summary>
public sealed class SchedulerTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Scheduler _scheduler = new(new(), new ManualTime(), NullLogger<Scheduler>.Instance);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scheduler.DisposeAsync();

    [Fact]
    public async Task Requests_from_many_threads_never_get_the_same_room()
    {
        _scheduler.Tell(Enumerable.Range(0, 200).Select(n => TestHost.Of(n, memory: 512 + 2 * 1024)));

        var selections = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(async () => await _scheduler.Choose(World.Request(), default)))).WaitAsync(Limit);

        selections.Where(s => s.IsComplete).CountBy(s => s.Ranked[0][0].Host).Should().HaveCount(200).And.OnlyContain(host => host.Value == 2);
        selections.Count(s => !s.IsComplete).Should().Be(100);
    }

    [Fact]
    public async Task What_was_told_before_a_request_is_seen_by_it()
    {
        for (var n = 0; n < 200; n++)
        {
            var host = TestHost.Of(n);
            _scheduler.Tell(host);
            (await _scheduler.Choose(World.Request(), default)).HostsSeen.Should().Be(1);
            _scheduler.HostRemoved(host.Id);
        }
    }

    [Fact]
    public async Task A_cancelled_request_reserves_nothing()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await FluentActions.Awaiting(async () => await _scheduler.Choose(World.Request(), stop.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task After_its_end_the_scheduler_answers_503()
    {
        await _scheduler.DisposeAsync();

        (await FluentActions.Awaiting(async () => await _scheduler.Choose(World.Request(), default)).Should().ThrowAsync<Fault>())
            .Which.Kind.Should().Be(FaultKind.Unavailable);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_picture_follows_the_database_from_the_load_through_claims(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var placement = new PlacementStore(new(), TimeProvider.System, [_scheduler]);
        var hosts = Enumerable.Range(0, 50).Select(_ => Guid.CreateVersion7()).ToList();
        await home.Database.Write(tx => hosts.ForEach(id => AddHost(tx, placement, id)), default);
        await using var later = new Scheduler(new(), new ManualTime(), NullLogger<Scheduler>.Instance);
        await later.Load(await home.Database.Read(PictureSnapshot.Read, default));
        await _scheduler.Load(await home.Database.Read(PictureSnapshot.Read, default));

        var request = World.Request(servers: 40, memory: 3000) with { RequiredTraits = ["COMPUTE_NODE"] };
        var chosen = await _scheduler.Choose(request, default);
        var claimed = await home.Database.Write(tx => request.Servers.Zip(chosen.Ranked).All(pair => placement.TryClaim(
            tx, new(pair.Second[0].HostId, pair.First, "demo", "alice", request.Resources))), default);
        await later.Load(await home.Database.Read(PictureSnapshot.Read, default));

        claimed.Should().BeTrue("the picture is exact");
        foreach (var scheduler in (Scheduler[])[_scheduler, later])
        {
            (await scheduler.Choose(World.Request(servers: 11, memory: 3000), default)).IsComplete.Should().BeFalse();
            (await scheduler.Choose(World.Request(servers: 10, memory: 3000), default)).IsComplete.Should().BeTrue();
        }
    }

    private static void AddHost(Nova.Modules.Shared.Database.Tx tx, PlacementStore placement, Guid id)
    {
        var name = "host-" + id;
        tx.Run(
            """
            INSERT INTO services (id, number, binary_name, host, disabled, forced_down, release, wire_level, schema_level, created_at, updated_at)
            SELECT $1, COUNT(*) + 1, 'nova-compute', $2, FALSE, FALSE, '0.1', 1, 1, 0, 0 FROM services
            """,
            id, name);
        tx.Run(
            """
            INSERT INTO hosts (cell, id, number, service_id, name, node, zone, state, state_since, hypervisor_type, hypervisor_version,
                host_ip, vcpus, memory_mb, disk_gb, cpu_info, supported_instances, created_at)
            SELECT 0, $1, COUNT(*) + 1, $1, $2, $2, 'nova', 'up', 0, 'fake', 1, '127.0.0.1', 16, 4096, 100, '{}', '["x86_64/fake/hvm"]', 0 FROM hosts
            """,
            id, name);
        placement.EnsureHostProvider(
            tx, id, new() { HypervisorHostname = name, HypervisorType = "fake", HypervisorVersion = 1, Vcpus = 16, MemoryMb = 4096, DiskGb = 100 }, ["COMPUTE_NODE"]);
    }
}
