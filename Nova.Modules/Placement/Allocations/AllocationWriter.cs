using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.ResourceClasses;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Allocations;

/// <summary>Replaces what consumers hold, all of them or none, by the rules of the API.</summary>
/// <param name="tx">The unit.</param>
/// <param name="changes">At most one per consumer.</param>
/// <param name="now">Milliseconds since 1970 UTC.</param>
internal sealed class AllocationWriter(Tx tx, IReadOnlyList<ConsumerChange> changes, long now)
{
    private readonly SqlValue[] _ids = [.. changes.Select(c => c.Id).Order().Select(id => (SqlValue)id)];
    private Dictionary<Guid, Consumer> _consumers = [];
    private List<Allocation> _held = [];

    /// <summary>The providers that the changes touch, once <see cref="Read"/> has run.</summary>
    public IEnumerable<Guid> Providers => Wanted.Concat(_held).Select(a => a.ProviderId);

    private IEnumerable<Allocation> Wanted => changes.SelectMany(c => c.Allocations);

    /// <summary>Reads the consumers and what they hold.</summary>
    public void Read()
    {
        _consumers = AllocationRows.Lock(tx, _ids);
        _held = _consumers.Count > 0 ? AllocationRows.HeldBy(tx, _ids) : [];
    }

    /// <summary>The client knows the consumers as they are.</summary>
    /// <exception cref="Fault">409: a consumer's generation is another.</exception>
    public void CheckGenerations()
    {
        foreach (var change in changes.Where(c => c.ChecksGeneration))
            Check(change, _consumers.GetValueOrDefault(change.Id));
    }

    /// <summary>Gives back what is held and takes what is wanted, in the books and in the rows.</summary>
    /// <exception cref="Fault">400: a provider does not exist.</exception>
    /// <exception cref="PlacementRefusal">It does not fit.</exception>
    public void Apply(Ledger ledger)
    {
        foreach (var allocation in Wanted)
            if (ledger.Provider(allocation.ProviderId) is null)
                throw Fault.BadRequest($"Allocation for resource provider '{allocation.ProviderId}' that does not exist.");

        ledger.RequireClasses(Wanted.Select(a => a.Class).Distinct(StringComparer.Ordinal));
        RequireInventories(ledger);
        var before = Wanted.Select(a => (a.ProviderId, a.Class)).Distinct().ToDictionary(key => key, key => ledger.Inventories(key.ProviderId)[key.Class].Used);
        foreach (var allocation in _held)
            ledger.Use(allocation.ProviderId, allocation.Class, allocation.ConsumerId, -allocation.Used);
        foreach (var allocation in Wanted)
            Take(ledger, allocation, before[(allocation.ProviderId, allocation.Class)]);

        foreach (var provider in Wanted.Concat(_held.Where(h => IsCleared(h.ConsumerId))).Select(a => a.ProviderId).Distinct())
            ledger.Raise(provider);
        WriteRows();
    }

    private static void Check(ConsumerChange change, Consumer? consumer)
    {
        if (consumer is not null && consumer.Generation != change.Generation)
            throw PlacementFaults.ConcurrentUpdate($"consumer generation conflict - expected {consumer.Generation} but got {Shown(change.Generation)}");
        if (consumer is null && change.Generation is { } believed)
            throw PlacementFaults.ConcurrentUpdate($"consumer generation conflict - expected null but got {believed}");
    }

    private static string Shown(long? generation) => generation?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "None";

    private bool IsCleared(Guid consumerId) => changes.First(c => c.Id == consumerId).Allocations.Count == 0;

    // Providers that have nothing at all of what is asked are named together, as the original does.
    private void RequireInventories(Ledger ledger)
    {
        string[] classes = [.. Wanted.Select(a => a.Class).Distinct(StringComparer.Ordinal)];
        Guid[] empty = [.. Wanted.Select(a => a.ProviderId).Distinct().Where(id => !classes.Any(ledger.Inventories(id).ContainsKey))];
        if (empty.Length > 0)
            throw PlacementRefusal.NoInventory(classes.InOrder(), empty);
        if (Wanted.FirstOrDefault(a => !ledger.Inventories(a.ProviderId).ContainsKey(a.Class)) is { } missing)
            throw PlacementRefusal.NoInventory([missing.Class], [missing.ProviderId]);
    }

    // Beyond the capacity only what makes an overcommitted provider no worse.
    private static void Take(Ledger ledger, Allocation allocation, long usedBefore)
    {
        var inventory = ledger.Inventories(allocation.ProviderId)[allocation.Class];
        if (allocation.Used < inventory.MinUnit || allocation.Used > inventory.MaxUnit || allocation.Used % inventory.StepSize != 0)
            throw PlacementRefusal.BreaksConstraints(allocation.Class, allocation.ProviderId);

        var used = inventory.Used + allocation.Used;
        if (used > (inventory.Total - inventory.Reserved) * inventory.AllocationRatio && used > usedBefore)
            throw PlacementRefusal.ExceedsCapacity(allocation.Class, allocation.ProviderId);

        ledger.Use(allocation.ProviderId, allocation.Class, allocation.ConsumerId, allocation.Used);
    }

    private void WriteRows()
    {
        var left = changes.Where(c => c.Allocations.Count > 0).ToList();
        if (!AllocationRows.TryAdd(tx, [.. left.Where(c => !_consumers.ContainsKey(c.Id)).Select(c => new Consumer(c.Id, 1, c.ProjectId, c.UserId, c.Type))], now))
            throw PlacementRefusal.Concurrent();

        AllocationRows.Change(tx, left.Where(c => _consumers.ContainsKey(c.Id)).Select(After), now);
        if (_held.Count > 0)
            AllocationRows.Clear(tx, _ids);
        AllocationRows.Add(tx, Wanted);
        AllocationRows.Remove(tx, [.. changes.Where(c => c.Allocations.Count == 0 && _consumers.ContainsKey(c.Id)).Select(c => (SqlValue)c.Id)]);
    }

    private Consumer After(ConsumerChange change)
    {
        var consumer = _consumers[change.Id];
        return new(change.Id, consumer.Generation + 1, change.ProjectId, change.UserId, change.Type ?? consumer.Type);
    }
}
