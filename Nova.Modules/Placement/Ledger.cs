using Nova.Modules.Placement.Providers;
using Nova.Modules.Placement.ResourceClasses;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>
/// The providers that a unit of work touches, with their inventories: read and kept from other writers once, changed in memory
/// by the rules of the API, and written back in a few statements however many they are. Rows are locked as claims lock them:
/// inventories in the order of their keys, then providers.
/// </summary>
internal sealed class Ledger
{
    private readonly Tx _tx;
    private readonly Dictionary<Guid, Account> _accounts;

    private Ledger(Tx tx, Dictionary<Guid, Account> accounts) => (_tx, _accounts) = (tx, accounts);

    /// <summary>Opens the books of these providers; those that do not exist are left out.</summary>
    public static Ledger Open(Tx tx, IEnumerable<Guid> providerIds)
    {
        SqlValue[] ids = [.. providerIds.Distinct().Order().Select(id => (SqlValue)id)];
        var inventories = LedgerRows.LockInventories(tx, ids);
        var accounts = LedgerRows.LockProviders(tx, ids).ToDictionary(p => p.Id, p => new Account(p));
        foreach (var (providerId, inventory) in inventories)
            if (accounts.TryGetValue(providerId, out var account))
                account.Inventories[inventory.Class] = account.Before[inventory.Class] = inventory;
        return new(tx, accounts);
    }

    /// <summary>The provider as it is now, or null when there is none.</summary>
    public Provider? Provider(Guid id) => _accounts.TryGetValue(id, out var account) ? account.Provider : null;

    /// <summary>The inventories of a provider, by class.</summary>
    public IReadOnlyDictionary<string, Inventory> Inventories(Guid id) => _accounts[id].Inventories;

    /// <summary>The provider has this inventory; what is used of it stays.</summary>
    public void Put(Guid id, Inventory inventory)
    {
        var account = _accounts[id];
        account.Inventories[inventory.Class] = inventory with { Used = account.Inventories.GetValueOrDefault(inventory.Class)?.Used ?? 0 };
    }

    /// <summary>The provider no longer has these inventories.</summary>
    /// <exception cref="PlacementRefusal">Some are in use.</exception>
    public void Remove(Guid id, IEnumerable<string> classes)
    {
        var account = _accounts[id];
        string[] gone = [.. classes.Where(account.Inventories.ContainsKey)];
        string[] used = [.. gone.Where(name => account.Inventories[name].Used > 0).InOrder()];
        if (used.Length > 0)
            throw PlacementRefusal.InUse(used, id);

        foreach (var name in gone)
            account.Inventories.Remove(name);
    }

    /// <summary>The provider has these inventories and no others.</summary>
    /// <exception cref="PlacementRefusal">One that would go is in use.</exception>
    public void Replace(Guid id, IReadOnlyCollection<Inventory> inventories)
    {
        Remove(id, [.. Inventories(id).Keys.Except(inventories.Select(i => i.Class), StringComparer.Ordinal)]);
        foreach (var inventory in inventories)
            Put(id, inventory);
    }

    /// <summary>A consumer takes more (or, below 0, less) of a class that the provider has.</summary>
    public void Use(Guid id, string @class, Guid consumerId, long more)
    {
        var account = _accounts[id];
        var inventory = account.Inventories[@class];
        account.Inventories[@class] = inventory with { Used = inventory.Used + more };
        account.Consumers.Add(consumerId);
    }

    /// <summary>The provider's generation rises.</summary>
    public void Raise(Guid id) => _accounts[id].Provider = _accounts[id].Provider with { Generation = _accounts[id].Provider.Generation + 1 };

    /// <summary>Every class that these providers' new inventories name exists.</summary>
    /// <exception cref="PlacementRefusal">One does not.</exception>
    public void RequireClasses(IEnumerable<string> names)
    {
        // What some provider of the books has is known to exist.
        string[] asked = [.. names.Where(name => !_accounts.Values.Any(a => a.Before.ContainsKey(name)))];
        if (ClassRows.Unknown(_tx, asked) is [var unknown, ..])
            throw PlacementRefusal.UnknownClass(unknown);
    }

    /// <summary>Writes what has changed and tells the feeds.</summary>
    /// <param name="store">Whose feeds are told.</param>
    public void Write(PlacementStore store)
    {
        LedgerRows.Save(_tx, [.. _accounts.Values], store.Now);
        var changed = _accounts.Values.Where(a => a.HasOtherInventories).Select(a => a.Provider.Id).ToList();
        var traits = LedgerRows.TraitsOf(_tx, changed);
        var aggregates = LedgerRows.AggregatesOf(_tx, changed);
        foreach (var account in _accounts.Values)
            if (account.HasOtherInventories)
                store.Tell(_tx, account.State([.. traits[account.Provider.Id]], [.. aggregates[account.Provider.Id]]));
            else if (account.UsedDifferently is { Count: > 0 } used)
                foreach (var consumer in account.Consumers)
                    store.Tell(_tx, new ProviderUsage(account.Provider.Id, account.Provider.Generation, consumer, used));
    }

    /// <summary>One provider's books.</summary>
    internal sealed class Account(Provider provider)
    {
        private readonly long _generation = provider.Generation;

        public Provider Provider { get; set; } = provider;

        public Dictionary<string, Inventory> Before { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Inventory> Inventories { get; } = new(StringComparer.Ordinal);

        public HashSet<Guid> Consumers { get; } = [];

        public bool IsRaised => Provider.Generation != _generation;

        public IEnumerable<string> Removed => Before.Keys.Where(name => !Inventories.ContainsKey(name));

        public IEnumerable<Inventory> Added => Inventories.Values.Where(i => !Before.ContainsKey(i.Class));

        public IEnumerable<Inventory> Changed => Inventories.Values.Where(i => Before.TryGetValue(i.Class, out var before) && before with { Used = i.Used } != i);

        public IEnumerable<Inventory> UsedOnly => Inventories.Values.Where(i => Before.TryGetValue(i.Class, out var before) && before.Used != i.Used && before with { Used = i.Used } == i);

        public bool HasOtherInventories => Removed.Any() || Added.Any() || Changed.Any();

        public ProviderState State(IReadOnlyList<string> traits, IReadOnlyList<Guid> aggregates) =>
            new(Provider.Id, Provider.Generation, [.. Inventories.Values], traits) { Aggregates = aggregates };

        public List<ResourceAmount> UsedDifferently => [.. UsedOnly.Select(i => new ResourceAmount(i.Class, i.Used))];
    }
}
