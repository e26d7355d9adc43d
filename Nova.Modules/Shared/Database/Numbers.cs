namespace Nova.Modules.Shared.Database;

/// <summary>Public integers that clients expect beside UUIDs, given out in order per kind: the table <c>numbers</c>.</summary>
public static class Numbers
{
    /// <summary>The first of <paramref name="count"/> numbers that are now the caller's; the first of all is 1.</summary>
    public static long Take(Tx tx, string kind, int count = 1) => tx.One(
        """
        INSERT INTO numbers (kind, next) VALUES ($1, $2 + 1)
        ON CONFLICT (kind) DO UPDATE SET next = numbers.next + $2
        RETURNING next
        """,
        row => row.Long(0), kind, count) - count;
}
