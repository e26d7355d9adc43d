using Nova.Modules.Scheduling;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.AvailabilityZones;

/// <summary>
/// The zone of each host, kept in its row: that of the host aggregate that has one, else the configured default. A host is
/// in at most one aggregate with a zone, which the rules of aggregates see to.
/// </summary>
public sealed class HostZones(Database database, HostStates states, ZoneOptions options)
{
    private const string OfAggregates =
        """
        (SELECT a.zone FROM aggregates a JOIN aggregate_hosts m ON m.aggregate_id = a.id
         WHERE m.host_id = hosts.id AND a.zone IS NOT NULL ORDER BY a.number LIMIT 1)
        """;

    /// <summary>The zone of hosts that no aggregate puts into one.</summary>
    public string Default => options.Default;

    /// <summary>The aggregates of a host have changed in this unit.</summary>
    public void Settle(Tx tx, Guid hostId)
    {
        tx.Execute($"UPDATE hosts SET zone = COALESCE({OfAggregates}, @Default) WHERE id = @hostId", new { Default, hostId });
        states.Changed(tx, hostId);
    }

    /// <summary>The zone of an aggregate has changed in this unit.</summary>
    public void SettleInAggregate(Tx tx, Guid aggregateId)
    {
        tx.Execute(
            $"""
            UPDATE hosts SET zone = COALESCE({OfAggregates}, @Default)
            WHERE id IN (SELECT host_id FROM aggregate_hosts WHERE aggregate_id = @aggregateId)
            """, new { Default, aggregateId });
        states.ChangedInAggregate(tx, aggregateId);
    }

    /// <summary>The default may be another one than at the last start: hosts without a zone of their own, and their servers, follow it.</summary>
    public Task SettleDefault(CancellationToken ct) => database.Write(
        tx =>
        {
            const string moved = "cell = 0 AND zone <> @Default AND NOT EXISTS " + OfAggregates;
            tx.Execute($"UPDATE servers SET zone = @Default WHERE deleted_at IS NULL AND host_id IN (SELECT id FROM hosts WHERE {moved})", new { Default });
            if (tx.Execute($"UPDATE hosts SET zone = @Default WHERE {moved}", new { Default }) > 0)
                states.ChangedInZone(tx, Default);
        },
        ct);
}
