using FluentAssertions;
using Nova.Modules.Compute;
using Nova.Modules.Placement;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Placement;

/// <summary>What the store promises, the same on both databases.</summary>
public abstract class PlacementStoreContract(string kind) : IAsyncLifetime, ICapacityFeed
{
    private static readonly Guid Host = Guid.NewGuid();

    private readonly List<ProviderState> _providers = [];
    private readonly List<ProviderUsage> _usages = [];
    private TestDatabase _home = null!;
    private PlacementStore _store = null!;

    public async Task InitializeAsync()
    {
        _home = await TestDatabases.Create(kind);
        _store = new(new PlacementOptions { ShareUsage = true }, new ManualTime(), [this]);
        await EnsureHost(Report());
    }

    public async Task DisposeAsync() => await _home.DisposeAsync();

    void ICapacityFeed.ProviderChanged(ProviderState provider) => _providers.Add(provider);

    void ICapacityFeed.UsageChanged(ProviderUsage usage) => _usages.Add(usage);

    [ContractFact]
    public async Task A_claim_takes_four_statements_and_adds_up()
    {
        var before = Database.Counters.Statements;

        (await Claim(Server(), 2, 1024, 10)).Should().BeTrue();

        (Database.Counters.Statements - before).Should().Be(4 + 1, "the outbox adds one statement a batch");
        (await Used()).Should().Equal(("DISK_GB", 10), ("MEMORY_MB", 1024), ("VCPU", 2));
        await AssertExact();
    }

    [ContractFact]
    public async Task A_repeated_claim_is_true_and_changes_nothing()
    {
        var server = Server();
        await Claim(server, 2, 1024, 10);

        (await Claim(server, 2, 1024, 10)).Should().BeTrue();

        (await Used()).Should().Contain(("VCPU", 2));
        _usages.Should().HaveCount(1);
        await AssertExact();
    }

    [ContractFact]
    public async Task Other_amounts_for_the_same_consumer_are_a_bug_of_the_caller()
    {
        var server = Server();
        await Claim(server, 2, 1024, 10);

        await FluentActions.Awaiting(() => Claim(server, 3, 1024, 10)).Should().ThrowAsync<InvalidOperationException>();
    }

    [ContractFact]
    public async Task A_refused_claim_leaves_the_unit_as_it_was()
    {
        (int Vcpus, int Memory, int Disk)[] tooLarge = [(2, 4096 - 512 + 1, 10), (9, 512, 10), (2, 512, 101), (9, 1 << 20, 1 << 20)];
        var answers = await Database.Write(
            tx => (
                tooLarge.Select(size => _store.TryClaim(tx, Of(Server(), size.Vcpus, size.Memory, size.Disk))).ToList(),
                _store.TryClaim(tx, Of(Server(), 1, 512, 1))),
            default);

        answers.Item1.Should().AllBeEquivalentTo(false);
        answers.Item2.Should().BeTrue();
        (await Used()).Should().Equal(("DISK_GB", 1), ("MEMORY_MB", 512), ("VCPU", 1));
        await AssertExact();
    }

    [ContractFact]
    public async Task The_ratio_lets_more_virtual_processors_than_real_ones_be_given_out()
    {
        for (var i = 0; i < 16; i++)
            (await Claim(Server(), 2, 1, 1)).Should().BeTrue("8 processors times 4 are 32");

        (await Claim(Server(), 1, 1, 1)).Should().BeFalse();
        await AssertExact();
    }

    [ContractFact]
    public async Task A_step_and_a_minimum_are_kept()
    {
        await Database.Write(tx => tx.Run("UPDATE inventories SET min_unit = 256, step_size = 128 WHERE class = $1", "MEMORY_MB"), default);

        (await Claim(Server(), 1, 128, 1)).Should().BeFalse("below the minimum");
        (await Claim(Server(), 1, 300, 1)).Should().BeFalse("not a multiple of the step");
        (await Claim(Server(), 1, 384, 1)).Should().BeTrue();
        await AssertExact();
    }

    [ContractFact]
    public async Task A_class_that_the_provider_lacks_is_refused()
    {
        var claim = Of(Server(), 1, 1, 1);
        var wanted = claim with { Resources = [.. claim.Resources, new("CUSTOM_GOLD", 1)] };

        (await Database.Write(tx => _store.TryClaim(tx, wanted), default)).Should().BeFalse();
        await AssertExact();
    }

    [ContractFact]
    public async Task Release_gives_back_in_four_statements_and_is_harmless_when_repeated()
    {
        var (kept, gone) = (Server(), Server());
        await Claim(kept, 1, 512, 5);
        await Claim(gone, 2, 1024, 10);
        var before = Database.Counters.Statements;

        await Database.Write(tx => _store.Release(tx, gone), default);

        (Database.Counters.Statements - before).Should().Be(4 + 1);
        await Database.Write(tx => _store.Release(tx, gone), default);
        (await Used()).Should().Equal(("DISK_GB", 5), ("MEMORY_MB", 512), ("VCPU", 1));
        _usages[^1].Used.Should().BeEquivalentTo<ResourceAmount>([new("DISK_GB", 5), new("MEMORY_MB", 512), new("VCPU", 1)]);
        await AssertExact();
    }

    [ContractFact]
    public async Task Feeds_hear_absolute_sums_with_rising_generations()
    {
        await Claim(Server(), 1, 512, 5);
        await Claim(Server(), 2, 1024, 10);

        _usages.Select(u => u.Generation).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        _usages[^1].Used.Should().BeEquivalentTo<ResourceAmount>([new("DISK_GB", 15), new("MEMORY_MB", 1536), new("VCPU", 3)]);
        (await Events("placement.usage")).Should().Be(2);
        (await Events("placement.provider")).Should().Be(1);
    }

