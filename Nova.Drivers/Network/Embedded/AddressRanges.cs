using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>
/// The free addresses of a subnet, kept as ranges: taking one and giving it back cost O(log n), however large the subnet.
/// Two ranges that touch are merged when an address returns between them. Under concurrent writers two ranges may stay
/// unmerged, which costs a row and nothing else.
/// </summary>
internal static class AddressRanges
{
    private const int Attempts = 5;

    /// <summary>Takes a free address of the last range; null when there is none.</summary>
    /// <remarks>The last range, because small gaps then heal before they are used, and a returned address rests a while.</remarks>
    public static long? Take(Tx tx, Guid subnetId)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var taken = tx.One<OffsetRange?>(
                """
                UPDATE address_ranges SET low = low + 1
                WHERE subnet_id = $1 AND high = (SELECT max(high) FROM address_ranges WHERE subnet_id = $1)
                RETURNING low - 1, high
                """,
                row => new(row.Long(0), row.Long(1)),
                subnetId);
            if (taken is { } range)
            {
                if (range.Low == range.High)
                    Remove(tx, subnetId, range.High);
                return range.Low;
            }

            // Another writer may have used the last range up while this one waited for it: look again, unless all is gone.
            if (tx.One("SELECT count(*) FROM address_ranges WHERE subnet_id = $1", row => row.Long(0), subnetId) == 0)
                return null;
        }

        return null;
    }

    /// <summary>Takes this very address out of the free ranges; false when it was not free.</summary>
    public static bool TakeExactly(Tx tx, Guid subnetId, long offset)
    {
        var found = tx.One<OffsetRange?>(
            """
            DELETE FROM address_ranges
            WHERE subnet_id = $1 AND low <= $2 AND high = (SELECT min(high) FROM address_ranges WHERE subnet_id = $1 AND high >= $2)
            RETURNING low, high
            """,
            row => new(row.Long(0), row.Long(1)),
            subnetId,
            offset);
        if (found is not { } range)
            return false;

        if (range.Low < offset)
            Insert(tx, subnetId, range.Low, offset - 1);
        if (offset < range.High)
            Insert(tx, subnetId, offset + 1, range.High);
        return true;
    }

    /// <summary>Gives an address back, merging it with the free ranges on both sides. Two statements.</summary>
    public static void Give(Tx tx, Guid subnetId, long offset)
    {
        var neighbours = tx.Many<OffsetRange>(
            """
            DELETE FROM address_ranges
            WHERE subnet_id = $1
                AND high IN ($2 - 1, (SELECT min(high) FROM address_ranges WHERE subnet_id = $1 AND high > $2))
                AND (high = $2 - 1 OR low = $2 + 1)
            RETURNING low, high
            """,
            row => new(row.Long(0), row.Long(1)),
            subnetId,
            offset);
        var (low, high) = (offset, offset);
        foreach (var range in neighbours)
            (low, high) = (Math.Min(low, range.Low), Math.Max(high, range.High));
        Insert(tx, subnetId, low, high);
    }

    /// <summary>Replaces all free ranges by the pools without the addresses in use; for a subnet whose pools changed.</summary>
    public static void Rebuild(Tx tx, Guid subnetId, IEnumerable<OffsetRange> pools, IEnumerable<long> used)
    {
        tx.Run("DELETE FROM address_ranges WHERE subnet_id = $1", subnetId);
        foreach (var range in Free(pools, used))
            Insert(tx, subnetId, range.Low, range.High);
    }

    /// <summary>The pools without the addresses in use.</summary>
    public static IEnumerable<OffsetRange> Free(IEnumerable<OffsetRange> pools, IEnumerable<long> used)
    {
        long[] taken = [.. used.Distinct().Order()];
        foreach (var pool in pools)
        {
            var low = pool.Low;
            foreach (var offset in taken.Where(o => pool.Low <= o && o <= pool.High))
            {
                if (low < offset)
                    yield return new(low, offset - 1);
                low = offset + 1;
            }

            if (low <= pool.High)
                yield return new(low, pool.High);
        }
    }

    private static void Insert(Tx tx, Guid subnetId, long low, long high) =>
        tx.Send("INSERT INTO address_ranges (subnet_id, low, high) VALUES ($1, $2, $3)", subnetId, low, high);

    private static void Remove(Tx tx, Guid subnetId, long high) =>
        tx.Send("DELETE FROM address_ranges WHERE subnet_id = $1 AND high = $2 AND low > high", subnetId, high);
}
