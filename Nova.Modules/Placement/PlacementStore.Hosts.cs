using System.Text.Json;
using Nova.Modules.Compute;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

// The root provider of a host, as the host's report of itself makes it.
public sealed partial class PlacementStore
{
    /// <summary>
    /// The host has a root provider with VCPU, MEMORY_MB and DISK_GB and its traits. Ratios are set when an inventory is
    /// made and then left to the operator; the generation rises only when something changed.
    /// </summary>
    /// <param name="tx">The unit.</param>
    /// <param name="hostId">The host, whose id the provider shares.</param>
    /// <param name="report">What the host says of itself.</param>
    /// <param name="abilities">Further traits, such as <see cref="Capabilities.TraitsOf"/> gives.</param>
    /// <returns>True when something changed.</returns>
    public bool EnsureHostProvider(Tx tx, Guid hostId, HostInventory report, IEnumerable<string> abilities)
    {
        var isNew = tx.Run(
            """
            INSERT INTO resource_providers (id, name, generation, parent_id, root_id, created_at, updated_at) VALUES ($1, $2, 0, NULL, $1, $3, $3)
            ON CONFLICT (id) DO NOTHING
            """,
            hostId, report.HypervisorHostname, Now) > 0;
        var isRenamed = !isNew && tx.Run(
            "UPDATE resource_providers SET name = $2 WHERE id = $1 AND name <> $2", hostId, report.HypervisorHostname) > 0;
        var changed = EnsureInventories(tx, hostId, report) | EnsureTraits(tx, hostId, [.. report.Traits.Union(abilities)]);
        if (changed && !isNew)
            tx.Run("UPDATE resource_providers SET generation = generation + 1, updated_at = $2 WHERE id = $1", hostId, Now);
        if (changed || isNew)
            Tell(tx, StateOf(tx, hostId));
        EnsureNested(tx, hostId, report.HypervisorHostname, report.Hardware);
        return changed || isNew || isRenamed;
    }

    /// <summary>The host's provider is gone, with all that is below it.</summary>
    /// <exception cref="Fault">409: somebody has allocations there.</exception>
    public void RemoveHostProvider(Tx tx, Guid hostId)
    {
        var consumers = tx.One(
            """
            SELECT COUNT(DISTINCT consumer_id) FROM allocations WHERE provider_id IN (SELECT id FROM resource_providers WHERE root_id = $1)
            """,
            row => row.Long(0), hostId);
        if (consumers > 0)
            throw Fault.Conflict($"Unable to delete compute service: {consumers} consumers have allocations of resource provider {hostId}. Delete the allocations first.");

        RemoveProviders(tx, "root_id", hostId);
    }

    /// <summary>Providers are gone with all that they had, which pictures are told. Nobody may hold allocations of them.</summary>
    /// <param name="tx">The unit.</param>
    /// <param name="column">Which column of theirs has the value: <c>id</c> for one, <c>root_id</c> for a tree.</param>
    /// <param name="value">The value.</param>
    internal void RemoveProviders(Tx tx, string column, Guid value)
    {
        foreach (var table in (string[])["inventories", "provider_traits", "provider_aggregates"])
            tx.Run($"DELETE FROM {table} WHERE provider_id IN (SELECT id FROM resource_providers WHERE {column} = $1)", value);
        foreach (var gone in tx.Many($"DELETE FROM resource_providers WHERE {column} = $1 RETURNING id", row => row.Uuid(0), value))
            Tell(tx, ProviderState.GoneOf(gone));
    }

    /// <summary>The provider with its inventories, traits and aggregates.</summary>
    public static ProviderState StateOf(Tx tx, Guid providerId)
    {
        var (generation, root) = tx.One<(long, Guid?)>("SELECT generation, root_id FROM resource_providers WHERE id = $1", row => (row.Long(0), row.Uuid(1)), providerId);
        return new(
            providerId, generation, InventoriesOf(tx, providerId),
            tx.Many("SELECT trait FROM provider_traits WHERE provider_id = $1 ORDER BY trait", row => row.Text(0), providerId))
        {
            Aggregates = tx.Many("SELECT aggregate_id FROM provider_aggregates WHERE provider_id = $1", row => row.Uuid(0), providerId),
            RootId = root,
        };
    }

    private bool EnsureInventories(Tx tx, Guid hostId, HostInventory report)
    {
        var present = InventoriesOf(tx, hostId);
        var changed = false;
        foreach (var wanted in Wanted(report))
            changed |= EnsureInventory(tx, hostId, present.Find(i => i.Class == wanted.Class), wanted, IsRatioForced(wanted.Class));
        return changed;
    }

