using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

// An aggregate of Placement for each host aggregate, with the same id: changed in the transaction that changes the other.
public sealed partial class PlacementStore
{
    /// <summary>The host's provider is in the aggregate, or is not; the generation rises when that is new.</summary>
    public void SetAggregate(Tx tx, Guid providerId, Guid aggregateId, bool isMember)
    {
        var changed = isMember
            ? tx.Run(
                """
                INSERT INTO provider_aggregates (provider_id, aggregate_id)
                SELECT id, $2 FROM resource_providers WHERE id = $1
                ON CONFLICT (provider_id, aggregate_id) DO NOTHING
                """,
                providerId, aggregateId)
            : tx.Run("DELETE FROM provider_aggregates WHERE provider_id = $1 AND aggregate_id = $2", providerId, aggregateId);
        if (changed == 0)
            return;

        tx.Run("UPDATE resource_providers SET generation = generation + 1, updated_at = $2 WHERE id = $1", providerId, Now);
        Tell(tx, StateOf(tx, providerId));
    }
}
