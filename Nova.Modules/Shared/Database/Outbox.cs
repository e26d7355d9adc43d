using System.Globalization;

namespace Nova.Modules.Shared.Database;

/// <summary>The <c>events</c> table: what pictures, watchers and notifications read. Written only by the writers.</summary>
public static class Outbox
{
    private static readonly SharedInsert Rows = new("events (kind, subject, project_id, body, created_at)", 5);

    /// <summary>Inserts the events of a whole batch with as few statements as possible, in order.</summary>
    /// <param name="tx">The transaction of the changes that they tell of.</param>
    /// <param name="events">At most a batch's.</param>
    /// <param name="now">Milliseconds since 1970 UTC; when they may be purged is counted from it.</param>
    public static void Insert(Tx tx, IEnumerable<EventRow> events, long now) =>
        Rows.TryRun(tx, [.. events.Select(row => (SqlValue[])[row.Kind, row.Subject, row.ProjectId, row.Body, now])]);

    /// <summary>
    /// The events after a position, oldest first. On PostgreSQL it stops before the oldest transaction that is still open:
    /// numbers are given before the commit, so that a lower one may yet appear behind a higher one.
    /// </summary>
    /// <param name="rows">A read of one snapshot.</param>
    /// <param name="after">The last event that was seen; <see cref="EventPosition.Beginning"/> for all that are kept.</param>
    /// <param name="limit">At most so many.</param>
    public static Task<List<StoredEvent>> ReadAfter(Rows rows, EventPosition after, int limit) => rows.Dialect.Name == "sqlite"
        ? rows.Many(
            """
            SELECT 0, id, kind, subject, project_id, body, created_at
            FROM events
            WHERE id > $1
            ORDER BY id
            LIMIT $2
            """,
            StoredEvent.Of, after.Id, limit)
        : rows.Many(
            """
            SELECT CAST(CAST(xid AS text) AS bigint), id, kind, subject, project_id, body, created_at
            FROM events
            WHERE (xid, id) > (CAST(CAST(CAST($1 AS bigint) AS text) AS xid8), $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
            ORDER BY xid, id
            LIMIT $3
            """,
            StoredEvent.Of, after.Xid, after.Id, limit);

    /// <summary>The position after everything that can be read now: for who wants only what comes.</summary>
    public static async Task<EventPosition> End(Rows rows) => rows.Dialect.Name == "sqlite"
        ? await rows.One("SELECT COALESCE(MAX(id), 0) FROM events", row => new EventPosition(0, row.Long(0)))
        : await rows.One(
            "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) - 1",
            row => new EventPosition(row.Long(0), long.MaxValue));

    /// <summary>
    /// Removes the oldest events that were written before a time; one slice of at most <see cref="Purge.SliceRows"/> rows.
    /// Looks at the oldest rows alone, because later ones are younger.
    /// </summary>
    /// <returns>How many rows went.</returns>
    public static int RemoveBefore(Tx tx, long time) => tx.Run(
        """
        DELETE FROM events
        WHERE id IN (SELECT id FROM (SELECT id, created_at FROM events ORDER BY id LIMIT $2) AS oldest WHERE created_at < $1)
        """,
        time, Purge.SliceRows);
}

/// <summary>Where a reader of the events stands. Its text form goes to clients, who give it back unread.</summary>
/// <param name="Xid">The transaction on PostgreSQL; 0 on SQLite.</param>
/// <param name="Id">The number of the event.</param>
public readonly record struct EventPosition(long Xid, long Id)
{
    /// <summary>Before the first event.</summary>
    public static readonly EventPosition Beginning = default;

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(string text, out EventPosition position)
    {
        position = default;
        if (text.Split('.') is not [var xid, var id]
            || !long.TryParse(xid, NumberStyles.None, CultureInfo.InvariantCulture, out var x)
            || !long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var i))
            return false;

        position = new(x, i);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Xid}.{Id}");
}

/// <summary>An event as it was written.</summary>
/// <param name="Position">Where to go on after it.</param>
/// <param name="Row">What happened.</param>
/// <param name="CreatedAt">When, in milliseconds since 1970 UTC.</param>
public sealed record StoredEvent(EventPosition Position, EventRow Row, long CreatedAt)
{
    internal static StoredEvent Of(SqlRow row) =>
        new(new(row.Long(0), row.Long(1)), new(row.Text(2), row.Text(3), row.TextOrNull(4), row.Text(5)), row.Long(6));
}