    private IEnumerable<Inventory> Wanted(HostInventory report)
    {
        // A host that says which processors guests share gives out these, and the dedicated ones once.
        var layout = report.Hardware?.Layout;
        var (shared, dedicated) = layout is { Cells.Count: > 0 } ? (layout.SharedCount, layout.DedicatedCount) : (report.Vcpus, 0);
        if (shared > 0)
            yield return Of("VCPU", shared, options.ReservedHostCpus, options.CpuAllocationRatio ?? options.InitialCpuAllocationRatio);
        if (dedicated > 0)
            yield return Of("PCPU", dedicated, 0, 1);
        if (report.MemoryMb > 0)
            yield return Of("MEMORY_MB", report.MemoryMb, options.ReservedHostMemoryMb, options.RamAllocationRatio ?? options.InitialRamAllocationRatio);
        if (report.DiskGb > 0)
            yield return Of("DISK_GB", report.DiskGb, options.ReservedHostDiskGb, options.DiskAllocationRatio ?? options.InitialDiskAllocationRatio);
    }

    private static Inventory Of(string @class, long total, long reserved, double ratio) =>
        new() { Class = @class, Total = total, Reserved = Math.Min(reserved, total), MaxUnit = total, AllocationRatio = ratio };

    private bool IsRatioForced(string @class) => @class switch
    {
        "VCPU" => options.CpuAllocationRatio is not null,
        "MEMORY_MB" => options.RamAllocationRatio is not null,
        "DISK_GB" => options.DiskAllocationRatio is not null,
        _ => false,
    };

    private static bool EnsureInventory(Tx tx, Guid providerId, Inventory? present, Inventory wanted, bool isRatioForced)
    {
        if (present is null)
            tx.Run(
                """
                INSERT INTO inventories (provider_id, class, total, reserved, min_unit, max_unit, step_size, allocation_ratio, used)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
                """,
                providerId, wanted.Class, wanted.Total, wanted.Reserved, wanted.MinUnit, wanted.MaxUnit, wanted.StepSize, wanted.AllocationRatio);
        else if (present with { Used = 0, AllocationRatio = isRatioForced ? present.AllocationRatio : wanted.AllocationRatio } != wanted)
            tx.Run(
                """
                UPDATE inventories SET total = $3, reserved = $4, min_unit = $5, max_unit = $6, step_size = $7, allocation_ratio = $8
                WHERE provider_id = $1 AND class = $2
                """,
                providerId, wanted.Class, wanted.Total, wanted.Reserved, wanted.MinUnit, wanted.MaxUnit, wanted.StepSize,
                isRatioForced ? wanted.AllocationRatio : present.AllocationRatio);
        else
            return false;

        return true;
    }

    private bool EnsureTraits(Tx tx, Guid hostId, IReadOnlyList<string> wanted)
    {
        var present = tx.Many(
            "SELECT trait, by_host FROM provider_traits WHERE provider_id = $1", row => (Trait: row.Text(0), ByHost: row.Bool(1)), hostId);
        var added = wanted.Except(present.Select(p => p.Trait)).ToList();
        var removed = present.Where(p => p.ByHost).Select(p => p.Trait).Except(wanted).ToList();
        foreach (var trait in added)
        {
            tx.Run("INSERT INTO traits (name, updated_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", trait, Now);
            tx.Run("INSERT INTO provider_traits (provider_id, trait, by_host) VALUES ($1, $2, TRUE)", hostId, trait);
        }

        foreach (var trait in removed)
            tx.Run("DELETE FROM provider_traits WHERE provider_id = $1 AND trait = $2", hostId, trait);
        return added.Count + removed.Count > 0;
    }

    private static List<Inventory> InventoriesOf(Tx tx, Guid providerId) => tx.Many(
        """
        SELECT class, total, reserved, min_unit, max_unit, step_size, allocation_ratio, used
        FROM inventories WHERE provider_id = $1 ORDER BY class
        """,
        row => new Inventory
        {
            Class = row.Text(0),
            Total = row.Long(1),
            Reserved = row.Long(2),
            MinUnit = row.Long(3),
            MaxUnit = row.Long(4),
            StepSize = row.Long(5),
            AllocationRatio = row.Double(6),
            Used = row.Long(7),
        },
        providerId);

    internal void Tell(Tx tx, ProviderState provider)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.ProviderChanged(provider));
        tx.Emit(new("placement.provider", provider.Id.ToString(), null, JsonSerializer.Serialize(provider, FeedJson.Default.ProviderState)));
    }
}
