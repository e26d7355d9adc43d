using Nova.Modules.Placement;
using Nova.Modules.Placement.ResourceClasses;
using Nova.Modules.Shared.Database;

namespace Nova.Tests.Placement.Candidates;

/// <summary>Writes whole trees of providers at once.</summary>
internal static class ProviderSeed
{
    /// <summary>Inserts providers that stand in the order of a walk from the roots down.</summary>
    public static void Insert(Tx tx, IEnumerable<ModelProvider> providers)
    {
        foreach (var provider in providers)
        {
            tx.Run(
                "INSERT INTO resource_providers (id, name, generation, parent_id, root_id, created_at, updated_at) VALUES ($1, $2, 0, $3, $4, 0, 0)",
                provider.Id, provider.Id.ToString(), provider.Parent, provider.Root);
            foreach (var inventory in provider.Inventories)
                Insert(tx, provider.Id, inventory);
            foreach (var trait in provider.Traits)
            {
                tx.Run("INSERT INTO traits (name, updated_at) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING", trait);
                tx.Run("INSERT INTO provider_traits (provider_id, trait, by_host) VALUES ($1, $2, FALSE)", provider.Id, trait);
            }

            foreach (var aggregate in provider.Aggregates)
                tx.Run("INSERT INTO provider_aggregates (provider_id, aggregate_id) VALUES ($1, $2)", provider.Id, aggregate);
        }
    }

    private static void Insert(Tx tx, Guid provider, Inventory inventory)
    {
        if (!StandardClasses.Contains(inventory.Class))
            tx.Run("INSERT INTO resource_classes (name, created_at, updated_at) VALUES ($1, 0, 0) ON CONFLICT (name) DO NOTHING", inventory.Class);
        tx.Run(
            """
            INSERT INTO inventories (provider_id, class, total, reserved, min_unit, max_unit, step_size, allocation_ratio, used)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            provider, inventory.Class, inventory.Total, inventory.Reserved, inventory.MinUnit, inventory.MaxUnit, inventory.StepSize, inventory.AllocationRatio, inventory.Used);
    }
}
