using Nova.Modules.Hardware;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

// The providers below a host's: cards with virtual GPUs, network cards with bandwidth, and (where the host says so) devices.
public sealed partial class PlacementStore
{
    private const int LongestName = 200;

    private void EnsureNested(Tx tx, Guid hostId, string hostname, HostHardware? hardware)
    {
        if (hardware is null)
            return;

        foreach (var (name, inventories, traits) in Parts(hardware))
            EnsureNested(tx, hostId, NestedProviders.IdOf(hostId, name), $"{hostname}_{name}", inventories, traits);
    }

    private static IEnumerable<(string Name, IReadOnlyList<Inventory> Inventories, IReadOnlyList<string> Traits)> Parts(HostHardware hardware)
    {
        foreach (var pool in hardware.Pools)
            yield return (pool.Name, [.. pool.Resources.Where(r => r.Value > 0).Select(r => Of(r.Key, r.Value, 0, 1))], pool.Traits);
        if (!hardware.DevicesInPlacement)
            yield break;

        // A physical function that gives out virtual ones gives out either.
        foreach (var card in hardware.Devices.GroupBy(d => d.ProviderAddress, StringComparer.Ordinal))
            yield return (
                card.Key,
                [.. card.GroupBy(d => d.Class, StringComparer.Ordinal).Select(kind => Of(kind.Key, kind.Count(), 0, 1))],
                [.. card.SelectMany(d => d.Traits).Distinct(StringComparer.Ordinal)]);
    }

    private void EnsureNested(Tx tx, Guid hostId, Guid id, string name, IReadOnlyList<Inventory> inventories, IReadOnlyList<string> traits)
    {
        var isNew = tx.Run(
            """
            INSERT INTO resource_providers (id, name, generation, parent_id, root_id, created_at, updated_at) VALUES ($1, $2, 0, $3, $3, $4, $4)
            ON CONFLICT (id) DO NOTHING
            """,
            id, name.Length > LongestName ? name[..LongestName] : name, hostId, Now) > 0;
        var present = InventoriesOf(tx, id);
        var changed = false;
        foreach (var wanted in inventories)
        {
            if (wanted.Class.StartsWith("CUSTOM_", StringComparison.Ordinal) && present.TrueForAll(i => i.Class != wanted.Class))
                tx.Run("INSERT INTO resource_classes (name, created_at, updated_at) VALUES ($1, $2, $2) ON CONFLICT (name) DO NOTHING", wanted.Class, Now);
            changed |= EnsureInventory(tx, id, present.Find(i => i.Class == wanted.Class), wanted, isRatioForced: false);
        }

        changed |= EnsureTraits(tx, id, traits);
        if (changed && !isNew)
            tx.Run("UPDATE resource_providers SET generation = generation + 1, updated_at = $2 WHERE id = $1", id, Now);
        if (changed || isNew)
            Tell(tx, StateOf(tx, id));
    }
}
