using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>A claim of a new consumer, made by a unit.</summary>
internal readonly record struct JoinedClaim(Tx Unit, PlacementStore Store, Claim Claim);

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
        List<SqlValue[]> wanted = [.. SharedCapacity.PerClass(items.SelectMany(Parts)).Select(p => (SqlValue[])[p.ProviderId, p.Class, p.Sum, p.Least, p.Most, p.Divisor])];
        var used = Take.Many(tx, wanted, row => (Provider: row.Uuid(0), Class: row.Text(1), Used: row.Long(2)));
        if (used.Count < wanted.Count
            || !Consumers.Changes(tx, [.. items.Select(i => (SqlValue[])[Cell, i.Claim.ConsumerId, 0, i.Claim.ProjectId, i.Claim.UserId, "INSTANCE", now])])
            || !Allocations.Changes(tx, [.. items.SelectMany(i => i.Claim.Resources.Select(r => (SqlValue[])[Cell, i.Claim.ConsumerId, i.Claim.ProviderId, r.Class, r.Amount]))]))
            return false;

        SharedCapacity.Raise(
            tx, used.ToDictionary(u => (u.Provider, u.Class), u => u.Used),
            [.. items.Select(i => new CapacityChange(i.Unit, i.Store, i.Claim.ProviderId, i.Claim.ConsumerId, i.Claim.Resources) { Holds = true, ImageProperties = i.Claim.ImageProperties })]);
        return true;
    }

    private static IEnumerable<(Guid ProviderId, string Class, long Amount)> Parts(JoinedClaim item) =>
        item.Claim.Resources.Select(r => (item.Claim.ProviderId, r.Class, r.Amount));
}

/// <summary>A consumer of which a unit gives back everything.</summary>
internal readonly record struct JoinedRelease(Tx Unit, PlacementStore Store, Guid ConsumerId);

/// <summary>What the units of a batch give back, together.</summary>
internal sealed class SharedReleases : SharedWork<JoinedRelease>
{
    private const long Cell = 0;

    private static readonly SizedStatement Allocations = new(count =>
        $"DELETE FROM allocations WHERE cell = $1 AND consumer_id IN {Bulk.List(2, count)} RETURNING consumer_id, provider_id, class, used");

    private static readonly SizedStatement Consumers = new(count => $"DELETE FROM consumers WHERE cell = $1 AND id IN {Bulk.List(2, count)}");

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
        SqlValue[] ids = [.. items.Select(i => i.ConsumerId).Distinct().Order().Select(id => (SqlValue)id)];
        var held = Bulk.Many(tx, Allocations, ids, row => (Consumer: row.Uuid(0), Provider: row.Uuid(1), Class: row.Text(2), Used: row.Long(3)), Cell);
        if (held.Count == 0)
            return true;

        var used = Give.Many(
            tx,
            [.. SharedCapacity.PerClass(held.Select(h => (h.Provider, h.Class, h.Used))).Select(p => (SqlValue[])[p.ProviderId, p.Class, p.Sum])],
            row => (Provider: row.Uuid(0), Class: row.Text(1), Used: row.Long(2)));
        Bulk.Run(tx, Consumers, ids, Cell);
        var ofConsumer = held.ToLookup(h => h.Consumer);
        SharedCapacity.Raise(
            tx, used.ToDictionary(u => (u.Provider, u.Class), u => u.Used),
            [
                .. items.DistinctBy(i => i.ConsumerId).SelectMany(i => ofConsumer[i.ConsumerId].GroupBy(h => h.Provider).Select(p =>
                    new CapacityChange(i.Unit, i.Store, p.Key, i.ConsumerId, [.. p.Select(h => new ResourceAmount(h.Class, -h.Used))]) { Holds = false })),
            ]);
        return true;
    }
}
