using Nova.Modules.Placement;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Placement;

/// <summary>What pictures of capacity are told when the API changes a provider, the same on both databases.</summary>
public sealed class LedgerContract : ICapacityFeed
{
    private readonly List<ProviderState> _providers = [];
    private readonly List<ProviderUsage> _usages = [];

    void ICapacityFeed.ProviderChanged(ProviderState provider) => _providers.Add(provider);

    void ICapacityFeed.UsageChanged(ProviderUsage usage) => _usages.Add(usage);

    [Theory, OnSqlite, OnPostgres]
    public async Task Feeds_hear_inventories_usages_and_the_end(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var store = new PlacementStore(new PlacementOptions(), new ManualTime(), [this]);
        var (id, consumer) = (Guid.NewGuid(), Guid.NewGuid());

        await home.Database.Write(tx => { ProviderTrees.Create(tx, store, id, "p", null); }, default);
        await Change(home, store, id, ledger => ledger.Put(id, new() { Class = "VCPU", Total = 8, MaxUnit = 8 }));
        Assert.Equal((id, 1L, "VCPU"), (_providers[^1].Id, _providers[^1].Generation, _providers[^1].Inventories.Single().Class));

        await Change(home, store, id, ledger => ledger.Use(id, "VCPU", consumer, 3));
        var usage = Assert.Single(_usages);
        Assert.Equal((id, 2L, consumer), (usage.ProviderId, usage.Generation, usage.ConsumerId));
        Assert.Equal([new ResourceAmount("VCPU", 3)], usage.Used);

        await Change(home, store, id, ledger => ledger.Use(id, "VCPU", consumer, -3));
        await home.Database.Write(tx => ProviderTrees.Delete(tx, store, id, id.ToString()), default);
        Assert.Equal(ProviderState.Gone, _providers[^1].Generation);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task An_inventory_in_use_stays(string kind)
    {
        await using var home = await TestDatabases.Create(kind);
        var store = new PlacementStore(new PlacementOptions(), new ManualTime(), [this]);
        var id = Guid.NewGuid();
        await home.Database.Write(tx => { ProviderTrees.Create(tx, store, id, "p", null); }, default);
        await Change(home, store, id, ledger => ledger.Put(id, new() { Class = "VCPU", Total = 8, MaxUnit = 8 }));
        await Change(home, store, id, ledger => ledger.Use(id, "VCPU", Guid.NewGuid(), 3));

        var refusal = await Assert.ThrowsAsync<PlacementRefusal>(() => Change(home, store, id, ledger => ledger.Replace(id, [])));

        Assert.Equal(RefusalKind.InUse, refusal.Kind);
        Assert.Equal(3, await home.Database.Read(rows => rows.Value<long>("SELECT used FROM inventories"), default));
    }

    private static Task Change(TestDatabase home, PlacementStore store, Guid id, Action<Ledger> change) => home.Database.Write(
        tx =>
        {
            var ledger = Ledger.Open(tx, [id]);
            change(ledger);
            ledger.Raise(id);
            ledger.Write(store);
        },
        default);
}
