using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>The rows of providers, inventories and allocations: the only source of truth about capacity.</summary>
public sealed partial class PlacementStore(PlacementOptions options, TimeProvider time, IEnumerable<ICapacityFeed> feeds) : IClaims
{
    // All rows are of the first cell until there is a second database.
    private const long Cell = 0;

    private static readonly ConcurrentDictionary<int, ClaimStatements> Statements = new();

    private readonly ICapacityFeed[] _feeds = [.. feeds];
    private readonly SharedClaims _sharedClaims = new();
    private readonly SharedReleases _sharedReleases = new();

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The consumer holds something else of this provider: release it first.</exception>
    public bool TryClaim(Tx tx, Claim claim)
    {
        if (tx.Assumes && claim.IsWhole)
            return tx.Join(_sharedClaims, JoinedClaim.Of(tx, this, claim));

        var count = claim.Resources.Count;
        var statements = Statements.GetOrAdd(count, ClaimStatements.For);
        var taken = tx.Many(statements.Take, ReadAmount, TakeValues(claim));
        if (taken.Count < count)
            return GiveUp(tx, claim, taken);

        tx.Send(
            """
            INSERT INTO consumers (cell, id, generation, project_id, user_id, type, updated_at) VALUES ($1, $2, 0, $3, $4, 'INSTANCE', $5)
            ON CONFLICT (cell, id) DO UPDATE SET
                generation = consumers.generation + 1, project_id = excluded.project_id, user_id = excluded.user_id, updated_at = excluded.updated_at
            """,
            Cell, claim.ConsumerId, claim.ProjectId, claim.UserId, Now);
        tx.Send(statements.Insert, AllocationValues(claim));
        var generation = tx.One(
            "UPDATE resource_providers SET generation = generation + 1 WHERE id = $1 RETURNING generation", row => row.Long(0), claim.ProviderId);
        Tell(tx, new ProviderUsage(claim.ProviderId, generation, claim.ConsumerId, taken) { Holds = true, ImageProperties = claim.ImageProperties });
        return true;
    }

    /// <inheritdoc />
    public void Release(Tx tx, Guid consumerId)
    {
        if (tx.Assumes)
        {
            tx.Join(_sharedReleases, new(tx, this, consumerId));
            return;
        }

        var changed = tx.Many(
            """
            UPDATE inventories SET used = inventories.used - a.used FROM allocations AS a
            WHERE a.cell = $1 AND a.consumer_id = $2 AND inventories.provider_id = a.provider_id AND inventories.class = a.class
            RETURNING inventories.provider_id, inventories.class, inventories.used
            """,
            row => (Provider: row.Uuid(0), Used: new ResourceAmount(row.Text(1), row.Long(2))), Cell, consumerId);
        if (changed.Count == 0)
            return;

        var generations = tx.Many(
            """
            UPDATE resource_providers SET generation = generation + 1
            WHERE id IN (SELECT provider_id FROM allocations WHERE cell = $1 AND consumer_id = $2)
            RETURNING id, generation
            """,
            row => (Provider: row.Uuid(0), Generation: row.Long(1)), Cell, consumerId);
        tx.Send("DELETE FROM allocations WHERE cell = $1 AND consumer_id = $2", Cell, consumerId);
        tx.Send("DELETE FROM consumers WHERE cell = $1 AND id = $2", Cell, consumerId);
        foreach (var (provider, generation) in generations)
            Tell(tx, new ProviderUsage(provider, generation, consumerId, [.. changed.Where(c => c.Provider == provider).Select(c => c.Used)]) { Holds = false });
    }

    /// <summary>All that a consumer takes who is believed to be new. To be asked only while the unit may assume.</summary>
    internal void Join(Tx tx, Allocations.Consumer consumer, IReadOnlyList<Allocations.Allocation> allocations) =>
        tx.Join(_sharedClaims, new(tx, this, consumer, allocations));

    internal long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    // Some class did not fit, or the claim is held already (then no row matched). What was taken is given back, so that
    // the caller's unit may go on with another host.
    private static bool GiveUp(Tx tx, Claim claim, List<ResourceAmount> taken)
    {
        foreach (var part in taken)
        {
            var amount = claim.Resources.First(r => r.Class == part.Class).Amount;
            tx.Run(
                "UPDATE inventories SET used = used - $3 WHERE provider_id = $1 AND class = $2",
                claim.ProviderId, part.Class, amount);
        }

        return taken.Count == 0 && IsHeld(tx, claim);
    }

    private static bool IsHeld(Tx tx, Claim claim)
    {
        var held = tx.Many(
            "SELECT class, used FROM allocations WHERE cell = $1 AND consumer_id = $2 AND provider_id = $3",
            ReadAmount, Cell, claim.ConsumerId, claim.ProviderId);
        if (held.Count == 0)
            return false;

        return held.Count == claim.Resources.Count && held.All(claim.Resources.Contains)
            ? true
            : throw new InvalidOperationException($"{claim.ConsumerId} holds other amounts of {claim.ProviderId}; release them first.");
    }

    internal void Tell(Tx tx, ProviderUsage usage)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.UsageChanged(usage));
        if (options.ShareUsage)
            tx.Emit(new("placement.usage", usage.ProviderId.ToString(), null, JsonSerializer.Serialize(usage, FeedJson.Default.ProviderUsage)));
    }

    private static ResourceAmount ReadAmount(SqlRow row) => new(row.Text(0), row.Long(1));

    private static SqlValue[] TakeValues(Claim claim)
    {
        var values = new SqlValue[3 + claim.Resources.Count * 2];
        (values[0], values[1], values[2]) = (claim.ProviderId, Cell, claim.ConsumerId);
        for (var i = 0; i < claim.Resources.Count; i++)
            (values[3 + i * 2], values[4 + i * 2]) = (claim.Resources[i].Class, claim.Resources[i].Amount);
        return values;
    }

    private static SqlValue[] AllocationValues(Claim claim)
    {
        var values = new SqlValue[3 + claim.Resources.Count * 2];
        (values[0], values[1], values[2]) = (Cell, claim.ConsumerId, claim.ProviderId);
        for (var i = 0; i < claim.Resources.Count; i++)
            (values[3 + i * 2], values[4 + i * 2]) = (claim.Resources[i].Class, claim.Resources[i].Amount);
        return values;
    }

    /// <summary>The two statements of a claim of n classes; classes and amounts are $4, $5, $6, $7 …</summary>
    private sealed record ClaimStatements(string Take, string Insert)
    {
        public static ClaimStatements For(int classes) => new(
            $"""
            UPDATE inventories SET used = used + CASE class {Join(classes, " ", i => $"WHEN ${i} THEN ${i + 1}")} END
            WHERE provider_id = $1 AND ({Join(classes, " OR ", i =>
                $"(class = ${i} AND used + ${i + 1} <= (total - reserved) * allocation_ratio AND ${i + 1} BETWEEN min_unit AND max_unit AND ${i + 1} % step_size = 0)")})
                AND NOT EXISTS (SELECT 1 FROM allocations WHERE cell = $2 AND consumer_id = $3 AND provider_id = $1)
            RETURNING class, used
            """,
            $"""
            INSERT INTO allocations (cell, consumer_id, provider_id, class, used)
            VALUES {Join(classes, ", ", i => $"($1, $2, $3, ${i}, ${i + 1})")}
            """);

        private static string Join(int classes, string separator, Func<int, FormattableString> part) =>
            new StringBuilder()
                .AppendJoin(separator, Enumerable.Range(0, classes).Select(n => part(4 + n * 2).ToString(CultureInfo.InvariantCulture)))
                .ToString();
    }
}