    [ContractFact]
    public async Task A_host_that_reports_the_same_again_changes_nothing()
    {
        (await EnsureHost(Report())).Should().BeFalse();

        _providers.Should().HaveCount(1);
    }

    [ContractFact]
    public async Task A_host_that_grows_keeps_its_usage_and_the_operators_ratio_and_traits()
    {
        await Claim(Server(), 2, 1024, 10);
        await Database.Write(
            tx =>
            {
                tx.Run("UPDATE inventories SET allocation_ratio = 2.0 WHERE class = $1", "VCPU");
                tx.Run("INSERT INTO traits (name, updated_at) VALUES ($1, 0)", "CUSTOM_SHINY");
                tx.Run("INSERT INTO provider_traits (provider_id, trait, by_host) VALUES ($1, $2, FALSE)", Host, "CUSTOM_SHINY");
            },
            default);

        (await EnsureHost(Report() with { Vcpus = 16, Traits = ["HW_CPU_X86_AVX2"] })).Should().BeTrue();

        _providers[^1].Traits.Should().Equal("COMPUTE_NODE", "CUSTOM_SHINY", "HW_CPU_X86_AVX2");
        _providers[^1].Inventories.Should().ContainEquivalentOf(
            new Inventory { Class = "VCPU", Total = 16, MaxUnit = 16, AllocationRatio = 2, Used = 2 });
        _providers[^1].Generation.Should().BeGreaterThan(_usages[^1].Generation);
    }

    [ContractFact]
    public async Task A_forced_ratio_undoes_the_operators_when_the_host_reports_and_an_initial_one_does_not()
    {
        await Database.Write(tx => tx.Run("UPDATE inventories SET allocation_ratio = 16.0 WHERE class IN ($1, $2)", "VCPU", "MEMORY_MB"), default);
        _store = new(new PlacementOptions { ShareUsage = true, CpuAllocationRatio = 1.5, InitialRamAllocationRatio = 3 }, new ManualTime(), [this]);

        (await EnsureHost(Report())).Should().BeTrue();

        _providers[^1].Inventories.Select(i => (i.Class, i.AllocationRatio)).Should().BeEquivalentTo([("VCPU", 1.5), ("MEMORY_MB", 16.0), ("DISK_GB", 1.0)]);
        (await EnsureHost(Report())).Should().BeFalse("it is as it must be");
        for (var i = 0; i < 12; i++)
            (await Claim(Server(), 1, 1, 1)).Should().BeTrue("8 processors times 1.5 are 12");
        (await Claim(Server(), 1, 1, 1)).Should().BeFalse();
        await AssertExact();
    }

    [ContractFact]
    public async Task The_audit_finds_a_wrong_sum_and_strays()
    {
        var server = Server();
        await Claim(server, 2, 1024, 10);
        await Database.Write(
            tx =>
            {
                tx.Run("UPDATE inventories SET used = 7 WHERE class = $1", "VCPU");
                tx.Run("DELETE FROM consumers WHERE id = $1", server);
            },
            default);

        (await Database.Read(PlacementAudit.Recount, default)).Should().Equal(
            new PlacementMismatch { ProviderId = Host, Class = "VCPU", Recorded = 7, Counted = 2 });
        (await Database.Read(PlacementAudit.Strays, default)).Should().Equal(server);
    }

    [ContractFact]
    public async Task Claims_from_everywhere_never_overshoot()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Claim(Server(), 1, 512, 1)));

        answers.Count(a => a).Should().Be((4096 - 512) / 512);
        await AssertExact();
    }

    private Nova.Modules.Shared.Database.Database Database => _home.Database;

    private static Guid Server() => Guid.CreateVersion7();

    private static HostInventory Report() => new()
    {
        HypervisorHostname = "node-1", HypervisorType = "fake", HypervisorVersion = 1, Vcpus = 8, MemoryMb = 4096, DiskGb = 100,
        Traits = ["HW_CPU_X86_AVX", "HW_CPU_X86_AVX2"],
    };

    private static Claim Of(Guid server, int vcpus, int memory, int disk) =>
        new(Host, server, "demo", "alice", [new("VCPU", vcpus), new("MEMORY_MB", memory), new("DISK_GB", disk)]);

    private Task<bool> EnsureHost(HostInventory report) => Database.Write(tx => _store.EnsureHostProvider(tx, Host, report, ["COMPUTE_NODE"]), default);

    private Task<bool> Claim(Guid server, int vcpus, int memory, int disk) =>
        Database.Write(tx => _store.TryClaim(tx, Of(server, vcpus, memory, disk)), default);

    private async Task<IReadOnlyList<(string Class, long Used)>> Used() =>
        await Database.Write(tx => tx.Many("SELECT class, used FROM inventories ORDER BY class", row => (row.Text(0), row.Long(1))), default);

    private Task<long> Events(string kind) => Database.Read(rows => rows.Value<long>("SELECT COUNT(*) FROM events WHERE kind = @kind", new { kind }), default);

    private async Task AssertExact()
    {
        (await Database.Read(PlacementAudit.Recount, default)).Should().BeEmpty();
        (await Database.Read(PlacementAudit.Strays, default)).Should().BeEmpty();
    }
}

public sealed class SqlitePlacementStoreTests() : PlacementStoreContract("sqlite");

[Needs(Need.Postgres)]
public sealed class PostgresPlacementStoreTests() : PlacementStoreContract("postgres");
