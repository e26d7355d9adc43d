using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Compute;
using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared.Database;
using Nova.Tests.Scheduling;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Hardware;

/// <summary>Two claims never get the same piece of a host, whoever claims at the same time.</summary>
public sealed class HardwareClaimTests
{
    private const int Claimers = 40;

    [Theory, OnSqlite, OnPostgres]
    public async Task Claims_at_the_same_time_get_different_processors(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var host = await AddHost(home.Database);
        var demand = FittingTests.Demand(2, 1024, ("hw:cpu_policy", "dedicated"));

        var claims = await Task.WhenAll(Enumerable.Range(0, Claimers).Select(_ => Claim(home.Database, host, Guid.CreateVersion7(), demand)));

        var given = claims.OfType<HardwareClaim>().Select(c => c.Change.Given!).ToList();
        given.Should().HaveCount(6, "twelve processors are dedicated");
        given.SelectMany(g => g.Cpus).Should().OnlyHaveUniqueItems().And.HaveCount(12);
        (await home.Database.Read(HardwareStore.Strays, default)).Should().HaveCount(6 * 4, "these guests hold nothing of Placement's");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Claims_at_the_same_time_get_different_devices(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var host = await AddHost(home.Database);
        var demand = FittingTests.Demand(1, 1024, ("pci_passthrough:alias", "nic:1"));

        var claims = await Task.WhenAll(Enumerable.Range(0, Claimers).Select(_ => Claim(home.Database, host, Guid.CreateVersion7(), demand)));

        claims.OfType<HardwareClaim>().SelectMany(c => c.Change.Given!.Devices).Select(d => d.Address).Should().BeEquivalentTo("0000:81:00.0", "0000:82:00.0");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_repeated_claim_finds_its_own_and_a_release_frees_it(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var host = await AddHost(home.Database);
        var server = Guid.CreateVersion7();
        var demand = FittingTests.Demand(4, 2048, ("hw:cpu_policy", "dedicated"), ("hw:numa_nodes", "2"), ("pci_passthrough:alias", "nic:1"));

        var first = await Claim(home.Database, host, server, demand);
        var second = await Claim(home.Database, host, server, demand);
        await home.Database.Write(tx => HardwareStore.Release(tx, server), default);
        var third = await Claim(home.Database, host, server, demand);

        second!.Change.Given.Should().BeEquivalentTo(first!.Change.Given);
        third!.Change.Given.Should().BeEquivalentTo(first.Change.Given);
        third.Change.Generation.Should().BeGreaterThan(second.Change.Generation);
        (await home.Database.Read(HardwareStore.Read, default)).Should().ContainSingle().Which.Given.Should().BeEquivalentTo(first.Change.Given);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_picture_knows_after_a_restart_what_is_given_out(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var host = await AddHost(home.Database);
        var demand = FittingTests.Demand(6, 1024, ("hw:cpu_policy", "dedicated"));
        await Claim(home.Database, host, Guid.CreateVersion7(), demand);

        await using var scheduler = new Scheduler(new(), new ManualTime(), NullLogger<Scheduler>.Instance);
        await scheduler.Load(await home.Database.Read(PictureSnapshot.Read, default));
        var request = World.Request(vcpus: 0, memory: 1024) with { Hardware = demand };

        (await scheduler.Choose(request, default)).IsComplete.Should().BeTrue("six processors are left on the other cell");
        var refused = await scheduler.Choose(World.Request(vcpus: 0, memory: 1024) with { Hardware = demand }, default);
        refused.IsComplete.Should().BeFalse("they are reserved");
        refused.Refusals.Should().ContainSingle(r => r.Filter == "NUMATopologyFilter").Which.NearestMiss!.ToString().Should().Contain("6 pinned CPUs");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_host_reports_providers_below_its_own(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var hardware = FittingTests.TwoCells();
        hardware.DevicesInPlacement = true;
        hardware.Pools = [new() { Name = "gpu0", Resources = new Dictionary<string, long> { ["VGPU"] = 4 }, Traits = ["CUSTOM_A40"] }];
        var host = await AddHost(home.Database, hardware);

        var snapshot = await home.Database.Read(PictureSnapshot.Read, default);

        var root = snapshot.Providers.Single(p => p.Id == host);
        root.Inventories.Select(i => (i.Class, i.Total)).Should().BeEquivalentTo([("VCPU", 4L), ("PCPU", 12L), ("MEMORY_MB", 32768L), ("DISK_GB", 100L)]);
        var below = snapshot.Providers.Where(p => p.Id != host).ToList();
        below.Should().OnlyContain(p => p.RootId == host);
        below.SelectMany(p => p.Inventories).Select(i => i.Class).Should().BeEquivalentTo(
            "VGPU", "CUSTOM_PCI_8086_154C", "CUSTOM_PCI_8086_154C", "CUSTOM_PCI_10DE_1DB6", "CUSTOM_PCI_10DE_1DB7");
        below.Single(p => p.Traits.Contains("CUSTOM_A40")).Id.Should().Be(NestedProviders.IdOf(host, "gpu0"));
    }

    private static Task<HardwareClaim?> Claim(Database database, Guid host, Guid server, HardwareDemand demand) =>
        database.Write(tx => HardwareStore.TryClaim(tx, host, server, demand), default);

    private static async Task<Guid> AddHost(Database database, HostHardware? hardware = null)
    {
        var (id, store) = (Guid.CreateVersion7(), new PlacementStore(new(), TimeProvider.System, []));
        var report = new HostInventory
        {
            HypervisorHostname = "host-" + id, HypervisorType = "fake", HypervisorVersion = 1, Vcpus = 16, MemoryMb = 32768, DiskGb = 100,
            Hardware = hardware ?? FittingTests.TwoCells(),
        };
        await database.Write(
            tx =>
            {
                tx.Run(
                    """
                    INSERT INTO services (id, number, binary_name, host, disabled, forced_down, release, wire_level, schema_level, created_at, updated_at)
                    VALUES ($1, 1, 'nova-compute', $2, FALSE, FALSE, '0.1', 1, 1, 0, 0)
                    """,
                    id, report.HypervisorHostname);
                tx.Run(
                    """
                    INSERT INTO hosts (cell, id, number, service_id, name, node, zone, state, state_since, hypervisor_type, hypervisor_version,
                        host_ip, vcpus, memory_mb, disk_gb, cpu_info, supported_instances, hardware, created_at)
                    VALUES (0, $1, 1, $1, $2, $2, 'nova', 'up', 0, 'fake', 1, '127.0.0.1', 16, 32768, 100, '{}', '[]', $3, 0)
                    """,
                    id, report.HypervisorHostname, HardwareTexts.Write(report.Hardware));
                tx.Run("INSERT INTO host_hardware (cell, host_id, generation) VALUES (0, $1, 1)", id);
                return store.EnsureHostProvider(tx, id, report, ["COMPUTE_NODE"]);
            },
            default);
        return id;
    }
}
