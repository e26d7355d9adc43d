namespace Nova.Modules.Shared.Database;

/// <summary>Removing many rows without holding up the writer: a slice is a unit of its own, and others come between.</summary>
public static class Purge
{
    /// <summary>The most rows that a slice touches.</summary>
    public const int SliceRows = 200;

    /// <summary>Repeats a slice until it removes fewer rows than it may.</summary>
    /// <param name="database">Where.</param>
    /// <param name="slice">Removes at most <see cref="SliceRows"/> rows and returns how many.</param>
    /// <param name="ct">Looked at between slices.</param>
    /// <returns>How many rows went.</returns>
    public static async Task<long> InSlices(this Database database, Func<Tx, int> slice, CancellationToken ct)
    {
        long total = 0;
        int count;
        do
        {
            count = await database.Write(slice, ct);
            total += count;
        }
        while (count >= SliceRows);
        return total;
    }
}
