using Nova.Modules.Placement.Allocations;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>All that a new consumer takes, in one unit.</summary>
internal sealed record JoinedClaim(Tx Unit, PlacementStore Store, Consumer Consumer, IReadOnlyList<Allocation> Allocations)
{
    /// <summary>True when the consumer is a server that comes to the host by this; null when that is not known.</summary>
    public bool? Holds { get; init; }

    /// <summary>The properties of the server's image; null for none.</summary>
    public IReadOnlyDictionary<string, string>? ImageProperties { get; init; }

    /// <summary>A server's claim.</summary>
    public static JoinedClaim Of(Tx unit, PlacementStore store, Claim claim) => new(
        unit, store, new(claim.ConsumerId, 0, claim.ProjectId, claim.UserId, "INSTANCE"),
        [.. claim.Resources.Select(r => new Allocation(claim.ConsumerId, claim.ProviderId, r.Class, r.Amount))])
    {
        Holds = true, ImageProperties = claim.ImageProperties,
    };
}

/// <summary>
/// The claims that the units of a batch make, taken together: each class of each provider is changed once, by the sum. The sum
/// fits exactly when the claims fit one after another, since each takes something.
/// </summary>
internal sealed class SharedClaims : SharedWork<JoinedClaim>
{
    // All rows are of the first cell until there is a second database.
    private const long Cell = 0;

    // A step divides every amount exactly when it divides their greatest common divisor (column6).
    private static readonly RowsStatement Take = new(
        """
        UPDATE inventories SET used = inventories.used + v.column3 FROM {rows}
        WHERE inventories.provider_id = v.column1 AND inventories.class = v.column2
            AND inventories.used + v.column3 <= (inventories.total - inventories.reserved) * inventories.allocation_ratio
            AND v.column4 >= inventories.min_unit AND v.column5 <= inventories.max_unit AND v.column6 % inventories.step_size = 0
        RETURNING provider_id, class, used
        """, 6);

    private static readonly RowsStatement Consumers = RowsStatement.Insert(
        "consumers (cell, id, generation, project_id, user_id, type, updated_at)", 7, "ON CONFLICT DO NOTHING");

    private static readonly RowsStatement Allocations = RowsStatement.Insert(
        "allocations (cell, consumer_id, provider_id, class, used)", 5, "ON CONFLICT DO NOTHING");

    public override int Place => SharedPlaces.Claims;

    public override IReadOnlyList<string> Tables { get; } = SharedCapacity.Tables;

    public override bool TryRun(Tx tx, IReadOnlyList<JoinedClaim> items)
    {
        var now = items[0].Store.Now;
        List<SqlValue[]> wanted = [.. SharedCapacity.PerClass(items.SelectMany(i => i.Allocations)).Select(p => (SqlValue[])[p.ProviderId, p.Class, p.Sum, p.Least, p.Most, p.Divisor])];
        var used = Take.Many(tx, wanted, row => (Provider: row.Uuid(0), Class: row.Text(1), Used: row.Long(2)));
        if (used.Count < wanted.Count
            || !Consumers.Changes(tx, [.. items.Select(i => (SqlValue[])[Cell, i.Consumer.Id, i.Consumer.Generation, i.Consumer.ProjectId, i.Consumer.UserId, i.Consumer.Type, now])])
            || !Allocations.Changes(tx, [.. items.SelectMany(i => i.Allocations).Select(a => (SqlValue[])[Cell, a.ConsumerId, a.ProviderId, a.Class, a.Used])]))
            return false;

        SharedCapacity.Raise(
            tx, used.ToDictionary(u => (u.Provider, u.Class), u => u.Used),
            [
                .. items.SelectMany(i => i.Allocations.GroupBy(a => a.ProviderId).Select(p =>
                    new CapacityChange(i.Unit, i.Store, p.Key, i.Consumer.Id, [.. p.Select(a => new ResourceAmount(a.Class, a.Used))])
                    {
                        Holds = i.Holds, ImageProperties = i.ImageProperties,
                    })),
            ]);
        return true;
    }
}

/// <summary>A consumer of which a unit gives back everything.</summary>
internal readonly record struct JoinedRelease(Tx Unit, PlacementStore Store, Guid ConsumerId);

/// <summary>What the units of a batch give back, together.</summary>
internal sealed class SharedReleases : SharedWork<JoinedRelease>
{
    private const long Cell = 0;

    private static readonly RowsStatement Allocations = new(
        """
        DELETE FROM allocations WHERE (cell, consumer_id) IN (SELECT v.column1, v.column2 FROM {rows})
        RETURNING consumer_id, provider_id, class, used
        """, 2);

    private static readonly RowsStatement Consumers = new("DELETE FROM consumers WHERE (cell, id) IN (SELECT v.column1, v.column2 FROM {rows})", 2);

    private static readonly RowsStatement Give = new(
        """
        UPDATE inventories SET used = inventories.used - v.column3 FROM {rows}
        WHERE inventories.provider_id = v.column1 AND inventories.class = v.column2
        RETURNING provider_id, class, used
        """, 3);

    public override int Place => SharedPlaces.Releases;

    public override IReadOnlyList<string> Tables { get; } = SharedCapacity.Tables;

    public override bool TryRun(Tx tx, IReadOnlyList<JoinedRelease> items)
    {
        List<SqlValue[]> ids = [.. items.Select(i => i.ConsumerId).Distinct().Order().Select(id => (SqlValue[])[Cell, id])];
        var held = Allocations.Many(tx, ids, row => new Allocation(row.Uuid(0), row.Uuid(1), row.Text(2), row.Long(3)));
        if (held.Count == 0)
            return true;

        var used = Give.Many(
            tx,
            [.. SharedCapacity.PerClass(held).Select(p => (SqlValue[])[p.ProviderId, p.Class, p.Sum])],
            row => (Provider: row.Uuid(0), Class: row.Text(1), Used: row.Long(2)));
        Consumers.Send(tx, ids);
        var ofConsumer = held.ToLookup(h => h.ConsumerId);
        SharedCapacity.Raise(
            tx, used.ToDictionary(u => (u.Provider, u.Class), u => u.Used),
            [
                .. items.DistinctBy(i => i.ConsumerId).SelectMany(i => ofConsumer[i.ConsumerId].GroupBy(h => h.ProviderId).Select(p =>
                    new CapacityChange(i.Unit, i.Store, p.Key, i.ConsumerId, [.. p.Select(h => new ResourceAmount(h.Class, -h.Used))]) { Holds = false })),
            ]);
        return true;
    }
}
