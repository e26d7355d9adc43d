namespace Nova.Modules.Shared.Database;

/// <summary>An INSERT that the units of a batch do together: one statement for many rows.</summary>
public sealed class SharedInsert : SharedWork<SqlValue[]>
{
    private readonly RowsStatement _statement;

    /// <summary>Rows of a table.</summary>
    /// <param name="into">The table and its columns: <c>events (kind, subject)</c>.</param>
    /// <param name="columns">How many columns those are.</param>
    /// <param name="place">When it is done among other shared work.</param>
    /// <param name="mayConflict">A row whose key is taken is left out, which shows in the answer; otherwise it is a refusal of the database.</param>
    public SharedInsert(string into, int columns, int place = SharedPlaces.NewRows, bool mayConflict = false)
    {
        (Place, Tables) = (place, [into[..into.IndexOf(' ', StringComparison.Ordinal)]]);
        _statement = RowsStatement.Insert(into, columns, mayConflict ? "ON CONFLICT DO NOTHING" : "");
    }

    /// <inheritdoc />
    public override int Place { get; }

    /// <inheritdoc />
    public override IReadOnlyList<string> Tables { get; }

    /// <inheritdoc />
    public override bool TryRun(Tx tx, IReadOnlyList<SqlValue[]> items) => _statement.Changes(tx, items);

    /// <summary>Inserts what the units of a batch appended.</summary>
    public static void WriteAll(Tx tx, IEnumerable<SharedRow> rows)
    {
        foreach (var group in rows.GroupBy(row => row.Insert))
            group.Key.TryRun(tx, [.. group.Select(row => row.Values)]);
    }
}

/// <summary>A row of a shared INSERT.</summary>
/// <param name="Insert">Into what.</param>
/// <param name="Values">One per column.</param>
public readonly record struct SharedRow(SharedInsert Insert, SqlValue[] Values);
