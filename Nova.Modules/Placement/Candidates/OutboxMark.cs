using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Candidates;

/// <summary>
/// Up to where changes of capacity were seen: PostgreSQL's snapshot of that moment. Numbers of events are not in the order of
/// the commits; what a later reading has to look at is exactly what was invisible to that snapshot: transactions that had
/// not begun, and those that were open.
/// </summary>
/// <param name="Snapshot">As <c>pg_current_snapshot()</c> writes it; null before the first reading.</param>
internal readonly record struct OutboxMark(string? Snapshot)
{
    /// <summary>The providers that were changed since a mark.</summary>
    /// <param name="rows">A read of one snapshot.</param>
    /// <param name="since">The mark of the last reading.</param>
    /// <param name="limit">So many changes are looked at.</param>
    public static async Task<News> Read(Rows rows, OutboxMark since, int limit)
    {
        if (since.Snapshot is null)
            return new(new(await rows.One("SELECT CAST(pg_current_snapshot() AS text)", row => row.Text(0))), [], IsTooMuch: true);

        var found = await rows.Many(
            """
            SELECT TRUE, CAST(pg_current_snapshot() AS text)
            UNION ALL
            (SELECT FALSE, subject FROM events
            WHERE xid >= pg_snapshot_xmax(CAST($1 AS pg_snapshot)) AND kind IN ('placement.provider', 'placement.usage')
            LIMIT $2)
            UNION ALL
            (SELECT FALSE, e.subject FROM pg_snapshot_xip(CAST($1 AS pg_snapshot)) AS unfinished (xid) JOIN events e ON e.xid = unfinished.xid
            WHERE e.kind IN ('placement.provider', 'placement.usage')
            LIMIT $2)
            """,
            row => (IsMark: row.Bool(0), Text: row.Text(1)), since.Snapshot, limit);
        return new(
            new(found.Find(row => row.IsMark).Text), [.. found.Where(row => !row.IsMark).Select(row => Guid.Parse(row.Text))], found.Count > limit);
    }
}

/// <summary>What was found out about changes.</summary>
/// <param name="Mark">Up to where.</param>
/// <param name="Providers">The providers that were changed.</param>
/// <param name="IsTooMuch">True when there may be more.</param>
internal sealed record News(OutboxMark Mark, HashSet<Guid> Providers, bool IsTooMuch);
